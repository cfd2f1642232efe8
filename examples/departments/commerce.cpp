#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

/// GBK octets, as the declaration says; attributes for the head, elements for the record.
Told reply(std::string_view status, std::string_view message, const std::string& record, Trouble trouble) {
    std::string xml = "<?xml version=\"1.0\" encoding=\"GBK\"?><Response" +
                      attributes({{"status", std::string{status}}, {"message", std::string{message}}}) + ">" + record +
                      "</Response>";
    return {.content_type = "text/xml", .body = trouble == Trouble::wrong_encoding ? xml : to_gb18030(xml)};
}

std::string operator_xml(const Town& town, std::size_t index) {
    const Company& company = town.companies[index];
    const auto number = static_cast<std::int64_t>(index);
    return "<Operator>" +
           elements({{"FilingNo", fixed_number(number + 2'400'000, 8)},
                     {"EnterpriseCode", "9999" + fixed_number(number, 9)},
                     {"CreditCode", company.uscc},
                     {"NameCn", company.name},
                     {"NameEn", "SHILI SAMPLE " + std::to_string(index) + " CO., LTD."},
                     {"LegalPerson", town.persons[company.legal_person].name},
                     {"Address", company.address},
                     {"OperatorType", index % 5 == 0 ? "02" : "01"},
                     {"RegCapital", ten_thousand_yuan(company.capital_fen)},
                     {"Currency", index % 3 == 0 ? "null" : "156"},
                     {"FilingDate", company.established.substr(0, 4) + "." + company.established.substr(4, 2) + "." +
                                        company.established.substr(6)},
                     {"CustomsCode", index % 4 == 1 ? "9999960" + fixed_number(number, 3) : "/"},
                     {"State", company.state == "1" ? "A" : "C"}}) +
           "</Operator>";
}

}  // namespace

Handler commerce_platform(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.path != "/ecomp/ftoperator") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply("2002", "会话过期", "", trouble);
        }
        const auto found = find_company(town, asked.value("name"), asked.value("creditCode"));
        if (!found) {
            return reply("01", "无备案记录", "", trouble);
        }
        return reply("00", "", operator_xml(town, told_instead(*found, trouble)), trouble);
    };
}

}  // namespace datong::departments
