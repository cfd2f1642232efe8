#include "core/ledger/asked.h"

#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::ledger;
using evidence::sample::Bench;
using evidence::sample::Keys;

namespace {

AskedMaterial one(const std::string& exchange, const std::string& outcome, const std::string& at = "2026-11-30") {
    return {.case_number = "c",
            .matter = "m",
            .material = "clearance",
            .service = "tax-clearance",
            .source = "tax/tax-front",
            .outcome = outcome,
            .at = at,
            .exchange = exchange,
            .operator_division = {}};
}

}  // namespace

TEST_CASE("what came after an answer takes the place of pending, and what says nothing of a department is left out",
          "[ledger]") {
    const std::vector<AskedMaterial> asked{
        one("a", "pending"),        one("b", "found"),           one("c", "not_found"),
        one("d", "pending"),        one("e", "department_down"), one("a", "found"),
        one("f", "withheld"),       one("g", "not_permitted"),   one("h", "found", "2026-10-01"),
        one("i", "answer_over_cap")};
    const auto answers = count_answers(asked, "2026-11");
    REQUIRE(answers.size() == 1);
    const Answers& counted = answers.begin()->second;
    CHECK(counted.asked == 5);
    CHECK(counted.found == 2);
    CHECK(counted.none == 1);
    CHECK(counted.pending == 1);
    CHECK(counted.silent == 1);
    CHECK(count_answers(asked, "").begin()->second.asked == 6);
}

TEST_CASE("what came after an answer is read from the log with its case", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    auto intent = evidence::sample::intent_of("e1", evidence::sample::kBody, keys);
    auto outcome = evidence::sample::outcome_of(intent, "{}", keys);
    outcome.materials = {
        {.material = "clearance", .service = "tax-clearance@1.0.0", .source = "tax/tax-front", .outcome = "pending"}};
    evidence::FollowUp later{.at = "2026-03-01T09:00:00.000+08:00",
                             .exchange = "e1",
                             .event = "answered",
                             .question = {},
                             .consumer = {},
                             .matter = "existing-home-transfer@1.1.0",
                             .case_number = "c1",
                             .grant = {},
                             .material = {.material = "clearance",
                                          .service = "tax-clearance@1.1.0",
                                          .source = "tax/tax-front",
                                          .outcome = "found"},
                             .promise = {},
                             .reply_digests = {},
                             .certificate_digests = {},
                             .answer_digest = {},
                             .snapshot = {}};
    REQUIRE(evidence::sign_follow_up(later, "gateway-2026", keys.gateway));
    REQUIRE(bench.append(evidence::to_record(intent)) > 0);
    REQUIRE(bench.append(evidence::to_record(outcome)) > 0);
    REQUIRE(bench.append(evidence::to_record(later)) > 0);
    const auto asked = asked_materials(bench.folder.path());
    REQUIRE(asked.has_value());
    REQUIRE(asked->size() == 2);
    CHECK(asked->front().outcome == "pending");
    CHECK(asked->back().outcome == "found");
    CHECK(asked->back().case_number == "c1");
    CHECK(asked->back().matter == "existing-home-transfer");
    CHECK(asked->back().service == "tax-clearance");
}
