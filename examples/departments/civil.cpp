#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

Told marriage_reply(std::string_view code, std::string_view message, const std::string& result) {
    return {.body = json_object({{"code", json_quoted(code)}, {"msg", json_quoted(message)}, {"result", result}})};
}

/// The register's last entry about a couple; a divorced one has another kind, not another shape.
std::string marriage_json(const Town& town, std::size_t index) {
    const std::size_t man = index - index % 2;
    const std::size_t woman = man + 1;
    const std::string day = town.flats[man].registered;
    return json_texts(
        {{"name_man", town.persons[man].name},
         {"cert_num_man", town.persons[man].id},
         {"id_type_man", "1"},
         {"nation_man", "汉族"},
         {"birth_man", town.persons[man].birth},
         {"name_woman", town.persons[woman].name},
         {"cert_num_woman", town.persons[woman].id},
         {"id_type_woman", "1"},
         {"nation_woman", "null"},
         {"birth_woman", town.persons[woman].birth},
         {"op_type", man % 14 == 12  ? "IB"
                     : man % 10 == 8 ? "ICA"
                                     : "IA"},
         {"op_date", dashed_day(day)},
         {"cert_no", "J999901-" + day.substr(0, 4) + "-" + fixed_number(static_cast<std::int64_t>(man), 6)},
         {"dept_code", "999901000000"},
         {"dept_code_cn", "示例市示范区民政局婚姻登记处"}});
}

Told marriage(const Town& town, const Asked& asked, Trouble trouble) {
    if (trouble == Trouble::token_expired) {
        return marriage_reply("2002", "token已过期", "null");
    }
    const auto found = find_person(town, asked.value("name"), asked.value("cert_num"));
    if (!found) {
        return marriage_reply("0", "匹配不成功", "\"\"");
    }
    // a person of another couple, not the spouse: they stand in one entry
    const std::string one = marriage_json(town, told_instead(*found, trouble));
    return marriage_reply("0", "查询成功", trouble == Trouble::one_element_as_object ? one : '[' + one + ']');
}

/// What .NET's DataSet makes of a table with Chinese column names.
std::string allowance_diffgram(const Town& town, std::size_t index) {
    const Person& person = town.persons[index];
    const auto number = static_cast<std::int64_t>(index);
    return "<diffgr:diffgram xmlns:diffgr=\"urn:schemas-microsoft-com:xml-diffgram-v1\" "
           "xmlns:msdata=\"urn:schemas-microsoft-com:xml-msdata\"><NewDataSet xmlns=\"\"><低保 diffgr:id=\"低保1\" "
           "msdata:rowOrder=\"0\">" +
           elements({{"户主姓名", person.name},
                     {"身份证号", person.id},
                     {"低保证号", "DB9999" + fixed_number(number, 6)},
                     {"低保类别", index % 2 == 0 ? "城市" : "农村"},
                     {"家庭人口", std::to_string(index % 4 + 1)},
                     {"保障人口", std::to_string(index % 3 + 1)},
                     {"月保障金额", yuan(30'000 + number * 210)},
                     {"致贫原因", index % 3 == 1 ? "因病" : "缺劳力"},
                     {"批准日期", "2023-0" + std::to_string(index % 9 + 1) + "-01T00:00:00+08:00"},
                     {"停发日期", index % 13 == 12 ? "2024-01-01T00:00:00+08:00" : ""},
                     {"家庭住址", town.flats[index].location},
                     {"所属街道", "示范街道"},
                     {"开户账号", "99999901" + fixed_number(number, 8)}}) +
           "</低保></NewDataSet></diffgr:diffgram>";
}

/// SOAP, in it a JSON text, in it XML.
Told allowance(const Town& town, const Asked& asked, Trouble trouble) {
    const std::string xml = element_text(asked.body, "request");
    std::string flag = "1";
    std::string data;
    if (trouble == Trouble::token_expired) {
        flag = "2002";
    } else if (const auto found = find_person(town, element_text(xml, "name"), element_text(xml, "id_card"))) {
        data = allowance_diffgram(town, told_instead(*found, trouble));
    } else {
        flag = "0";
    }
    const std::string json = json_texts({{"flag", flag}, {"message", flag == "0" ? "查无此户" : ""}, {"data", data}});
    return {.content_type = "text/xml;charset=UTF-8",
            .body = soap_envelope("<GetDbInfoResponse xmlns=\"http://tempuri.org/\">" +
                                  element("GetDbInfoResult", json) + "</GetDbInfoResponse>")};
}

}  // namespace

Handler civil_affairs(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.path == "/hydj/personal") {
            return marriage(town, asked, trouble);
        }
        if (asked.method == "POST" && asked.path == "/DbService.asmx") {
            return allowance(town, asked, trouble);
        }
        return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
    };
}

}  // namespace datong::departments
