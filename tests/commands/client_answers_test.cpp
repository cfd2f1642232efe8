// What the clients in other languages say of answers that are more than found or not found.
#include <functional>

#include "core/codec/json.h"
#include "tests/commands/kit_bench.h"
#include "tests/support/catch.h"

using namespace datong::commands;
using datong::record::Record;

namespace {

constexpr const char* kFund = "fund-deposit-certificate";
constexpr const char* kFar = "2999-12-31";
constexpr const char* kLong = "2001-01-01";

/// Answers say until when they may be used.
void let_share(const Installation& installation) {
    installation.replace("config/gateway.yaml", "calendar:", "sharing: {valid_days: 30, code_days: 30}\ncalendar:");
}

struct Row {
    const char* why;
    std::function<void(Record& answer)> change;
};

/// How long an answer may be used is what its issuer signed, though it stands beside the code that nobody signs.
void check_last_day(const Bench& bench) {
    const Ran good = bench.service(kFund, bench.trust);
    CAPTURE(good.err);
    REQUIRE(good.code == 0);
    const Record answer = datong::codec::read_json(good.out).value();
    const std::string until = answer.find("sharing")->text_of("valid_until");
    CHECK_THAT(good.err, ContainsSubstring("usable until " + until));
    CHECK_THAT(good.err, !ContainsSubstring("it is over"));
    const std::string kept = bench.installation.path("kept.json");
    const auto day = [](const char* other) {
        return [other](Record& said) { said.find("sharing")->put("valid_until", Record::text(other)); };
    };
    const std::vector<Row> rows{
        {"lengthened", day(kFar)},
        {"shortened", day(kLong)},
        {"taken out",
         [](Record& said) {
             std::erase_if(said.members_to_edit(), [](const auto& one) { return one.name == "sharing"; });
         }},
        {"moved to the top",
         [&until](Record& said) {
             said.put("valid_until", Record::text(until));
             said.find("sharing")->put("valid_until", Record::text(kFar));
         }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Record altered = answer;
        row.change(altered);
        write_file(kept, datong::codec::write_json(altered));
        const Ran ran = bench.call({"verify", kept});
        CAPTURE(ran.err);
        CHECK(ran.code == 1);
        CHECK_THAT(ran.err, ContainsSubstring("valid_until"));
    }
    Record without_code = answer;  // the code is the holder's, and good once
    without_code.put("sharing", Record::object({{"valid_until", Record::text(until)}}));
    write_file(kept, datong::codec::write_json(without_code));
    CHECK(bench.call({"verify", kept}).code == 0);
}

void check_kit(const std::string& name) {
    const Bench sharing{name, let_share};
    check_last_day(sharing);
}

}  // namespace

TEST_CASE("the Node client compares how long an answer may be used", "[commands][clients]") {
    check_kit("node");
}

TEST_CASE("the Java client compares how long an answer may be used", "[commands][clients]") {
    check_kit("java");
}
