#include "core/evidence/strangers.h"

#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using namespace std::chrono_literals;

namespace {

const Strangers::Time kStart{std::chrono::seconds{1'772'323'200}};  // a full minute

std::vector<record::Record> records_of(const std::string& folder) {
    std::vector<record::Record> records;
    REQUIRE(read_folder(folder, [&](const record::Record& record) {
        records.push_back(record);
        return true;
    }));
    return records;
}

}  // namespace

TEST_CASE("strangers have a cap a minute", "[evidence][security]") {
    Strangers strangers{2};
    CHECK(strangers.may_keep(kStart));
    CHECK(strangers.may_keep(kStart + 59s));
    CHECK_FALSE(strangers.may_keep(kStart + 59s));
    CHECK(strangers.may_keep(kStart + 60s));
}

TEST_CASE("counts of strangers are given when their minute is over", "[evidence]") {
    Strangers strangers{0};
    strangers.count("not_signed", kStart);
    strangers.count("not_signed", kStart + 1s, 2);
    strangers.count("bad_request", kStart + 1s);
    CHECK(strangers.take_over(kStart + 59s).empty());
    const auto counted = strangers.take_over(kStart + 60s);
    REQUIRE(counted.size() == 2);
    CHECK(counted[0].fault == "bad_request");
    CHECK(counted[0].count == 1);
    CHECK(counted[1].fault == "not_signed");
    CHECK(counted[1].count == 3);
    CHECK(strangers.take_all(kStart + 60s).empty());
}

TEST_CASE("invented fault codes can't fill the memory", "[evidence][security]") {
    Strangers strangers{0};
    for (int i = 0; i < 1000; ++i) {
        strangers.count("fault" + std::to_string(i), kStart);
    }
    std::size_t sum = 0;
    const auto counted = strangers.take_all(kStart);
    for (const auto& one : counted) {
        sum += one.count;
    }
    CHECK(counted.size() == 65);
    CHECK(sum == 1000);
}

TEST_CASE("refusals of strangers over the cap become one counted record", "[evidence][security]") {
    sample::Bench bench;
    bench.settings.strangers_a_minute = 10;
    REQUIRE(bench.open());
    for (int i = 0; i < 1000; ++i) {
        bench.log->note_stranger(to_json(Refusal{.fault = "not_signed"}), "not_signed");
    }
    bench.clock.advance(60s);
    REQUIRE(bench.append(sample::note(1)) > 0);
    bench.log.reset();
    std::size_t kept = 0;
    std::string counted;
    for (const auto& record : records_of(bench.folder.path())) {
        kept += record.text_of("kind") == "refusal" ? 1U : 0U;
        counted += record.text_of("kind") == "refusals_counted" ? record.text_of("count") : "";
    }
    CHECK(kept == 10);
    CHECK(counted == "990");
}

TEST_CASE("what is only counted is written when the log closes", "[evidence]") {
    sample::Bench bench;
    bench.settings.strangers_a_minute = 0;
    REQUIRE(bench.open());
    bench.log->note_stranger(to_json(Refusal{.fault = "replayed"}), "replayed");
    bench.log.reset();
    const auto records = records_of(bench.folder.path());
    REQUIRE(records.size() == 1);
    CHECK(records[0].text_of("fault") == "replayed");
}

TEST_CASE("strangers that the disk did not take are counted later", "[evidence]") {
    sample::Bench bench;
    REQUIRE(bench.open());
    bench.faults->disk_full = true;
    bench.log->note_stranger(to_json(Refusal{.fault = "not_signed"}), "not_signed");
    CHECK(bench.append(sample::note(1)) == 0);
    bench.faults->disk_full = false;
    bench.log.reset();
    const auto records = records_of(bench.folder.path());
    REQUIRE(records.size() == 1);
    CHECK(records[0].text_of("kind") == "refusals_counted");
    CHECK(records[0].text_of("count") == "1");
}
