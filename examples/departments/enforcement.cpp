#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

Told reply(int state, std::string_view message, const std::string& rows) {
    return {.body = json_object({{"state", std::to_string(state)}, {"msg", json_quoted(message)}, {"rows", rows}})};
}

std::string penalty_json(const Company& company, std::size_t index, std::int64_t serial) {
    const std::string day = "2023" + fixed_number(serial % 12 + 1, 2) + "18";
    return json_object({{"cfwsh", json_quoted("示综执罚字〔2023〕第" + fixed_number(serial, 5) + "号")},
                        {"xdr_mc", json_quoted(company.name)},
                        {"xdr_xydm", json_quoted(company.uscc)},
                        {"wfxwlx", json_quoted("占道经营")},
                        {"wfss", json_quoted("未经批准在道路上堆放物料")},
                        {"cfyj", json_quoted("《城市市容和环境卫生管理条例》第三十六条")},
                        {"cflb", json_quoted(index % 2 == 0 ? "1" : "1,2")},        // several kinds, joined
                        {"fkje", index % 2 == 0 ? "null" : json_quoted("0.0500")},  // in 万元
                        {"cfjdrq", json_quoted(unpadded_day(day, "年", "月", "日"))},
                        {"gsjzq", json_quoted(index % 3 == 0 ? "9999-12-31" : "2026-03-18")},
                        {"cfjg", json_quoted("示例市综合行政执法局")},
                        {"cfjgdm", json_quoted("11999901MB0001134B")},
                        {"zt", "0"}});
}

}  // namespace

Handler penalty_system(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.path != "/zhzf/xzcf/list") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply(2002, "token失效", "null");
        }
        const auto found = find_company(town, asked.value("xdrmc"), asked.value("xydm"));
        if (!found || *found % 3 == 2) {
            return reply(0, "", "\"\"");  // no case: neither a list nor null
        }
        const std::size_t told = told_instead(*found, trouble);
        const auto serial = static_cast<std::int64_t>(told) * 2;
        const std::string one = penalty_json(town.companies[told], told, serial);
        if (trouble == Trouble::one_element_as_object || told % 4 == 0) {
            return reply(0, "", one);
        }
        return reply(0, "", '[' + one + ',' + penalty_json(town.companies[told], told, serial + 1) + ']');
    };
}

}  // namespace datong::departments
