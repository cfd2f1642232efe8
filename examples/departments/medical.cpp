#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

/// The platform's layer around the insurance's own: each has a code, and they don't agree on success.
Told reply(int outer, std::string_view inner, std::string_view message, const std::string& output) {
    return {.body = json_object({{"code", std::to_string(outer)},
                                 {"message", json_quoted(outer == 0 ? "成功" : "token失效")},
                                 {"data", json_object({{"infcode", json_quoted(inner)},
                                                       {"inf_refmsgid", json_quoted("999900202406300930000001")},
                                                       {"err_msg", json_quoted(message)},
                                                       {"output", output}})}})};
}

std::string insurance_json(const Town& town, std::size_t index, std::string_view kind) {
    const FundAccount& account = town.accounts[index];
    const Company& employer = town.companies[account.employer];
    return json_object({{"insutype", json_quoted(kind)},
                        {"psn_insu_stas", json_quoted(account.state == "02" ? "2" : "1")},
                        {"psn_insu_date", json_quoted(dashed_day(account.opened))},
                        {"paus_insu_date", account.state == "02" ? json_quoted("2022-03-31") : "null"},
                        {"insuplc_admdvs", json_quoted("9999" + std::string{index % 2 == 0 ? "01" : "02"})},
                        {"emp_name", json_quoted(employer.name)},
                        {"emp_uscc", json_quoted(employer.uscc)},
                        {"balc", yuan(account.balance_fen / 40)}});  // a bare number, in yuan
}

std::string person_json(const Town& town, std::size_t index, Trouble trouble) {
    const Person& person = town.persons[index];
    const std::string one = insurance_json(town, index, "310");
    // maternity is insured along with men and women of child-bearing age; the elder have one insurance only
    const bool single = person.birth < "1970";
    const std::string list = single && trouble == Trouble::one_element_as_object ? one
                             : single                                            ? '[' + one + ']'
                                      : '[' + one + ',' + insurance_json(town, index, "510") + ']';
    return json_object(
        {{"baseinfo", json_texts({{"psn_no", "9999" + fixed_number(static_cast<std::int64_t>(index), 20)},
                                  {"psn_cert_type", "01"},
                                  {"certno", person.id},
                                  {"psn_name", person.name},
                                  {"gend", index % 2 == 0 ? "1" : "2"},
                                  {"naty", "01"},
                                  {"brdy", dashed_day(person.birth)},
                                  {"age", std::to_string(2024 - std::stoi(person.birth.substr(0, 4)))}})},
         {"insuinfo", list},
         {"idetinfo", index % 3 == 0 ? "\"\"" : "null"}});
}

}  // namespace

Handler medical_insurance(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.path != "/fsi/api/fsiPsnInfoService/queryPsnInfo") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply(2002, "-1", "", "null");
        }
        const auto found = find_person(town, asked.value("psn_name"), asked.value("certno"));
        if (!found) {
            return reply(0, "0001", "未查询到参保人信息", "null");
        }
        return reply(0, "0", "", person_json(town, told_instead(*found, trouble), trouble));
    };
}

}  // namespace datong::departments
