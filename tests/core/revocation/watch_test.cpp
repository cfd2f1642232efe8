#include "core/revocation/watch.h"

#include <fstream>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::revocation;

namespace {

/// A root, an authority below it and a client below that, made by openssl's own program.
class Chain {
public:
    Chain() {
        const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
        folder_.write("ca.cnf", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n");
        run("openssl req -x509" + key + "-keyout root.key -out root.pem -subj /CN=root -days 30");
        run("openssl req -new" + key + "-keyout sub.key -out sub.csr -subj /CN=sub");
        run("openssl x509 -req -in sub.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile ca.cnf -out sub.pem");
        run("openssl req -new" + key + "-keyout leaf.key -out leaf.csr -subj /CN=client");
        run("openssl x509 -req -in leaf.csr -CA sub.pem -CAkey sub.key -CAcreateserial -out leaf.pem");
    }
    [[nodiscard]] std::string pem(const std::string& name) const { return folder_.read(name + ".pem"); }

private:
    void run(const std::string& command) const {
        CAPTURE(command);
        REQUIRE(std::system(("cd '" + folder_.path() + "' && " + command + " >/dev/null 2>&1").c_str()) == 0);
    }
    support::ScratchFolder folder_;
};

}  // namespace

TEST_CASE("a session that is resumed brings its leaf alone, and the chain of the first one counts", "[revocation]") {
    const Chain chain;
    support::FakeClock clock{std::chrono::system_clock::now()};
    const auto sink = telemetry::Sink::make({.file = "-"});
    int asked = 0;
    Watch watch{{.is_hard = true, .crls = {}, .ocsp = "http://ocsp.example", .anchors = {chain.pem("root")}},
                {.read = [](const std::string&) { return fail(Fault::unavailable, "none"); },
                 .ask = [&asked](const std::string&, const std::string&) -> Result<std::string> {
                     ++asked;
                     return fail(Fault::unavailable, "silent");
                 }},
                clock,
                **sink};
    watch.meet("alone", chain.pem("leaf"));
    CHECK(asked == 0);  // nobody knows who issued it
    watch.meet("client", chain.pem("leaf") + chain.pem("sub"));
    CHECK(asked == 1);
    watch.meet("client", chain.pem("leaf"));
    CHECK(asked == 2);
    CHECK(watch.has_met("client"));
    CHECK_FALSE(watch.has_met("somebody"));
    CHECK(watch.find("client") == Finding::unknown);
    // and who came alone is asked about once its chain is there
    watch.meet("alone", chain.pem("leaf") + chain.pem("sub"));
    CHECK(asked == 3);
}

namespace {

/// A watch over three clients, and what its responder was asked.
struct Asked {
    explicit Asked(std::chrono::milliseconds asking, Result<std::string> says)
        : watch{{.is_hard = true,
                 .crls = {},
                 .ocsp = "http://ocsp.example",
                 .anchors = {chain.pem("root")},
                 .asking = asking},
                {.read = [](const std::string&) { return fail(Fault::unavailable, "none"); },
                 .ask =
                     [this, says = std::move(says)](const std::string&, const std::string& request) {
                         requests.push_back(request);
                         return says;
                     }},
                clock,
                **sink} {
        for (const char* one : {"a", "b"}) {
            watch.meet(one, chain.pem("leaf") + chain.pem("sub"));
        }
        watch.meet("c", chain.pem("sub"));
        REQUIRE(requests.size() == 3);  // each connection asks about its own
        requests.clear();
    }

    const Chain chain;
    support::FakeClock clock{std::chrono::system_clock::now()};
    Result<std::unique_ptr<telemetry::Sink>> sink = telemetry::Sink::make({.file = "-"});
    std::vector<std::string> requests;
    Watch watch;
};

}  // namespace

TEST_CASE("a responder that can't be reached is asked once a round, whoever is known", "[revocation]") {
    Asked bench{std::chrono::hours{1}, fail(Fault::unavailable, "silent")};
    bench.watch.refresh({});
    CHECK(bench.requests.size() == 1);
    Watch next{bench.watch.rules(),
               {.read = [](const std::string&) { return fail(Fault::unavailable, "none"); },
                .ask = [&bench](const std::string&, const std::string& request) -> Result<std::string> {
                    bench.requests.push_back(request);
                    return fail(Fault::unavailable, "silent");
                }},
               bench.clock,
               **bench.sink};
    next.adopt(bench.watch);
    CHECK(bench.requests.size() == 2);
    CHECK(next.has_met("c"));
}

TEST_CASE("a round whose time is over goes on with the others next time", "[revocation]") {
    Asked bench{std::chrono::milliseconds{0}, std::string{"no response"}};
    for (int round = 0; round < 4; ++round) {
        bench.watch.refresh({});
    }
    REQUIRE(bench.requests.size() == 4);
    CHECK(bench.requests[0] == bench.requests[1]);  // a and b have one certificate
    CHECK(bench.requests[1] != bench.requests[2]);
    CHECK(bench.requests[3] == bench.requests[0]);
}
