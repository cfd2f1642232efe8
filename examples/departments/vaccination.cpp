#include <optional>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

/// Every value is an attribute; what is not known says so in another one.
std::string valued(std::string_view name, std::string_view value) {
    return '<' + std::string{name} +
           (value.empty() ? attributes({{"nullFlavor", "NI"}}) : attributes({{"value", std::string{value}}})) + "/>";
}

std::string coded(std::string_view name, std::string_view code, std::string_view shown) {
    return '<' + std::string{name} + attributes({{"code", std::string{code}}, {"displayName", std::string{shown}}}) +
           "/>";
}

std::string identified(std::string_view name, const std::string& extension) {
    return '<' + std::string{name} + attributes({{"root", "2.16.156.10011.1.3"}, {"extension", extension}}) + "/>";
}

std::string reply(std::string_view state, std::string_view found, const std::string& subject) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><QUPA_IN402 xmlns=\"urn:hl7-org:v3\" ITSVersion=\"XML_1.0\">"
           "<acknowledgement" +
           attributes({{"typeCode", std::string{state}}}) + "/><controlActProcess><queryAck>" +
           coded("queryResponseCode", found, "") + "</queryAck><subject>" + subject +
           "</subject></controlActProcess></QUPA_IN402>";
}

struct Dose {
    std::string_view code;
    std::string_view name;
    int number;
    int months;  ///< after birth
};
constexpr Dose kDoses[] = {{"0201", "重组乙型肝炎疫苗", 1, 0}, {"0101", "卡介苗", 1, 0},
                           {"0201", "重组乙型肝炎疫苗", 2, 1}, {"0303", "脊髓灰质炎灭活疫苗", 1, 2},
                           {"0402", "无细胞百白破疫苗", 1, 3}, {"1201", "麻腮风疫苗", 1, 8}};

/// yyyymmdd that many months later; days are 1 to 28.
std::string later(const std::string& day, int months) {
    const int count = std::stoi(day.substr(0, 4)) * 12 + std::stoi(day.substr(4, 2)) - 1 + months;
    return fixed_number(count / 12, 4) + fixed_number(count % 12 + 1, 2) + day.substr(6);
}

/// A moment is told as exactly as each hospital's program knows it.
std::string moment(const std::string& day, std::size_t way) {
    return day + (way % 3 == 0 ? "" : way % 3 == 1 ? "0930" : "093000+0800");
}

std::string doses_xml(const std::string& birth, std::size_t couple) {
    std::string all;
    std::size_t given = 0;
    for (const Dose& dose : kDoses) {
        if (couple % 10 == 7 && dose.code == "1201") {
            continue;  // not yet
        }
        all += "<immunization>" + coded("vaccineCode", dose.code, dose.name) +
               valued("doseNumber", std::to_string(dose.number)) +
               valued("effectiveTime", moment(later(birth, dose.months), couple + given)) +
               valued("lotNumber", given % 4 == 3 ? "" : "LOT" + fixed_number(static_cast<std::int64_t>(couple), 6)) +
               valued("manufacturer", "示例生物制品有限公司") +
               coded("siteCode", std::to_string(given % 2 + 1), given % 2 == 0 ? "左上臂" : "右上臂") +
               valued("performer", "示例市样例社区卫生服务中心") + "</immunization>";
        ++given;
    }
    return all;
}

std::string card_xml(const Town& town, std::size_t household) {
    const std::size_t couple = household / 2;
    const Person child = child_of(town, household);
    const Person& mother = town.persons[couple * 2 + 1];
    return "<vaccinationCard>" + identified("id", "9999012" + fixed_number(static_cast<std::int64_t>(couple), 11)) +
           "<patient>" + identified("id", child.id) + valued("name", child.name) +
           coded("administrativeGenderCode", couple % 2 == 0 ? "1" : "2", couple % 2 == 0 ? "男" : "女") +
           valued("birthTime", moment(child.birth, couple)) +
           (couple % 6 == 5 ? "<birthCertificate nullFlavor=\"NI\"/>"
                            : identified("birthCertificate", birth_code_of(household))) +
           "</patient><guardian>" + valued("name", mother.name) + identified("id", mother.id) +
           valued("telecom", couple % 5 == 3 ? "" : "tel:" + mother.phone) + "</guardian>" +
           valued("custodian", "示例市疾病预防控制中心") + doses_xml(child.birth, couple) +
           coded("completionCode", couple % 10 == 7 ? "0" : "1", "") + valued("issueTime", "20240630") +
           "</vaccinationCard>";
}

std::optional<std::size_t> find_child(const Town& town, const std::string& name, const std::string& id) {
    for (std::size_t household = 0; household < kHouseholds; household += 2) {
        const Person child = child_of(town, household);
        if (child.name == name && child.id == id) {
            return household;
        }
    }
    return std::nullopt;
}

}  // namespace

BusHandler vaccination_registry(const Town& town) {
    return [&town](std::string_view message, Trouble trouble) {
        const std::string xml{message};
        const auto found = find_child(town, element_text(xml, "patientName"), element_text(xml, "patientId"));
        if (element_text(xml, "interactionId") != "QUPA_IN401") {
            return reply("AR", "AE", "");  // application reject
        }
        return found ? reply("AA", "OK", card_xml(town, told_instead(*found, trouble))) : reply("AA", "NF", "");
    };
}

}  // namespace datong::departments
