#include <algorithm>
#include <array>

#include "core/steps/family.h"
#include "core/steps/identifiers.h"

namespace datong::steps {
namespace {

/// A step that takes a part out of a social credit code, once that is known to be good.
StepPtr uscc_part(std::size_t at, std::size_t size) {
    return text_step([at, size](const std::string& code) -> Stepped {
        if (auto mistake = uscc_mistake(code)) {
            return tl::unexpected<Refusal>{std::move(*mistake)};
        }
        return Value{code.substr(at, size)};
    });
}

StepPtr make_uscc_org_code(Arguments&, const Surroundings&) {
    return uscc_part(8, 9);
}
StepPtr make_uscc_division(Arguments&, const Surroundings&) {
    return uscc_part(2, 6);
}
StepPtr make_uscc_department(Arguments&, const Surroundings&) {
    return uscc_part(0, 1);
}

/// A part of a real-estate unit code. Source: GB/T 37346-2019, 6.
struct UnitPart {
    std::string_view name;
    std::size_t at;
    std::size_t size;
};

constexpr std::array<UnitPart, 9> kUnitParts{{{"division", 0, 6},
                                              {"area", 6, 3},
                                              {"sub_area", 9, 3},
                                              {"ownership", 12, 1},
                                              {"right", 13, 1},
                                              {"sequence", 14, 5},
                                              {"parcel", 0, 19},
                                              {"fixture_kind", 19, 1},
                                              {"fixture", 20, 8}}};

StepPtr make_real_estate_unit_part(Arguments& arguments, const Surroundings&) {
    const std::string name = arguments.choice("part");
    const auto* part =
        std::find_if(kUnitParts.begin(), kUnitParts.end(), [&name](const UnitPart& one) { return one.name == name; });
    if (part == kUnitParts.end()) {
        return nullptr;
    }
    return text_step([part = *part](const std::string& code) -> Stepped {
        if (auto mistake = unit_layout_mistake(code)) {
            return tl::unexpected<Refusal>{std::move(*mistake)};
        }
        return Value{code.substr(part.at, part.size)};
    });
}

bool is_capitals_and_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

/// Whether the text is a code of 18 with so many characters behind.
bool is_uscc_and(std::string_view text, std::size_t more) {
    constexpr std::size_t kUscc = 18;
    return text.size() == kUscc + more && is_capitals_and_digits(text) && !uscc_mistake(text.substr(0, kUscc));
}

StepPtr make_make_certificate_id(Arguments& arguments, const Surroundings&) {
    const std::string type = arguments.text("type");
    const std::string issuer = arguments.text("issuer");
    const std::string version = arguments.text("version");
    if (!type.empty() && !is_uscc_and(type, 3)) {
        arguments.mistake("type", "证照类型代码应为21位，前18位是统一社会信用代码",
                          "a licence's type has 21 characters, the first 18 of them a social credit code");
    }
    if (!issuer.empty() && !is_uscc_and(issuer, 0)) {
        arguments.mistake("issuer", "颁发机构代码应为18位统一社会信用代码", "an issuer is a social credit code of 18");
    }
    if (version.size() != 3 || version.find_first_not_of("0123456789") != std::string::npos) {
        arguments.mistake("version", "版本号应为3位数字", "a version has 3 digits");
    }
    return text_step([type, issuer, version](const std::string& serial) -> Stepped {
        const auto check = mod_37_36_check(type + issuer + serial + version);
        if (serial.empty() || !check) {
            return refuse("certificate.serial", "流水号只能由数字和大写字母组成",
                          "a serial number has digits and capitals only");
        }
        return Value{"1.2.156.3005.2." + type + '.' + issuer + '.' + serial + '.' + version + '.' + *check};
    });
}

Entry uscc_part_entry(std::string name, Maker maker, std::pair<std::string, std::string> help,
                      std::vector<Example> examples) {
    return with_maker(with(identifier_entry(std::move(name), Type::text,
                                            {"uscc.length", "uscc.format", "uscc.checksum"}, std::move(help)),
                           {}, std::move(examples)),
                      maker);
}

Parameter part_parameter() {
    std::vector<std::string> names;
    for (const UnitPart& one : kUnitParts) {
        names.emplace_back(one.name);
    }
    return {.name = "part",
            .kind = "choice",
            .required = true,
            .help_en = "which part; parcel is all before the fixture",
            .help_zh = "取哪一部分；parcel 为宗地代码（前19位）",
            .alone = true,
            .choices = std::move(names)};
}

}  // namespace

std::vector<Entry> identifier_part_entries() {
    return {
        uscc_part_entry("uscc_org_code", make_uscc_org_code,
                        {"The organisation code in a social credit code.", "由统一社会信用代码取组织机构代码"},
                        {{"11999901MB0000019U", "", "MB0000019"},
                         {"11999901MB0000019W", "", "!uscc.checksum"},
                         {"11999901MB00000I9U", "", "!uscc.format"},
                         {"11999901MB000001", "", "!uscc.length"}}),
        uscc_part_entry("uscc_division", make_uscc_division,
                        {"The division of the registering authority.", "由统一社会信用代码取登记管理机关行政区划"},
                        {{"11999901MB0000019U", "", "999901"},
                         {"11999901MB0000019W", "", "!uscc.checksum"},
                         {"11999901MB00000I9U", "", "!uscc.format"},
                         {"11999901MB000001", "", "!uscc.length"}}),
        uscc_part_entry("uscc_department", make_uscc_department,
                        {"The registering department: 1 organisations' establishment, 5 civil affairs, 9 market.",
                         "由统一社会信用代码取登记管理部门（1编办 5民政 9市场监管等）"},
                        {{"11999901MB0000019U", "", "1"},
                         {"11999901MB0000019W", "", "!uscc.checksum"},
                         {"11999901MB00000I9U", "", "!uscc.format"},
                         {"11999901MB000001", "", "!uscc.length"}}),
        with_maker(with(identifier_entry("real_estate_unit_part", Type::text, {"unit.length", "unit.format"},
                                         {"A part of a real-estate unit code (GB/T 37346).",
                                          "由不动产单元代码取一部分（GB/T 37346）"}),
                        {part_parameter()},
                        {{"999901001001GB00001F00010001", "parcel", "999901001001GB00001"},
                         {"999901001001GB00001F00010001", "fixture", "00010001"},
                         {"999901001001GB00001F00010001", "right", "B"},
                         {"999901001001GB00001X00010001", "right", "!unit.format"},
                         {"999901001001GB00001", "parcel", "!unit.length"}}),
                   make_real_estate_unit_part),
        with_maker(
            with(identifier_entry("make_certificate_id", Type::text, {"certificate.serial"},
                                  {"An electronic licence's identifier (GB/T 36904) for a serial number.",
                                   "由流水号生成电子证照标识（GB/T 36904）"}),
                 {{.name = "type",
                   .kind = "text",
                   .required = true,
                   .help_en = "code of the licence's type, 21",
                   .help_zh = "证照类型代码，21位"},
                  {.name = "issuer",
                   .kind = "text",
                   .required = true,
                   .help_en = "social credit code of the issuer",
                   .help_zh = "颁发机构的统一社会信用代码"},
                  {.name = "version", .kind = "text", .otherwise = "001", .help_en = "3 digits", .help_zh = "3位数字"}},
                 {{"'20240000001'", "{type: 11100000MB03271699022, issuer: 11999901MB0000019U}",
                   "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.R"},
                  {"2024-1", "{type: 11100000MB03271699022, issuer: 11999901MB0000019U}", "!certificate.serial"}}),
            make_make_certificate_id),
    };
}

}  // namespace datong::steps
