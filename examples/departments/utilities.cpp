#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

/// `data` is JSON inside a JSON text, and true is a word.
Told reply(std::string_view result, std::string_view code, std::string_view text, const std::string& data) {
    return {.content_type = "text/html;charset=UTF-8",
            .body = json_texts({{"result", std::string{result}},
                                {"resultCode", std::string{code}},
                                {"resultText", std::string{text}},
                                {"data", data}})};
}

std::string account_json(const Town& town, std::size_t index, std::string_view kind, std::string_view mark) {
    const Flat& flat = town.flats[index];
    const auto number = static_cast<std::int64_t>(index);
    const bool owes = index % 9 == 4;
    return json_texts({{"kind", std::string{kind}},
                       {"hh", std::string{mark} + fixed_number(number + 70'000, 9)},
                       {"bh", std::string{mark} + "B" + fixed_number(number, 7)},
                       {"dz", flat.location},
                       {"khrq", unpadded_day(flat.registered, "/", "/")},
                       {"ye", yuan(number * 137 % 20'000) + "元"},
                       {"qf", owes ? "36.50元" : "0"},
                       {"zt", index % 25 == 24 ? "停用" : "正常"}});
}

std::string household_json(const Town& town, std::size_t index, Trouble trouble) {
    const Person& person = town.persons[index];
    std::string accounts = account_json(town, index, "水", "W");
    if (index % 8 != 6 || trouble == Trouble::one_element_as_object) {
        accounts = '[' + accounts + ',' + account_json(town, index, "电", "E") + ',' +
                   account_json(town, index, "气", "G") + ',' + account_json(town, index, "有线电视", "T") + ']';
    }
    if (trouble == Trouble::one_element_as_object) {
        accounts = account_json(town, index, "水", "W");
    }
    return json_object({{"xm", json_quoted(person.name)},
                        {"zjh", json_quoted(person.id)},
                        {"lxdh", json_quoted(person.phone)},
                        {"accounts", accounts}});
}

}  // namespace

Handler utility_companies(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.method != "POST" || asked.path != "/sdq/account.do") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply("false", "2002", "登录已失效，请重新登录", "");
        }
        const auto found = find_person(town, asked.value("xm"), asked.value("zjh"));
        if (!found) {
            return reply("false", "404", "未查到该用户的户号", "");
        }
        return reply("true", "200", "", household_json(town, told_instead(*found, trouble), trouble));
    };
}

}  // namespace datong::departments
