#include "examples/departments/legacy_text.h"
#include "examples/departments/licence_file.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr const char* kFilePath = "/pwxk/permit/file";

Told reply(int code, std::string_view message, const std::string& rows, int total) {
    return {.body = json_object({{"code", std::to_string(code)},
                                 {"message", json_quoted(message)},
                                 {"data", json_object({{"total", std::to_string(total)}, {"rows", rows}})}})};
}

std::string permit_code(const Company& company, std::size_t index) {
    return company.uscc + fixed_number(static_cast<std::int64_t>(index) % 3 + 1, 3) + "V";
}

/// The bureau's own system was built twice: what the first one wrote has other keys than what the second did. Where the
/// sealed licence file stands it said by a path, and the second says by a whole address.
/// @param host  by which the system is called.
std::string permit_json(const Company& company, std::size_t index, const std::string& host) {
    const std::string code = permit_code(company, index);
    const std::string file = std::string{kFilePath} + "?permitCode=" + code;
    const std::string issued = index % 2 == 0 ? "20230301" : "20240415";
    const std::string until = std::to_string(std::stoi(issued.substr(0, 4)) + 5) + issued.substr(4);
    const std::string kind = index % 4 == 3 ? "2" : "1";
    const std::string trade = index % 4 == 3 ? "null" : "A0300 畜牧专业及辅助性活动";
    if (index % 2 == 0) {
        return json_texts({{"PERMIT_CODE", code},
                           {"LICENSEE_NAME", company.name},
                           {"USCC", company.uscc},
                           {"ISSUE_DATE", issued + "000000"},
                           {"VALID_FROM", issued},
                           {"VALID_TO", until},
                           {"PERMIT_STATUS", "1"},
                           {"PERMIT_TYPE", kind},
                           {"TRADE", trade},
                           {"SITE_ADDRESS", company.address},
                           {"LIMIT_COD", "12.5000"},
                           {"LIMIT_NH3N", "1.2"},
                           {"LICENCE_FILE", file},
                           {"ISSUE_ORG", "示例市生态环境局"}});
    }
    return json_texts({{"permitCode", code},
                       {"licenseeName", company.name},
                       {"Uscc", company.uscc},
                       {"issueDate", dashed_day(issued)},
                       {"validFrom", dashed_day(issued)},
                       {"ValidTo", dashed_day(until)},
                       {"permitStatus", "1"},
                       {"permit_type", kind},
                       {"trade", trade},
                       {"siteAddress", company.address},
                       {"limitCod", "12.5"},
                       {"limitNh3n", ""},
                       {"licenceFile", "http://" + host + file},
                       {"issueOrg", "示例市生态环境局"}});
}

/// The sealed e-licence of a permit (电子证照, OFD), by its number.
Told licence_file(const Town& town, const std::string& code) {
    for (std::size_t i = 0; i < town.companies.size(); ++i) {
        if (permit_code(town.companies[i], i) == code) {
            return {.content_type = "application/ofd", .body = sealed_ofd(code)};
        }
    }
    return {.status = 404, .content_type = "text/plain", .body = "no such file"};
}

}  // namespace

Handler permit_system(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.path == kFilePath) {
            return licence_file(town, asked.value("permitCode"));
        }
        if (asked.path != "/pwxk/permit/query") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply(2002, "token expired", "null", 0);
        }
        const auto found = find_company(town, asked.value("companyName"), asked.value("creditCode"));
        if (!found) {
            return reply(200, "success", "[]", 0);
        }
        const std::size_t told = told_instead(*found, trouble);
        const std::string one = permit_json(town.companies[told], told, asked.headers.at("host"));
        return reply(200, "success", trouble == Trouble::one_element_as_object ? one : '[' + one + ']', 1);
    };
}

}  // namespace datong::departments
