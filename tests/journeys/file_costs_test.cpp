// What a file of 32 MiB costs the gateway's memory, on each of its ways. The department and the consumer are in this
// process, the gateway in another.

#include <cstdio>
#include <optional>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/envelope/multipart.h"
#include "examples/departments/licence_file.h"
#include "tests/blackbox/cost.h"
#include "tests/commands/serving.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;

namespace {

constexpr std::size_t kLength = 32U << 20;

const std::string& large_file() {
    static const std::string made = [] {
        std::string octets = departments::sealed_ofd("large");
        octets.resize(kLength, 'x');
        return octets;
    }();
    return made;
}

/// A gateway whose permits come with that file.
class Bench {
public:
    Bench() {
        const std::string config = installation_.path("config");
        house_.options().change(config);
        const std::string service = config + "/services/discharge-permit.yaml";
        edit(service, "max_bytes: 8388608", "max_bytes: " + std::to_string(kLength));
        edit(service, "deadline_ms: 4000", "deadline_ms: 60000");
        edit(config + "/departments/environment.yaml", "call_ms: 3000", "call_ms: 60000");
        serving_.emplace(installation_);
    }

    [[nodiscard]] Platform platform() const { return {serving_->url(), installation_.path("keys"), "one-window"}; }
    [[nodiscard]] std::string keys() const { return installation_.path("keys"); }

    /// By how many octets the gateway grew at most while that was done.
    template <class Work>
    std::int64_t growth(Work work) const {
        const blackbox::Meter meter{serving_->process()};
        meter.reset_peak();
        const std::int64_t before = meter.used().resident;
        work();
        return meter.used().peak - before;
    }

private:
    FileHouse house_{[](const std::string&) {
        return FileHouse::Told{.head = "200 OK\r\nContent-Type: application/ofd", .body = large_file()};
    }};
    commands::Installation installation_;
    std::optional<commands::Serving> serving_;
};

/// Prints it and holds it against what may be, in hundredths of the file's length.
void judge(const char* way, std::int64_t grown, std::int64_t most_percent) {
    constexpr std::int64_t kBeside = 4 << 20;
    std::printf("%s: a file of 32 MiB, the gateway grew by %.1f MiB\n", way,
                static_cast<double>(grown) / static_cast<double>(1 << 20));
    CHECK(grown <= static_cast<std::int64_t>(kLength) * most_percent / 100 + kBeside);
}

}  // namespace

TEST_CASE("a file of 32 MiB by its address costs its own octets once", "[files][cost]") {
    const Bench bench;
    const Platform platform = bench.platform();
    (void)platform.call(kFund, codec::read_json(commands::fund_body()).value());  // what is made once is made
    const auto grown = bench.growth([&] {
        const auto answer = platform.call(kPermit, body_of(permit_question()));
        CAPTURE(answer.body.substr(0, 500));
        REQUIRE(answer.status == 200);
        const auto body = json_of(answer);
        const auto& file = body.find("files")->items().front();
        const auto fetched = platform.send(platform.prepare_get(file.text_of("url")));
        CHECK(fetched.body == large_file());
        CHECK(file.text_of("sha256") == to_hex(crypto::sha256(fetched.body)));
    });
    judge("by address", grown, 100);
}

TEST_CASE("a file of 32 MiB beside a SOAP answer costs its own octets once", "[files][cost][soap]") {
    const Bench bench;
    const SoapPlatform sender{bench.platform(), bench.keys(), "one-window", "1.1"};
    const char* path = "/soap/discharge-permit";
    const auto grown = bench.growth([&] {
        const std::string request = sender.sign(sender.parts(path, body_of(permit_question())));
        const auto answer = sender.post(path, request, "application/xop+xml");
        const auto message = envelope::read_multipart(answer.field("content-type").value_or(""), answer.body);
        REQUIRE(message);
        REQUIRE(message->parts.size() == 2);
        CHECK(message->parts[1].body == large_file());
    });
    judge("by MTOM", grown, 100);
}
