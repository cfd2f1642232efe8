#include <algorithm>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

Told reply(std::string_view code, std::string_view message, std::string_view data) {
    Told told;
    told.body = "{\"code\":" + json_quoted(code) + ",\"msg\":" + json_quoted(message) + ",\"data\":";
    told.body.append(data).append("}");
    return told;
}

std::string person_json(const Town& town, const CasePerson& one) {
    const std::string& name = one.is_company ? town.companies[one.index].name : town.persons[one.index].name;
    const std::string& number = one.is_company ? town.companies[one.index].uscc : town.persons[one.index].id;
    return "{\"role\":" + json_quoted(one.role) + ",\"name\":" + json_quoted(name) +
           ",\"cardType\":" + json_quoted(one.is_company ? "001" : "111") + ",\"cardNo\":" + json_quoted(number) + '}';
}

std::string case_json(const Town& town, const Case& one, Trouble trouble) {
    std::string persons;
    for (const CasePerson& person : one.persons) {
        CasePerson told = person;
        if (trouble == Trouble::wrong_person) {
            told.index = (told.index + 5) % kHouseholds;
        }
        persons += (persons.empty() ? "" : ",") + person_json(town, told);
    }
    const bool collapsed = trouble == Trouble::one_element_as_object && one.persons.size() == 1;
    return "{\"projectNo\":" + json_quoted(one.number) + ",\"itemCode\":" + json_quoted(one.matter) +
           ",\"state\":" + json_quoted(one.state) + ",\"acceptDate\":" + json_quoted(one.accepted) +
           ",\"persons\":" + (collapsed ? persons : '[' + persons + ']') + '}';
}

}  // namespace

Handler case_register(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        constexpr std::string_view kFolder = "/cases/";
        if (asked.method != "GET" || asked.path.compare(0, kFolder.size(), kFolder) != 0) {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply("2002", "token失效", "null");
        }
        const std::string number = asked.path.substr(kFolder.size());
        const auto found = std::find_if(town.cases.begin(), town.cases.end(),
                                        [&number](const Case& one) { return one.number == number; });
        if (found == town.cases.end()) {
            return reply("01", "无此办件", "null");
        }
        return reply("00", "成功", case_json(town, *found, trouble));
    };
}

}  // namespace datong::departments
