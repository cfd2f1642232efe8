#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

Told success(const std::string& result) {
    return {.body = json_object({{"status", json_quoted("success")}, {"result", result}})};
}

Told failure(std::string_view code, std::string_view message) {
    return {.body = json_object(
                {{"status", json_quoted("fail")},
                 {"result", json_texts({{"errorcode", std::string{code}}, {"errormsg", std::string{message}}})}})};
}

/// Where each material comes from: 10 the applicant, 20 an authority, 99 elsewhere.
std::string material_json(std::string_view name, std::string_view source, std::string_view explain) {
    return json_object({{"material_name", json_quoted(name)},
                        {"material_type", json_quoted("1")},
                        {"is_need", json_quoted(source == "99" ? "3" : "1")},
                        {"source_type", json_quoted(source)},
                        {"source_explain", explain.empty() ? "null" : json_quoted(explain)},
                        {"page_num", source == "10" ? "2" : "1"}});
}

std::string filing_json(const Town& town, std::size_t index) {
    const Company& company = town.companies[index];
    const std::string day = "2024" + fixed_number(static_cast<std::int64_t>(index) % 12 + 1, 2) + "07";
    const std::string materials = '[' + material_json("行政备案申请表", "10", "") + ',' +
                                  material_json("营业执照", "20", "市场监督管理局核发，系统自动调取") + ',' +
                                  material_json("场所平面图", "99", "设计单位出具") + ']';
    return json_object(
        {{"record_no", json_quoted("示备〔2024〕" + fixed_number(static_cast<std::int64_t>(index) + 1, 4) + "号")},
         {"catalog_code", json_quoted("001018999000")},
         {"task_name", json_quoted("食品小经营店登记备案")},
         {"applyer_name", json_quoted(company.name)},
         {"applyer_page_code", json_quoted(company.uscc)},
         {"applyer_type", json_quoted("2")},
         {"accept_date", json_quoted(day + "093000")},
         {"record_date", json_quoted(dashed_day(day) + " 16:00:00.0")},
         {"valid_to", index % 2 == 0 ? "null" : json_quoted("2029-12-31")},
         {"org_name", json_quoted("示例市行政审批局")},
         {"org_code", json_quoted("11999901MB00011426")},
         {"record_state", json_quoted(index % 10 == 9 ? "9" : "1")},
         {"materials", materials}});
}

}  // namespace

Handler filing_system(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.method != "POST" || asked.path != "/xzba/record/query") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return failure("2002", "accessToken无效");
        }
        const auto found = find_company(town, asked.value("applyer_name"), asked.value("applyer_page_code"));
        if (!found) {
            return success("\"\"");
        }
        const std::string one = filing_json(town, told_instead(*found, trouble));
        return success(trouble == Trouble::one_element_as_object ? one : '[' + one + ']');
    };
}

}  // namespace datong::departments
