#include <chrono>

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

/// Midnight in China of a yyyymmdd day, as milliseconds since 1970: how the old Java beans serialise.
std::string epoch_ms(const std::string& day) {
    using namespace std::chrono;
    const sys_days date = year{std::stoi(day.substr(0, 4))} /
                          month{static_cast<unsigned>(std::stoi(day.substr(4, 2)))} /
                          std::chrono::day{static_cast<unsigned>(std::stoi(day.substr(6, 2)))};
    return std::to_string(duration_cast<milliseconds>(date.time_since_epoch() - hours{8}).count());
}

std::string_view type_name(std::string_view code) {
    return code == "1130"   ? "有限责任公司(自然人投资或控股)"
           : code == "1151" ? "有限责任公司(自然人独资)"
           : code == "1110" ? "有限责任公司(国有独资)"
                            : "有限责任公司(非自然人投资或控股的法人独资)";
}

std::string_view state_name(std::string_view code) {
    return code == "1" ? "存续(在营、开业、在册)" : code == "2" ? "吊销,未注销" : "注销";
}

void add(std::string& out, std::string_view name, const std::string& json) {
    out += (out.size() > 1 ? "," : "") + json_quoted(name) + ':' + json;
}

std::string company_json(const Town& town, std::size_t index) {
    const Company& company = town.companies[index];
    std::string out = "{";
    add(out, "PRIPID", json_quoted("9999" + fixed_number(static_cast<std::int64_t>(index), 12)));
    add(out, "UNISCID", json_quoted(company.uscc));
    add(out, "REGNO", "null");
    add(out, "ENTNAME", json_quoted(company.name));
    add(out, "ENTTYPE", json_quoted(company.type));
    add(out, "ENTTYPE_CN", json_quoted(type_name(company.type)));
    add(out, "LEREP", json_quoted(town.persons[company.legal_person].name));
    add(out, "REGCAP", ten_thousand_yuan(company.capital_fen));  // a bare number, in 万元
    add(out, "REGCAPCUR", json_quoted(index % 3 == 0 ? "156" : "null"));
    add(out, "ESTDATE", epoch_ms(company.established));
    add(out, "APPRDATE", json_quoted(company.established + "000000"));
    add(out, "OPFROM", epoch_ms(company.established));
    add(out, "OPTO", index % 4 == 0 ? epoch_ms("20491231") : "null");
    add(out, "DOM", json_quoted(company.address));
    add(out, "OPSCOPE", json_quoted("依法须经批准的项目，经相关部门批准后方可开展经营活动"));
    add(out, "REGORG", json_quoted("999901"));
    add(out, "REGORG_CN", json_quoted("示例市市场监督管理局"));
    add(out, "REGSTATE", json_quoted(company.state));
    add(out, "REGSTATE_CN", json_quoted(state_name(company.state)));
    add(out, "INDUSTRYPHY", json_quoted("K"));
    return out + "}";
}

std::string stall_json(const Town& town, std::size_t index) {
    const Company stall = stall_of(town, index);
    const Person& owner = town.persons[stall.legal_person];
    std::string out = "{";
    add(out, "PRIPID", json_quoted("9999" + fixed_number(static_cast<std::int64_t>(index) + 500, 12)));
    add(out, "UNISCID", json_quoted(stall.uscc));
    add(out, "REGNO", json_quoted(""));
    add(out, "TRANAME", json_quoted(stall.name));
    add(out, "NAME", json_quoted(owner.name));
    add(out, "TEL", json_quoted(owner.phone));
    add(out, "COMPFORM", json_quoted(index % 5 == 0 ? "2" : "1"));
    add(out, "COMPFORM_CN", json_quoted(index % 5 == 0 ? "家庭经营" : "个人经营"));
    add(out, "FUNDAM", ten_thousand_yuan(stall.capital_fen));
    add(out, "EMPNUM", index % 3 == 0 ? "\"null\"" : std::to_string(index % 6 + 1));
    add(out, "ESTDATE", json_quoted(stall.established + "000000"));
    add(out, "APPRDATE", epoch_ms(stall.established));
    add(out, "OPLOC", json_quoted(stall.address));
    add(out, "OPSCOPE", json_quoted("小吃服务"));
    add(out, "REGORG_CN", json_quoted("示例市市场监督管理局"));
    add(out, "REGSTATE", json_quoted(stall.state));
    add(out, "INDUSTRYPHY", json_quoted("H"));
    return out + "}";
}

/// Individual businesses are asked by number, operator and trade name.
Told answer_stall(const Town& town, const Asked& asked, Trouble trouble) {
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const Company stall = stall_of(town, i);
        if (stall.uscc == asked.value("epbno") && stall.name == asked.value("traname")) {
            const std::string one = stall_json(town, told_instead(i, trouble));
            return reply("2000", "查询成功", trouble == Trouble::one_element_as_object ? one : '[' + one + ']');
        }
    }
    return reply("2001", "查无结果", "[]");
}

}  // namespace

Handler market_registry(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.path != "/entquery/Qyxxcx" && asked.path != "/entquery/Gtgsjbxxcx") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply("2002", "authcode已失效", "null");
        }
        if (asked.value("authcode").empty()) {
            return reply("2003", "参数不完整", "null");
        }
        if (asked.path == "/entquery/Gtgsjbxxcx") {
            return answer_stall(town, asked, trouble);
        }
        if (asked.value("entname").empty() || asked.value("uniscid").empty()) {
            return reply("2003", "参数不完整", "null");
        }
        for (std::size_t i = 0; i < town.companies.size(); ++i) {
            if (town.companies[i].uscc == asked.value("uniscid") && town.companies[i].name == asked.value("entname")) {
                const std::size_t told = trouble == Trouble::wrong_person ? (i + 1) % town.companies.size() : i;
                const std::string one = company_json(town, told);
                return reply("2000", "查询成功", trouble == Trouble::one_element_as_object ? one : '[' + one + ']');
            }
        }
        return reply("2001", "查无结果", "\"\"");
    };
}

}  // namespace datong::departments
