#include "core/telemetry/events.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>

#include "tests/support/catch.h"

using namespace datong::telemetry;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Emitted {
    std::string log;
    std::string metrics;
};

template <class... Events>
Emitted emitted(const Events&... events) {
    std::string folder = (fs::temp_directory_path() / "datong-events-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    Emitted got;
    {
        auto sink = Sink::make({.file = folder + "/log", .least = Level::debug});
        REQUIRE(sink);
        (emit(**sink, events), ...);
        (*sink)->flush();
        got.metrics = (*sink)->metrics();
    }
    std::ifstream in{folder + "/log"};
    got.log.assign(std::istreambuf_iterator<char>{in}, {});
    fs::remove_all(folder);
    return got;
}

}  // namespace

TEST_CASE("an answered call is a line, a count and a time", "[telemetry]") {
    const auto got = emitted(CallAnswered{.service = "realestate-certificate",
                                          .consumer = "city-platform",
                                          .outcome = "found",
                                          .status = 200,
                                          .exchange = "0190",
                                          .took = 4200us});
    CHECK_THAT(got.log,
               ContainsSubstring(
                   R"("level":"info","event":"call_answered","service":"realestate-certificate",)"
                   R"("consumer":"city-platform","outcome":"found","status":200,"exchange":"0190","took_us":4200})"));
    CHECK_THAT(got.metrics, ContainsSubstring("datong_exchange_calls_total{consumer=\"city-platform\",outcome="
                                              "\"found\",service=\"realestate-certificate\"} 1"));
    CHECK_THAT(got.metrics,
               ContainsSubstring("datong_exchange_call_seconds_count{service=\"realestate-certificate\"} 1"));
}

TEST_CASE("the exchange is in the line and never a label", "[telemetry]") {
    const auto got =
        emitted(CallRefused{.fault = "replayed", .consumer = "c", .service = "s", .exchange = "0190-x"},
                SourceFailed{.source = "land", .fault = "department_down", .exchange = "0190-x", .waited = 5ms},
                MappingFailed{.mapping = "m", .path = "a.b", .rule = "date", .exchange = "0190-x"});
    CHECK_THAT(got.log, ContainsSubstring("0190-x"));
    CHECK_THAT(got.metrics, !ContainsSubstring("0190-x"));
    CHECK_THAT(got.metrics,
               ContainsSubstring("datong_adapter_failures_total{fault=\"department_down\",source=\"land\"} 1"));
    CHECK_THAT(got.metrics, ContainsSubstring("datong_mapping_failures_total{mapping=\"m\",rule=\"date\"} 1"));
}

TEST_CASE("a breaker shows as a flag", "[telemetry]") {
    CHECK_THAT(emitted(BreakerOpened{.source = "land"}).metrics,
               ContainsSubstring("datong_adapter_breaker_open_flag{source=\"land\"} 1"));
    CHECK_THAT(emitted(BreakerOpened{.source = "land"}, BreakerClosed{.source = "land"}).metrics,
               ContainsSubstring("datong_adapter_breaker_open_flag{source=\"land\"} 0"));
}

TEST_CASE("every event is one line and every metric is named by the rule", "[telemetry]") {
    const auto got =
        emitted(GatewayStarted{.name = "g", .version = "1", .stage = "sandbox", .port = 8443},
                GatewayDraining{.grace = 10s, .connections = 3}, GatewayStopped{}, SnapshotInForce{.digest = "ab"},
                SnapshotRefused{.mistakes = 2, .file = "gateway.yaml", .line = 7}, CallAnswered{}, CallRefused{},
                SourceFailed{}, BreakerOpened{}, BreakerClosed{}, MappingFailed{},
                EvidenceTornTail{.file = "0001.seg", .bytes_cut = 17}, EvidenceFailed{.why = "no space"},
                ConnectionRefused{.why = "full"}, SourceDrifted{}, SourceOrdered{}, StateLost{},
                SubjectsNearCap{.consumer = "c", .circle = "grant", .grant = "g", .asked = 4, .most = 5},
                ManyMisses{.consumer = "c", .missing = 60, .answered = 100},
                HandlerThrew{.exception = "std::bad_alloc", .method = "GET"});
    CHECK(std::count(got.log.begin(), got.log.end(), '\n') == 20);
    const std::regex rule{"datong_[a-z]+_[a-z_]+_(total|seconds|flag)(_bucket|_sum|_count)?(\\{.*\\})? .*"};
    std::istringstream metrics{got.metrics};
    int seen = 0;
    for (std::string line; std::getline(metrics, line);) {
        if (!line.empty() && line.front() != '#') {
            CAPTURE(line);
            CHECK(std::regex_match(line, rule));
            ++seen;
        }
    }
    CHECK(seen > 10);
}
