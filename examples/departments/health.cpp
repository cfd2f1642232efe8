#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

/// String in, string out, both Base64 of XML; success is 0.
Told reply(std::string_view success, std::string_view message, const std::string& data,
           Trouble trouble = Trouble::none) {
    const std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><MDEML templateVersion=\"1.0\"><resultinfo>" +
                            elements({{"success", std::string{success}}, {"message", std::string{message}}}) +
                            "</resultinfo><body>" + data + "</body></MDEML>";
    return {
        .content_type = "text/xml;charset=UTF-8",
        .body = soap_envelope("<ns:getBirthInfoResponse xmlns:ns=\"http://mdeml.example/\">" +
                              element("return", to_base64(trouble == Trouble::wrong_encoding ? to_gb18030(xml) : xml)) +
                              "</ns:getBirthInfoResponse>")};
}

std::string birth_xml(const Town& town, std::size_t mother) {
    const std::size_t father = spouse_of(mother);
    const Person child = child_of(town, mother);
    return "<data>" +
           elements({{"birthCode", birth_code_of(mother)},
                     {"babyName", child.name},
                     {"babySex", mother / 2 % 2 == 0 ? "男" : "女"},
                     {"babyBirthday",
                      child.birth.substr(0, 4) + "年" + child.birth.substr(4, 2) + "月" + child.birth.substr(6) + "日"},
                     {"babyBirthTime", "08时30分"},
                     {"gestationalWeek", "39+2"},
                     {"babyWeight", std::to_string(2'800 + mother * 7 % 1'200) + "g"},
                     {"babyLength", "50"},
                     {"birthOrgName", "示例市妇幼保健院"},
                     {"momName", town.persons[mother].name},
                     {"momIdCode", town.persons[mother].id},
                     {"momIdType", "1"},
                     {"dadName", mother % 20 == 19 ? "/" : town.persons[father].name},
                     {"dadIdCode", mother % 20 == 19 ? "/" : town.persons[father].id},
                     {"signDate", child.birth},
                     {"signOrgName", "示例市妇幼保健院"}}) +
           "</data>";
}

}  // namespace

Handler birth_registry(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.method != "POST" || asked.path != "/birth/services/BirthService") {
            return {.status = 404, .content_type = "text/plain", .body = "no such service"};
        }
        if (trouble == Trouble::token_expired) {
            return reply("2002", "用户验证失败", "");
        }
        const std::string xml = from_base64(element_text(asked.body, "xmlInput"));
        const std::string code = element_text(xml, "birthCode");
        const auto found = find_person(town, element_text(xml, "momName"), element_text(xml, "momIdCode"));
        if (!found || *found % 2 == 0 || code != birth_code_of(*found)) {
            return reply("1", "未查询到出生医学证明", "");
        }
        return reply("0", "", birth_xml(town, told_instead(*found, trouble)), trouble);
    };
}

}  // namespace datong::departments
