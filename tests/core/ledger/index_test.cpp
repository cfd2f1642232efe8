#include "core/ledger/index.h"

#include <cstdint>
#include <fstream>
#include <stop_token>
#include <string>

#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::ledger;
using evidence::sample::Bench;
using evidence::sample::Keys;

namespace {

/// What this process has read from files so far, in octets (proc(5): /proc/pid/io, rchar).
std::uint64_t octets_read() {
    std::ifstream file{"/proc/self/io"};
    std::string name;
    std::uint64_t octets{};
    REQUIRE(file >> name >> octets);
    REQUIRE(name == "rchar:");
    return octets;
}

void append_exchange(Bench& bench, const Keys& keys, const std::string& exchange) {
    const auto intent = evidence::sample::intent_of(exchange, evidence::sample::kBody, keys);
    const auto outcome = evidence::sample::outcome_of(intent, "{}", keys);
    REQUIRE(bench.append(evidence::to_record(intent)) > 0);
    REQUIRE(bench.append(evidence::to_record(outcome)) > 0);
}

std::int64_t feed(Index& index, const Bench& bench) {
    const auto fed = index.feed(bench.folder.path());
    REQUIRE(fed);
    return *fed;
}

}  // namespace

TEST_CASE("the index goes on where it ended and reads no record twice", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    for (int i = 0; i < 100; ++i) {
        append_exchange(bench, keys, "e" + std::to_string(i));
    }
    const auto index = Index::open(Index::file_of(bench.folder.path()));
    REQUIRE(index);
    CHECK(feed(**index, bench) == 200);
    const std::uint64_t before = octets_read();
    for (int i = 0; i < 20; ++i) {
        append_exchange(bench, keys, "later" + std::to_string(i));
        CHECK(feed(**index, bench) == 2);
    }
    // the log so far, read anew at every step, would be 20 times its size and more
    CHECK(octets_read() - before < 5 * std::filesystem::file_size(bench.folder.file(1)));
    const auto found = (*index)->find("later19");
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->last == 240);
    CHECK((*found)->outcome == "found");
}

TEST_CASE("the index ends between two transactions when it is asked to", "[ledger]") {
    const Keys keys;
    Bench bench;
    REQUIRE(bench.open());
    append_exchange(bench, keys, "e1");
    const auto index = Index::open(Index::file_of(bench.folder.path()));
    REQUIRE(index);
    std::stop_source stop;
    stop.request_stop();
    const auto none = (*index)->feed(bench.folder.path(), {}, stop.get_token());
    REQUIRE(none);
    CHECK(*none == 0);
    CHECK(feed(**index, bench) == 2);
}
