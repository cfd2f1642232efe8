#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

/// Says GB2312 and is UTF-8, says -1 and means success; the inner document is escaped, not CDATA.
Told reply(std::string_view code, std::string_view message, const std::string& rows) {
    const std::string inner = "<?xml version=\"1.0\" encoding=\"GB2312\"?><ROOT>" +
                              elements({{"CODE", std::string{code}}, {"MSG", std::string{message}}}) + rows + "</ROOT>";
    return {.content_type = "text/xml;charset=UTF-8",
            .body = soap_envelope("<ns1:callBusinessResponse xmlns:ns1=\"http://si.example/\">" +
                                  element("callBusinessReturn", inner) + "</ns1:callBusinessResponse>")};
}

/// yyyymm in which a person of that day of birth turns 60.
std::string retirement_month(const std::string& birth) {
    return std::to_string(std::stoi(birth.substr(0, 4)) + 60) + birth.substr(4, 2);
}

std::string insurance_row(const Town& town, std::size_t index, std::string_view kind) {
    const FundAccount& account = town.accounts[index];
    const Person& person = town.persons[index];
    const Company& employer = town.companies[account.employer];
    const std::int64_t share = account.base_fen * 8 / 100;
    return "<ROW>" +
           elements({{"AAC001", "99" + fixed_number(static_cast<std::int64_t>(index) + 5000, 10)},
                     {"AAC003", person.name},
                     {"AAE135", index % 6 == 3 ? account.stored_id : person.id},
                     {"AAB001", employer.uscc.substr(8, 8)},
                     {"AAB004", employer.name},
                     {"AAE140", std::string{kind}},
                     {"AAB050", account.opened},
                     {"AAC008", account.state == "02" ? "2" : "1"},
                     {"AAE002", account.paid_through},
                     {"AAE003", account.paid_through},
                     {"AAE180", yuan(account.base_fen)},
                     {"AAE201", std::to_string(60 + index % 120)},
                     {"AAE020", yuan(share)},
                     {"AAE080", index % 15 == 14 ? "0" : yuan(share)},
                     {"AAA027", "9999" + std::string{index % 2 == 0 ? "01" : "02"}}}) +
           "</ROW>";
}

std::string pension_row(const Town& town, std::size_t index) {
    const Person& person = town.persons[index];
    const auto number = static_cast<std::int64_t>(index);
    return "<ROW>" +
           elements({{"AAC001", "99" + fixed_number(number + 5000, 10)},
                     {"AAC003", person.name},
                     {"AAE135", person.id},
                     {"AAC004", index % 2 == 0 ? "1" : "2"},
                     {"AAC006", person.birth},
                     {"AIC162", retirement_month(person.birth)},
                     {"AAE210", retirement_month(person.birth) + "01"},
                     {"AIC161", index % 7 == 3 ? "02" : "01"},
                     {"AAE129", yuan(180'000 + number * 1'731)},
                     {"AAE019", ten_thousand_yuan((180'000 + number * 1'731) * 12)},
                     {"AAE116", index % 19 == 18 ? "2" : "1"},
                     {"AAE008", "999"},
                     {"AAE010", "99999900" + fixed_number(number, 8)},
                     {"AAA027", "999901"}}) +
           "</ROW>";
}

Told call_business(const Town& town, const std::string& xml, Trouble trouble) {
    if (trouble == Trouble::token_expired) {
        return reply("2002", "操作员未登录或登录超时", "");
    }
    const std::string trade = element_text(xml, "JYBH");
    const auto found = find_person(town, element_text(xml, "AAC003"), element_text(xml, "AAE135"));
    if (trade != "6003" && trade != "6011") {
        return reply("-9", "无此交易", "");
    }
    if (!found) {
        return reply("0", "未查询到人员信息", "");
    }
    const std::size_t told = told_instead(*found, trouble);
    if (trade == "6011") {
        return reply("-1", "调用成功！", pension_row(town, told));
    }
    return reply(
        "-1", "调用成功！",
        insurance_row(town, told, "110") + insurance_row(town, told, "210") + insurance_row(town, told, "410"));
}

}  // namespace

Handler social_security(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.method != "POST" || asked.path != "/siwebservice/services/BusinessService") {
            return {.status = 404, .content_type = "text/plain", .body = "no such service"};
        }
        const std::string xml = element_text(asked.body, "inputXml");
        return xml.empty() ? reply("-9", "入参为空", "") : call_business(town, xml, trouble);
    };
}

}  // namespace datong::departments
