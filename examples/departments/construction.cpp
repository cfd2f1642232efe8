#include <map>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

Told reply(std::string_view code, std::string_view message, const std::string& body) {
    return {.body = json_object(
                {{"HEADER", json_texts({{"RET_CODE", std::string{code}}, {"RET_MSG", std::string{message}}})},
                 {"BODY", body}})};
}

/// Buyers as the signing system keeps them: names, numbers and kinds of papers, each joined by commas.
struct Buyers {
    std::string names;
    std::string ids;
    std::string papers;
};

Buyers buyers_of(const Town& town, std::size_t index) {
    Buyers all;
    const auto join = [](std::string& to, std::string_view text) { to.append(to.empty() ? "" : ",").append(text); };
    for (const Holder& holder : town.flats[index].holders) {
        if (!holder.is_company) {
            join(all.names, town.persons[holder.index].name);
            join(all.ids, town.persons[holder.index].id);
            // contracts of some years name the papers once for all buyers
            if (all.papers.empty() || index % 35 != 17) {
                join(all.papers, "身份证");
            }
        }
    }
    return all;
}

std::string contract_json(const Town& town, std::size_t index) {
    const Flat& flat = town.flats[index];
    const Company& seller = town.companies[index / 10 * 10];
    const Buyers buyers = buyers_of(town, index);
    const auto number = static_cast<std::int64_t>(index);
    return json_texts(
        {{"HTBH", "YS" + flat.registered.substr(0, 4) + fixed_number(number, 6)},
         {"CMR", seller.name},
         {"CMRZJH", seller.uscc},
         {"MSRMC", buyers.names},
         {"MSRZJH", buyers.ids},
         {"MSRZJLX", buyers.papers},
         {"XMMC", "示例家园" + std::to_string(index / 40 + 1) + "期"},
         {"YSXKZH", "示房预许字(" + flat.registered.substr(0, 4) + ")第" + fixed_number(number / 40, 3) + "号"},
         {"ZL", flat.location},
         {"BDCDYH", flat.unit_no},
         {"JZMJ", yuan(flat.area_hundredths)},
         {"TNJZMJ", yuan(flat.area_hundredths * 8 / 10)},
         {"FTJZMJ", yuan(flat.area_hundredths - flat.area_hundredths * 8 / 10)},
         {"BASJ", unpadded_day(flat.registered) + " 9:42:04"},
         {"ZJK", yuan(flat.price_fen)},
         {"FKFS", index % 3 == 0 ? "1" : "2"},
         {"HTZT", "3"},
         {"SFBL", index % 2 == 0 ? "是" : "否"},
         {"JFRQ", unpadded_day(flat.registered)}});
}

}  // namespace

Handler signing_system(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.path != "/fcjy/contract/query") {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        if (trouble == Trouble::token_expired) {
            return reply("00002002", "令牌失效", "null");
        }
        const auto found = find_person(town, asked.value("MSRMC"), asked.value("MSRZJH"));
        if (!found) {
            return reply("00000001", "未查询到备案合同", "{}");
        }
        return reply("00000000", "成功", contract_json(town, told_instead(*found, trouble)));
    };
}

}  // namespace datong::departments
