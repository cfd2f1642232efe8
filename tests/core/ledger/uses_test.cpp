#include "core/ledger/uses.h"

#include <set>

#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::ledger;
using evidence::sample::Bench;
using evidence::sample::Keys;
using record::Record;

namespace {

/// A call about somebody, and its outcome unless it is left open.
void append(Bench& bench, const Keys& keys, const std::string& exchange, const std::string& name,
            const std::string& purpose, bool is_ended = true) {
    auto intent = evidence::sample::intent_of(exchange, evidence::sample::kBody, keys);
    intent.persons = {"subject:" + name};
    intent.purpose = purpose;
    REQUIRE(bench.append(evidence::to_record(intent)) > 0);
    if (is_ended) {
        REQUIRE(bench.append(evidence::to_record(evidence::sample::outcome_of(intent, "{}", keys))) > 0);
    }
}

std::vector<std::string> exchanges_in(const Record& page) {
    std::vector<std::string> all;
    for (const Record& use : page.find("uses")->items()) {
        all.push_back(use.text_of("exchange"));
        CHECK(use.text_of("role") == "subject");
    }
    return all;
}

}  // namespace

TEST_CASE("a page of uses is full until the last one, however many are withheld between them", "[ledger][security]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    constexpr int kTold = 205;
    for (int i = 0; i < kTold; ++i) {
        // half of a page and more that is not told, all in one place and then one by one
        for (int hidden = 0; hidden < (i == 3 ? 210 : i % 2); ++hidden) {
            append(bench, keys, "h" + std::to_string(i) + '-' + std::to_string(hidden), "aa", "audit");
        }
        append(bench, keys, "e" + std::to_string(i), i % 2 == 0 ? "aa" : "bb", "existing-home-transfer");
    }
    append(bench, keys, "open", "aa", "existing-home-transfer", false);
    append(bench, keys, "others", "cc", "existing-home-transfer");
    bench.log.reset();
    const auto index = Index::open(Index::file_of(bench.folder.path()));
    REQUIRE(index);
    REQUIRE((*index)->feed(bench.folder.path()));
    const std::vector<std::string> names{"aa", "bb"};
    const std::vector<NotYet> withheld{{.purposes = {"audit", "\"'"}, .since = "2000"}};

    const auto first = uses_of(**index, names, "", withheld);
    REQUIRE(first);
    const auto told = exchanges_in(*first);
    CHECK(told.size() == 200);
    CHECK(told.front() == "e0");
    CHECK(first->text_of("next") == told.back());  // not the number of a record, which would tell what lies between
    const auto second = uses_of(**index, names, first->text_of("next"), withheld);
    REQUIRE(second);
    CHECK(exchanges_in(*second) == std::vector<std::string>{"e200", "e201", "e202", "e203", "e204"});
    CHECK(second->find("next") == nullptr);

    const auto later = uses_of(**index, names, "", {{.purposes = {"audit"}, .since = "2100"}});
    REQUIRE(later);
    CHECK(exchanges_in(*later).at(1) == "h1-0");                                   // in its time it is told
    for (const char* after : {"others", "nothing", "1", "400", "h3-0", "open"}) {  // nor what is withheld or under way
        CAPTURE(after);
        const auto none = uses_of(**index, names, after, withheld);
        REQUIRE_FALSE(none);
        CHECK(none.error().fault() == Fault::bad_request);
    }
    const auto nobody = uses_of(**index, {"dd"}, "", withheld);
    REQUIRE(nobody);
    CHECK(exchanges_in(*nobody).empty());
    CHECK(nobody->find("next") == nullptr);
}
