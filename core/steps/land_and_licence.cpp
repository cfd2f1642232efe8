#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/steps/family.h"
#include "core/steps/identifiers.h"

namespace datong::steps {
namespace {

/// What check_real_estate_unit was told. Layout: division 6, cadastral area 3, sub-area 3, ownership and
/// right 2, sequence 5, kind of fixture 1, fixture 8. Source: GB/T 37346-2019, 不动产单元设定与代码编制规则.
struct UnitRule {
    bool legacy26;
    Divisions divisions;
    std::shared_ptr<const Table> pairs;  ///< allowed pairs of ownership and right; ours when there is none
    Pattern legacy_form;

    [[nodiscard]] bool is_pair(const std::string& pair, const Moment& moment) const {
        if (pairs != nullptr) {
            return pairs->find(pair, moment.at.date) != nullptr;
        }
        constexpr std::string_view kRights = "ABCDEFGHLNSWXY";
        constexpr std::string_view kCollectiveOnly = "AC";
        return kRights.find(pair[1]) != std::string_view::npos &&
               (kCollectiveOnly.find(pair[1]) == std::string_view::npos || pair[0] == 'J');
    }

    [[nodiscard]] std::optional<Refusal> operator()(const std::string& code, const Moment& moment, Warnings&) const {
        const bool old = legacy26 && code.size() == 26;
        if (old && !legacy_form.matches_whole(code)) {
            return refusal_of("unit.format", "不动产单元代码的字符不合规定",
                              "a real-estate unit code of another layout");
        }
        if (auto mistake = old ? std::nullopt : unit_layout_mistake(code)) {
            return mistake;
        }
        if (!divisions.was_ever(code.substr(0, 6))) {
            return refusal_of("unit.division", "不动产单元代码中的行政区划不存在", "no such division in the unit code");
        }
        if (old) {
            return std::nullopt;
        }
        if (!is_pair(code.substr(12, 2), moment)) {
            return refusal_of("unit.pair", "所有权类型与权利特征码不能同时出现",
                              "ownership and right don't go together");
        }
        if (code[19] == 'W' && code.substr(20) != "00000000") {
            return refusal_of("unit.none", "无定着物时末8位应为0", "without a fixture the last 8 digits are 0");
        }
        return std::nullopt;
    }
};

StepPtr make_check_real_estate_unit(Arguments& arguments, const Surroundings& around) {
    auto legacy = Pattern::compile("[0-9]{12}[0-9A-Z]{14}");
    if (!legacy) {
        return nullptr;
    }
    return moment_check(UnitRule{arguments.choice("legacy26") == "accept", divisions_of(arguments, around),
                                 arguments.table_file("pairs", around), std::move(*legacy)});
}

/// What an electronic licence's identifier says about whom: its social credit codes and their divisions.
struct CertificateRule {
    Divisions divisions;

    [[nodiscard]] std::optional<Refusal> inner_mistake(const std::string& uscc) const {
        if (uscc_mistake(uscc)) {
            return refusal_of("certificate.uscc", "电子证照标识中的统一社会信用代码有误",
                              "a social credit code in the certificate's identifier is wrong");
        }
        if (!divisions.may_hold_organisation(uscc.substr(2, 6))) {
            return refusal_of("certificate.division", "电子证照标识中的行政区划不存在",
                              "no such division in the certificate's identifier");
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Refusal> operator()(const std::string& id, const Moment&, Warnings& warnings) const {
        if (auto mistake = licence_id_mistake(id)) {
            return mistake;
        }
        const std::vector<std::string_view> parts = split(id, '.');
        constexpr std::size_t kUscc = 18;
        constexpr std::size_t kType = 21;
        const std::string type{parts[5]};
        const std::string issuer{parts[6]};
        if (type.size() != kType || issuer.size() != kUscc) {  // live identifiers with a division as issuer exist
            warnings.push_back({"certificate.length", "证照类型代码应为21位，颁发机构代码应为18位",
                                "a type has 21 characters and an issuer 18"});
        }
        auto mistake = type.size() >= kUscc ? inner_mistake(type.substr(0, kUscc)) : std::nullopt;
        return !mistake && issuer.size() == kUscc ? inner_mistake(issuer) : mistake;
    }
};

StepPtr make_check_certificate_id(Arguments& arguments, const Surroundings& around) {
    return moment_check(CertificateRule{registering_divisions_of(arguments, around)});
}

/// Four cities have no counties: their own code stands where a county's is asked.
bool is_county_level(std::string_view code) {
    constexpr std::array<std::string_view, 4> kCitiesWithoutCounties{"441900", "442000", "460400", "620200"};
    return !code.ends_with("00") || std::find(kCitiesWithoutCounties.begin(), kCitiesWithoutCounties.end(), code) !=
                                        kCitiesWithoutCounties.end();
}

bool is_of_level(std::string_view code, const std::string& level) {
    if (level == "province") {
        return code.ends_with("0000");
    }
    if (level == "city") {
        return code.ends_with("00") && !code.ends_with("0000");
    }
    return level == "any" || is_county_level(code);
}

/// What check_admin_division was told.
struct DivisionRule {
    std::string level;
    bool ever;
    std::optional<record::Date> at;
    Divisions divisions;

    [[nodiscard]] std::optional<Refusal> operator()(const std::string& code, const Moment& moment, Warnings&) const {
        const bool digits = std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (code.size() != 6 || !digits) {
            return refusal_of("division.format", "行政区划代码应为6位数字", "a division code has 6 digits");
        }
        const bool known = ever ? divisions.was_ever(code) : divisions.is_valid(code, at.value_or(moment.at.date));
        if (!known) {
            return refusal_of("division.unknown", "没有该行政区划代码", "no such division code");
        }
        if (!is_of_level(code, level)) {
            return refusal_of("division.level", "行政区划的级别不符", "a division of another level");
        }
        return std::nullopt;
    }
};

StepPtr make_check_admin_division(Arguments& arguments, const Surroundings& around) {
    const std::string at = arguments.text("at");
    const bool by_date = at != "today" && at != "any";
    return moment_check(DivisionRule{arguments.choice("level"), at == "any",
                                     by_date ? arguments.date("at") : std::nullopt, divisions_of(arguments, around)});
}

Entry check_real_estate_unit_entry() {
    return with_maker(
        with(identifier_entry("check_real_estate_unit", Type::text,
                              {"unit.length", "unit.format", "unit.division", "unit.pair", "unit.none"},
                              {"A real-estate unit code (GB/T 37346); remove_space before for its display form.",
                               "不动产单元代码（GB/T 37346），带空格的先用 remove_space"}),
             {{.name = "legacy26",
               .kind = "choice",
               .otherwise = "reject",
               .help_en = "old numbers of 26",
               .help_zh = "26位旧号",
               .choices = {"reject", "accept"}},
              {.name = "pairs",
               .kind = "file",
               .help_en = "CSV below mappings/ with the allowed pairs (GB, JC ...) in 'from'",
               .help_zh = "mappings/ 下的 CSV，from 列为允许的所有权与权利特征组合（GB、JC 等）"},
              division_table_parameter()},
             {{"999901001001GB00001F00010001", "", "999901001001GB00001F00010001"},
              {"999901001001GB00001X00010001", "", "!unit.format"},
              {"999901001001GB00001F0001000", "", "!unit.length"},
              {"999901001001GC00001F00010001", "", "!unit.pair"},
              {"999901001001GB00001W00010001", "", "!unit.none"},
              {"990001001001GB00001F00010001", "", "!unit.division"},
              {"99990100100100001F00010001", "{legacy26: accept}", "99990100100100001F00010001"}}),
        make_check_real_estate_unit);
}

Entry check_certificate_id_entry() {
    return with_maker(
        with(
            identifier_entry(
                "check_certificate_id", Type::text,
                {"certificate.format", "certificate.checksum", "certificate.uscc", "certificate.division",
                 "certificate.length"},
                {"An electronic licence's identifier (GB/T 36904); lengths other than 21 and 18 only warn.",
                 "电子证照标识（GB/T 36904），长度不符只告警"}),
            {registering_table_parameter()},
            {{"1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.R", "",
              "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.R"},
             {"1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.S", "", "!certificate.checksum"},
             {"1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.1.R", "", "!certificate.format"}}),
        make_check_certificate_id);
}

Entry check_admin_division_entry() {
    return with_maker(
        with(identifier_entry(
                 "check_admin_division", Type::text, {"division.format", "division.unknown", "division.level"},
                 {"A division code (GB/T 2260). The list of counties comes as a code table; without one, six "
                  "digits below one of the 34 provinces pass.",
                  "行政区划代码（GB/T 2260）；县级名单由代码表给出，未给时只查格式与省码"}),
             {{.name = "level",
               .kind = "choice",
               .otherwise = "any",
               .help_en = "which level",
               .help_zh = "级别",
               .choices = {"any", "province", "city", "county"}},
              {.name = "at",
               .kind = "date",
               .otherwise = "today",
               .help_en = "today (the mapping's moment), any, or a day on which the code is valid",
               .help_zh = "today（映射时刻）、any（曾经有效）或某日"},
              division_table_parameter()},
             {{"'999901'", "{level: county}", "999901"},
              {"'999900'", "{level: county}", "!division.level"},
              {"'441900'", "{level: county}", "441900"},
              {"'990001'", "", "!division.unknown"},
              {"99990A", "", "!division.format"}}),
        make_check_admin_division);
}

}  // namespace

std::optional<Refusal> licence_id_mistake(std::string_view id) {
    constexpr std::string_view kRoot = "1.2.156.3005.2.";
    constexpr std::string_view kDigits = "0123456789";
    constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr std::array<std::string_view, 5> kAllowed{kLetters, kLetters, kLetters, kDigits, kLetters};
    const std::vector<std::string_view> parts = split(id.substr(std::min(id.size(), kRoot.size())), '.');
    bool good =
        id.starts_with(kRoot) && parts.size() == kAllowed.size() && parts[3].size() == 3 && parts[4].size() == 1;
    std::string checked;
    for (std::size_t at = 0; good && at < parts.size(); ++at) {
        good = !parts[at].empty() && parts[at].find_first_not_of(kAllowed[at]) == std::string_view::npos;
        checked += at + 1 < parts.size() ? parts[at] : std::string_view{};
    }
    if (!good) {
        return refusal_of("certificate.format", "电子证照标识的格式不合规定",
                          "a certificate's identifier of another layout");
    }
    if (mod_37_36_check(checked) != parts.back().front()) {
        return refusal_of("certificate.checksum", "电子证照标识校验码不符",
                          "certificate's identifier: check character mismatch");
    }
    return std::nullopt;
}

std::optional<Refusal> unit_layout_mistake(std::string_view code) {
    // division, area and sub-area; ownership; right; sequence; kind of fixture; fixture
    constexpr std::array<std::pair<std::string_view, std::size_t>, 6> kLayout{{{"0123456789", 12},
                                                                               {"GJZ", 1},
                                                                               {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1},
                                                                               {"0123456789", 5},
                                                                               {"FLQW", 1},
                                                                               {"0123456789", 8}}};
    constexpr std::size_t kLength = 28;
    if (code.size() != kLength) {
        return refusal_of("unit.length", "不动产单元代码应为28位", "a real-estate unit code has 28 characters");
    }
    std::size_t at = 0;
    for (const auto& [allowed, count] : kLayout) {
        if (code.substr(at, count).find_first_not_of(allowed) != std::string_view::npos) {
            return refusal_of("unit.format", "不动产单元代码的字符不合规定",
                              "a real-estate unit code of another layout");
        }
        at += count;
    }
    return std::nullopt;
}

std::vector<Entry> land_and_licence_entries() {
    return {
        check_real_estate_unit_entry(),
        check_certificate_id_entry(),
        check_admin_division_entry(),
    };
}

}  // namespace datong::steps
