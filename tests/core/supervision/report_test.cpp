#include "core/supervision/report.h"

#include <random>

#include "tests/support/catch.h"

using namespace datong;
using namespace datong::supervision;
using items::Broken;
using items::Row;
using ledger::AskedMaterial;

namespace {

constexpr const char* kItem = "11999901MB0000019U4000715001000";

Row row(std::map<std::string, std::string, std::less<>> columns, std::string where = "table.csv:2") {
    return {.columns = std::move(columns), .where = std::move(where)};
}

items::Library library() {
    items::Library all;
    all[kItem] = {.code = kItem,
                  .name = "存量房转移登记",
                  .version = 1,
                  .department_code = "1",
                  .department_name = "示例市自然资源局",
                  .guid = "g",
                  .materials = {{.name = "完税证明", .need = "1", .source = "20"},
                                {.name = "营业执照", .need = "2", .source = "20"},
                                {.name = "买卖合同", .need = "1", .source = "10"}}};
    return all;
}

items::Links links() {
    return {{"完税证明", {.service = "tax-clearance"}}, {"营业执照", {.service = "business-licence"}}};
}

AskedMaterial asked(const std::string& case_number, const std::string& outcome, const std::string& day,
                    const std::string& service = "tax-clearance") {
    return {.case_number = case_number,
            .matter = "existing-home-transfer",
            .material = "seller-clearance",
            .service = service,
            .source = "tax/tax-front",
            .outcome = outcome,
            .at = day + "T09:00:00.000+08:00",
            .exchange = "exchange-of-" + case_number,
            .operator_division = "999901"};
}

/// One way that a case can go, and what the report must say of it.
struct Planted {
    const char* why;
    Finding expected;
    const char* material;
};
constexpr Planted kPlanted[]{
    {"found, and taken from the department", Finding::spared, "完税证明"},
    {"found at the third try, and taken from the department", Finding::spared, "完税证明"},
    {"tried three times in vain, then on paper", Finding::justified, "完税证明"},
    {"the department has none, so on paper", Finding::justified, "完税证明"},
    {"found, and uploaded anyway", Finding::repeated, "完税证明"},
    {"found at the third try, and uploaded twice anyway", Finding::repeated, "完税证明"},
    {"never asked, on paper", Finding::not_asked, "完税证明"},
    {"asked under another case's number, on paper", Finding::not_asked, "完税证明"},
    {"asked a day after the paper was taken", Finding::not_asked, "完税证明"},
    {"the item does not need it", Finding::not_needed, "营业执照"},
    {"nobody shares it", Finding::not_shared, "买卖合同"},
};

/// A city's cases with what was asked and taken for each, and how many there are of each finding.
struct City {
    std::vector<Row> cases;
    std::vector<Row> taken;
    std::vector<AskedMaterial> asked;
    std::map<Finding, std::uint64_t> expected;
    std::map<std::string, std::uint64_t> repeated_by_window;
    std::map<std::string, std::uint64_t> not_asked_by_day;

    void take(const std::string& number, const std::string& material, const char* mode) {
        taken.push_back(row({{"project_no", number}, {"clmc", material}, {"submit_mode", mode}}));
    }

    void plant(std::size_t which, const std::string& number, const std::string& window, const std::string& day) {
        const Planted& planted = kPlanted[which];
        cases.push_back(row({{"project_no", number},
                             {"task_code", kItem},
                             {"org_name", "示例市自然资源局"},
                             {"window_no", window},
                             {"accept_date", day + " 10:00:00"}}));
        const bool retries = which == 1 || which == 2 || which == 5;
        for (int i = 0; retries && i < 2; ++i) {
            asked.push_back(::asked(number, "department_timeout", day));
        }
        if (which == 0 || which == 1 || which == 4 || which == 5) {
            asked.push_back(::asked(number, "found", day));
        } else if (which == 2) {
            asked.push_back(::asked(number, "department_down", day));
        } else if (which == 3) {
            asked.push_back(::asked(number, "not_found", day));
        } else if (which == 7) {
            asked.push_back(::asked("wrong-" + number, "found", day));
        } else if (which == 8) {
            asked.push_back(::asked(number, "found", "2026-12-31"));
        }
        take(number, planted.material, planted.expected == Finding::spared ? "4" : "1");
        if (which == 5) {
            take(number, std::string{"《"} + planted.material + "》（原件）", "1");
            take(number, planted.material, "4");
        }
        ++expected[planted.expected];
        repeated_by_window[window] += planted.expected == Finding::repeated ? 1 : 0;
        not_asked_by_day[day] += planted.expected == Finding::not_asked ? 1 : 0;
    }
};

}  // namespace

TEST_CASE("of a thousand cases each planted one is found, and no honest one", "[supervision]") {
    std::mt19937 dice{20261130};  // its numbers are the same everywhere
    City city;
    for (int i = 0; i < 1'000; ++i) {
        const std::string day = "2026-11-" + std::to_string(10 + dice() % 20);
        city.plant(dice() % std::size(kPlanted), "case-" + std::to_string(i), "W" + std::to_string(dice() % 12), day);
    }
    std::vector<Broken> broken;
    const Cases cases = read_cases(city.cases, broken);
    const auto taken = read_taken(city.taken, cases, broken);
    REQUIRE(broken.empty());
    REQUIRE(cases.size() == 1'000);
    const items::Library known = library();
    const items::Links linked = links();
    const auto found =
        supervise(cases, taken, city.asked,
                  {.library = known, .links = linked, .has_service = [](std::string_view) { return true; }});
    CHECK(found.size() == 1'000);
    std::map<Finding, std::uint64_t> counted;
    for (const Found& one : found) {
        ++counted[one.finding];
        CHECK((one.finding == Finding::repeated) == !one.exchange.empty());
    }
    CHECK(counted == city.expected);
    for (const auto& [finding, count] : city.expected) {
        CAPTURE(name_of(finding));
        CHECK(count > 50);  // each class is there
    }
    for (const auto& [window, sum] : add_up(found, By::window)) {
        CAPTURE(window);
        CHECK(sum.repeated == city.repeated_by_window[window]);
    }
    for (const auto& [day, sum] : add_up(found, By::day)) {
        CAPTURE(day);
        CHECK(sum.not_asked == city.not_asked_by_day[day]);
    }
    const auto by_item = add_up(found, By::item);
    REQUIRE(by_item.size() == 1);
    CHECK(by_item.begin()->second.justified == city.expected[Finding::justified]);
    CHECK(add_up(found, By::department).begin()->second.spared == city.expected[Finding::spared]);
}

TEST_CASE("a row of the case tables that can't be understood is named, and the rest is read", "[supervision]") {
    std::vector<Broken> broken;
    const Cases cases = read_cases({row({{"project_no", "1"}, {"accept_date", "20261130"}}, "c.csv:2"),
                                    row({{"project_no", "1"}, {"accept_date", "2026-11-30"}}, "c.csv:3"),
                                    row({{"accept_date", "2026-11-30"}}, "c.csv:4"),
                                    row({{"project_no", "2"}, {"accept_date", "30.11.2026"}}, "c.csv:5")},
                                   broken);
    CHECK(cases.size() == 1);
    CHECK(cases.begin()->second.day == "2026-11-30");
    REQUIRE(broken.size() == 3);
    CHECK(broken[0].where == "c.csv:3");
    broken.clear();
    const auto taken =
        read_taken({row({{"project_no", "1"}, {"clmc", "完税证明"}}), row({{"project_no", "9"}, {"clmc", "完税证明"}}),
                    row({{"project_no", "1"}, {"clmc", "完税证明"}, {"submit_mode", "7"}}), row({{"project_no", "1"}})},
                   cases, broken);
    CHECK(taken.size() == 1);
    CHECK(broken.size() == 3);
}
