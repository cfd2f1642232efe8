#include "core/ledger/savings.h"

#include <filesystem>

#include "core/ledger/asked.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::ledger;
using evidence::sample::Bench;
using evidence::sample::Keys;
namespace fs = std::filesystem;

namespace {

/// Three cases of one saved material each, every record in a segment of its own.
void fill(Bench& bench) {
    const Keys keys;
    bench.settings.segment_bytes = 1;
    REQUIRE(bench.open());
    for (const std::string number : {"1", "2", "3"}) {
        auto intent = evidence::sample::intent_of("e" + number, evidence::sample::kBody, keys);
        intent.case_number = "case-" + number;
        auto outcome = evidence::sample::outcome_of(intent, "{}", keys);
        outcome.materials = {
            {.material = "clearance", .service = "tax-clearance@1.0.0", .source = "tax/tax-front", .outcome = "found"}};
        REQUIRE(bench.append(evidence::to_record(intent)) > 0);
        REQUIRE(bench.append(evidence::to_record(outcome)) > 0);
    }
    bench.log.reset();
}

}  // namespace

TEST_CASE("of a log with a hole nothing is counted", "[ledger]") {
    Bench bench;
    fill(bench);
    const std::string folder = bench.folder.path();
    const auto whole = count_savings(folder);
    REQUIRE(whole);
    CHECK(whole->materials.size() == 3);
    std::string missing;
    SECTION("at its beginning, as of an archive that is not mounted") {
        fs::remove(bench.folder.file(1));
        fs::remove(bench.folder.file(2));
        missing = "records 1 to 2 are missing: is the archive mounted?";
    }
    SECTION("within") {
        fs::remove(bench.folder.file(3));
        fs::remove(bench.folder.file(4));
        missing = "records 3 to 4 are missing";
    }
    SECTION("where a segment before the last ends within a record") {
        fs::resize_file(bench.folder.file(4), evidence::kSegmentHeaderSize + 20);
        missing = "record 4 is damaged";
    }
    SECTION("where a segment before the last ends within its header") {
        fs::resize_file(bench.folder.file(4), 20);
        missing = "has no header";
    }
    for (const auto& error : {count_savings(folder).error(), asked_materials(folder).error()}) {
        CHECK(error.fault() == Fault::evidence_unavailable);
        CHECK_THAT(error.detail(), ContainsSubstring(missing));
    }
}

TEST_CASE("a log whose last segment the writer has just begun is whole", "[ledger]") {
    Bench bench;
    fill(bench);
    const std::string folder = bench.folder.path();
    std::size_t counted = 0;
    SECTION("within its last record") {
        fs::resize_file(bench.folder.file(6), evidence::kSegmentHeaderSize + 20);
        counted = 2;
    }
    SECTION("within its header") {
        evidence::sample::write_file(bench.folder.file(7), "DATONG");
        counted = 3;
    }
    const auto savings = count_savings(folder);
    REQUIRE(savings);
    CHECK(savings->materials.size() == counted);
}
