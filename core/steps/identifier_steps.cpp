#include "core/steps/family.h"
#include "core/steps/identifiers.h"

namespace datong::steps {
namespace {

/// What check_resident_id was told.
struct ResidentRule {
    bool accept15;
    bool foreign;
    bool not_future;
    std::string division;  ///< historic, at_birth, off
    Divisions divisions;

    [[nodiscard]] bool is_division_good(const std::string& code) const {
        constexpr std::string_view kTaiwanResidents = "83";
        // cards of foreign residents: 9, the province of issue, the country
        const bool foreigner = foreign && code.front() == '9' && is_division_shape(code.substr(1, 2) + "0000", false);
        return division == "off" || foreigner || code.starts_with(kTaiwanResidents) || divisions.was_ever(code);
    }

    [[nodiscard]] std::optional<Refusal> operator()(const std::string& id, const Moment& moment,
                                                    Warnings& warnings) const {
        auto mistake = resident_id_mistake(id, accept15);
        if (mistake && (mistake->rule == "id.length" || mistake->rule == "id.format")) {
            return mistake;
        }
        const std::string code = id.substr(0, 6);
        if (!is_division_good(code)) {
            return refusal_of("id.division", "公民身份号码中的行政区划不存在", "no such division in the resident id");
        }
        if (mistake) {
            return mistake;
        }
        const auto birth = resident_id_birthdate(id);
        if (!birth) {  // a number of 15 that tells no century is good, and of the past
            return std::nullopt;
        }
        if (not_future && *birth > moment.at.date) {
            return refusal_of("id.future", "公民身份号码中的出生日期在将来", "the date of birth lies in the future");
        }
        if (division == "at_birth" &&
            !divisions.was_valid_in(code, birth->year)) {  // codes are of the first registration
            warnings.push_back({"id.division", "该行政区划在出生时未设立", "the division did not exist at birth"});
        }
        return std::nullopt;
    }
};

StepPtr make_check_resident_id(Arguments& arguments, const Surroundings& around) {
    return moment_check(ResidentRule{arguments.flag("accept15"), arguments.flag("foreign"),
                                     arguments.flag("not_future"), arguments.choice("division"),
                                     divisions_of(arguments, around)});
}

StepPtr make_upgrade_resident_id(Arguments&, const Surroundings&) {
    return text_step([](const std::string& id) -> Stepped {
        auto upgraded = upgraded_resident_id(id);
        if (!upgraded) {
            return tl::unexpected<Refusal>{std::move(upgraded.error())};
        }
        return Value{std::move(*upgraded)};
    });
}

/// A step that takes something out of a resident id, once that is known to be good.
template <class F>
StepPtr resident_id_part(F part) {
    return text_step([part](const std::string& id) -> Stepped {
        if (auto mistake = resident_id_mistake(id, true)) {
            return tl::unexpected<Refusal>{std::move(*mistake)};
        }
        return part(id);
    });
}

StepPtr make_resident_id_birthdate(Arguments&, const Surroundings&) {
    return resident_id_part([](const std::string& id) -> Stepped {
        auto birth = resident_id_birthdate(id);
        return birth ? Stepped{Value{*birth}} : tl::unexpected<Refusal>{std::move(birth.error())};
    });
}

StepPtr make_resident_id_sex(Arguments&, const Surroundings&) {
    return resident_id_part([](const std::string& id) {
        const char sequence = id[id.size() == 15 ? 14 : 16];
        return Value{std::string{(sequence - '0') % 2 == 1 ? "1" : "2"}};
    });
}

StepPtr make_resident_id_division(Arguments&, const Surroundings&) {
    return resident_id_part([](const std::string& id) { return Value{id.substr(0, 6)}; });
}

/// What check_uscc was told.
struct UsccRule {
    std::string org_code;  ///< reject, warn, off
    bool division;
    Divisions divisions;
    std::shared_ptr<const Table> exceptions;

    [[nodiscard]] std::optional<Refusal> operator()(const std::string& code, const Moment& moment,
                                                    Warnings& warnings) const {
        if (exceptions != nullptr && exceptions->find(code, moment.at.date) != nullptr) {
            return std::nullopt;
        }
        if (auto mistake = uscc_mistake(code)) {
            return mistake;
        }
        if (division && !divisions.may_hold_organisation(code.substr(2, 6))) {
            return refusal_of("uscc.division", "统一社会信用代码中的行政区划不存在",
                              "no such division in the social credit code");
        }
        if (org_code == "off" || !org_code_mistake(code.substr(8, 9))) {
            return std::nullopt;
        }
        Refusal inner{"uscc.org_code", "统一社会信用代码中的组织机构代码校验码不符",
                      "the organisation code in the social credit code has another check character"};
        if (org_code == "reject") {
            return inner;
        }
        warnings.push_back(std::move(inner));
        return std::nullopt;
    }
};

StepPtr make_check_uscc(Arguments& arguments, const Surroundings& around) {
    return moment_check(UsccRule{arguments.choice("org_code"), arguments.choice("division") != "off",
                                 registering_divisions_of(arguments, around),
                                 arguments.table_file("exceptions", around)});
}

StepPtr make_check_org_code(Arguments&, const Surroundings&) {
    return text_check([](const std::string& code) { return org_code_mistake(code); });
}

Parameter flag(std::string name, std::string otherwise, std::string help_en, std::string help_zh) {
    return {.name = std::move(name),
            .kind = "flag",
            .otherwise = std::move(otherwise),
            .help_en = std::move(help_en),
            .help_zh = std::move(help_zh)};
}

std::vector<Entry> resident_entries() {
    const std::vector<std::string> basic{"id.length", "id.format", "id.birthdate", "id.checksum"};
    return {
        with_maker(
            with(identifier_entry("check_resident_id", Type::text,
                                  {"id.length", "id.format", "id.division", "id.birthdate", "id.future", "id.checksum"},
                                  {"A resident id of 18 (GB 11643); a lower-case x is refused, use upper before.",
                                   "公民身份号码（GB 11643），小写 x 先用 upper"}),
                 {flag("accept15", "false", "numbers of 15 pass too", "15位号码也可"),
                  {.name = "division",
                   .kind = "choice",
                   .otherwise = "historic",
                   .help_en = "historic: ever valid; at_birth: warns when not valid then",
                   .help_zh = "historic：曾经有效即可；at_birth：出生当年未设立时告警；off：不查",
                   .choices = {"historic", "at_birth", "off"}},
                  flag("not_future", "true", "born by the mapping's moment", "出生日期不得晚于映射时刻"),
                  flag("foreign", "false", "cards of foreign residents, 9xxxxx, pass too",
                       "外国人永久居留身份证（9开头）也可"),
                  division_table_parameter()},
                 {{"999901199001010010", "", "999901199001010010"},
                  {"11010519491231002X", "", "11010519491231002X"},
                  {"'110105194912310021'", "", "!id.checksum"},
                  {"'360426199113010079'", "", "!id.birthdate"},
                  {"'990426199112010074'", "", "!id.division"},
                  {"11010519491231002x", "", "!id.format"},
                  {"'99990319781220002'", "", "!id.length"},
                  {"'99990120300101001X'", "", "!id.future"},
                  {"'999901800101001'", "{accept15: true}", "999901800101001"},
                  {"'999901990101997'", "{accept15: true, division: at_birth}", "999901990101997"}}),
            make_check_resident_id),
        with_maker(with(identifier_entry(
                            "upgrade_resident_id", Type::text, {"id.length", "id.format", "id.century", "id.birthdate"},
                            {"A number of 15 becomes one of 18; one of 18 passes.", "15位公民身份号码升为18位"}),
                        {},
                        {{"'999901800101001'", "", "999901198001010016"},
                         {"999901199001010010", "", "999901199001010010"},
                         {"'999901800101997'", "", "!id.century"},
                         {"'999901801301001'", "", "!id.birthdate"},
                         {"99990180010100X", "", "!id.format"},
                         {"'1'", "", "!id.length"}}),
                   make_upgrade_resident_id),
        with_maker(with(identifier_entry("resident_id_birthdate", Type::date,
                                         {"id.length", "id.format", "id.birthdate", "id.checksum", "id.century"},
                                         {"The date of birth.", "由公民身份号码取出生日期"}),
                        {},
                        {{"999901199001010010", "", "1990-01-01"},
                         {"'999901800101001'", "", "1980-01-01"},
                         {"'999901800101997'", "", "!id.century"},
                         {"'999901199001010011'", "", "!id.checksum"}}),
                   make_resident_id_birthdate),
        with_maker(
            with(identifier_entry("resident_id_sex", Type::text, basic,
                                  {"The sex, 1 male or 2 female as in GB/T 2261.1.", "由公民身份号码取性别（1男2女）"}),
                 {}, {{"999901199001010010", "", "1"}, {"999903197812200022", "", "2"}, {"'1'", "", "!id.length"}}),
            make_resident_id_sex),
        with_maker(with(identifier_entry("resident_id_division", Type::text, basic,
                                         {"The division of first registration.", "由公民身份号码取行政区划"}),
                        {}, {{"999902198506150037", "", "999902"}, {"99990219850615003A", "", "!id.format"}}),
                   make_resident_id_division),
    };
}

std::vector<Entry> organisation_entries() {
    return {
        with_maker(
            with(identifier_entry("check_uscc", Type::text,
                                  {"uscc.length", "uscc.format", "uscc.division", "uscc.checksum", "uscc.org_code"},
                                  {"A unified social credit code (GB 32100) and the organisation code inside.",
                                   "统一社会信用代码（GB 32100），内含组织机构代码一并校验"}),
                 {{.name = "org_code",
                   .kind = "choice",
                   .otherwise = "reject",
                   .help_en = "when the inner check fails",
                   .help_zh = "内含的组织机构代码不符时",
                   .choices = {"reject", "warn", "off"}},
                  {.name = "division",
                   .kind = "choice",
                   .otherwise = "historic",
                   .help_en = "whether it is looked at",
                   .help_zh = "是否检查行政区划",
                   .choices = {"historic", "off"}},
                  {.name = "exceptions",
                   .kind = "file",
                   .help_en = "CSV below mappings/ with codes in 'from' that were issued wrong and stand",
                   .help_zh = "mappings/ 下的 CSV，from 列为校验码有误但已颁发且有效的代码"},
                  registering_table_parameter()},
                 {{"11999901MB0000019U", "", "11999901MB0000019U"},
                  {"91350100M000100Y43", "", "91350100M000100Y43"},
                  {"11999901MB0000019W", "", "!uscc.checksum"},
                  {"919999I2MA4L00011K", "", "!uscc.format"},
                  {"91999902MA4L00011", "", "!uscc.length"},
                  {"91350211M0000XUF46", "{exceptions: uscc-exceptions.csv}", "91350211M0000XUF46"}}),
            make_check_uscc),
        with_maker(
            with(identifier_entry(
                     "check_org_code", Type::text, {"org_code.length", "org_code.format", "org_code.checksum"},
                     {"An organisation code (GB 11714), with or without its hyphen.", "组织机构代码（GB 11714）"}),
                 {},
                 {{"MB0000019", "", "MB0000019"},
                  {"MB000001-9", "", "MB000001-9"},
                  {"MB0000018", "", "!org_code.checksum"},
                  {"MB00000A", "", "!org_code.length"},
                  {"mb0000019", "", "!org_code.format"}}),
            make_check_org_code),
    };
}

}  // namespace

std::vector<Entry> identifier_entries() {
    std::vector<Entry> all;
    for (auto family : {resident_entries, organisation_entries}) {
        for (Entry& entry : family()) {
            all.push_back(std::move(entry));
        }
    }
    return all;
}

}  // namespace datong::steps
