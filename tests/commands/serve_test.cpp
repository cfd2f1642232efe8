#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong::commands;

namespace {

constexpr const char* kTax = "config/services/tax-clearance.yaml";

Ran reload(const Installation& installation, const Serving& serving) {
    auto environment = installation.environment;
    environment["DATONG_ADMIN_PORT"] = serving.admin_port();
    return datong::commands::datong({"reload", "--config", installation.config()}, environment);
}

bool says(const Serving& serving, const std::string& what) {
    return wait_until([&] { return serving.said().find(what) != std::string::npos; });
}

}  // namespace

TEST_CASE("serve answers, and ends well within its grace time when told to", "[commands]") {
    const Installation installation;
    Serving serving{installation};
    CHECK_THAT(serving.said(), ContainsSubstring("listening: 127.0.0.1:"));
    const Ran called = serving.call();
    CAPTURE(called.out, called.err);
    CHECK(called.code == 0);

    const int signal = GENERATE(SIGTERM, SIGINT);
    const auto told = std::chrono::steady_clock::now();
    serving.signal(signal);
    CHECK(serving.wait() == 0);
    CHECK(std::chrono::steady_clock::now() - told < std::chrono::seconds{10});
    CHECK_THAT(installation.read("gateway.log"), ContainsSubstring("gateway_stopped"));
}

TEST_CASE("serve that is told to end while it still starts ends at once", "[commands]") {
    const Installation installation;
    const std::string mapping = installation.path("mappings/tax/clearance.yaml");  // it waits for whoever writes there
    REQUIRE(std::filesystem::remove(mapping));
    REQUIRE(::mkfifo(mapping.c_str(), 0600) == 0);
    datong::app::Child child = datong::commands::start(
        {DATONG_PROGRAM, "serve", "--config", installation.config(), "--log", installation.path("gateway.log")},
        installation.environment, installation.path("out"), installation.path("err"));
    int writer = -1;
    REQUIRE(wait_until([&] { return (writer = ::open(mapping.c_str(), O_WRONLY | O_NONBLOCK)) >= 0; }));
    const int signal = GENERATE(SIGTERM, SIGINT);
    child.signal(signal);
    CHECK(wait_until([&] { return !child.running(); }));
    CHECK(child.wait() == 3);
    CHECK_THAT(installation.read("err"), ContainsSubstring("told to end before it serves"));
    ::close(writer);
}

TEST_CASE("SIGHUP with a broken configuration keeps the old one and says why, then takes the mended one",
          "[commands]") {
    const Installation installation;
    Serving serving{installation};
    installation.replace(kTax, "deadline_ms", "dedline_ms");
    serving.signal(SIGHUP);
    REQUIRE(says(serving, "kept the old configuration"));
    CHECK_THAT(serving.said(), ContainsSubstring("tax-clearance.yaml:24:1") && ContainsSubstring("deadline_ms"));
    CHECK(serving.call().code == 0);

    installation.replace(kTax, "dedline_ms", "deadline_ms");
    serving.signal(SIGHUP);
    CHECK(says(serving, "new configuration in force"));
    CHECK(serving.call().code == 0);
    CHECK(serving.end() == 0);

    const auto acts = acts_of(installation);
    REQUIRE(acts.size() == 2);
    for (const auto& act : acts) {
        CHECK(act.actor == "signal");
        CHECK(act.act == "reload");
        CHECK(act.reason == "SIGHUP, uid " + std::to_string(::getuid()));
    }
    CHECK(acts.front().outcome == "refused");
    CHECK(acts.front().detail.starts_with("mistakes: 1; kept snapshot: "));
    CHECK(acts.back().outcome == "done");
    CHECK(acts.back().detail.starts_with("snapshot: "));
}

TEST_CASE("reload says why a broken configuration is not taken, and takes a good one", "[commands]") {
    const Installation installation;
    Serving serving{installation};
    CHECK(reload(installation, serving).code == 0);

    installation.replace(kTax, "deadline_ms", "dedline_ms");
    const Ran refused = reload(installation, serving);
    CHECK(refused.code == 78);
    CHECK_THAT(refused.out + refused.err,
               ContainsSubstring("tax-clearance.yaml:24:1") && ContainsSubstring("deadline_ms"));
    CHECK(serving.call().code == 0);

    installation.replace(kTax, "dedline_ms", "deadline_ms");
    CHECK(reload(installation, serving).code == 0);
}

TEST_CASE("reload where no gateway runs says so", "[commands]") {
    const Installation installation;
    auto environment = installation.environment;
    environment["DATONG_ADMIN_PORT"] = "1";
    const Ran ran = datong::commands::datong({"reload", "--config", installation.config()}, environment);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring("no gateway answers at http://127.0.0.1:1"));
}

TEST_CASE("reload with a gateway.yaml that can't be read says where", "[commands]") {
    const Installation installation;
    installation.replace("config/gateway.yaml", "admin: {address", "admin: {{address");
    const Ran ran = datong::commands::datong({"reload", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("gateway.yaml:"));
}

TEST_CASE("a second gateway on the same evidence is refused, and the first goes on", "[commands][security]") {
    const Installation installation;
    Serving first{installation};
    const Ran second =
        datong::commands::datong({"serve", "--config", installation.config(), "--log", installation.path("second.log")},
                                 installation.environment);
    CHECK(second.code == 78);
    CHECK_THAT(second.err, ContainsSubstring(installation.path("evidence")));
    CHECK_THAT(second.err, ContainsSubstring("another"));
    CHECK(first.call().code == 0);
}

TEST_CASE("a second gateway on a port that is taken does not start, and takes no call of the first's",
          "[commands][security]") {
    const Installation installation;
    Serving first{installation};
    const std::string port = first.url().substr(first.url().rfind(':') + 1);
    const bool is_admin = GENERATE(false, true);
    const std::string taken = is_admin ? first.admin_port() : port;
    const Installation other;
    auto environment = other.environment;
    environment[is_admin ? "DATONG_ADMIN_PORT" : "DATONG_PORT"] = taken;
    const Ran second = datong::commands::datong(
        {"serve", "--config", other.config(), "--log", other.path("gateway.log")}, environment);
    CHECK(second.code == 78);
    CHECK_THAT(second.err,
               ContainsSubstring("地址已被占用 address in use: another process listens on 127.0.0.1:" + taken));
    for (int i = 0; i < 4; ++i) {
        CHECK(first.call().code == 0);
    }
}

TEST_CASE("serve with a broken configuration does not start", "[commands]") {
    const Installation installation;
    installation.replace(kTax, "department: tax", "department: tex");
    const Ran ran = datong::commands::datong(
        {"serve", "--config", installation.config(), "--log", installation.path("x.log")}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("tax-clearance.yaml:") && ContainsSubstring("try: tax"));
}

TEST_CASE("a second signal while an open call finishes ends the process at once", "[commands]") {
    Installation installation;
    installation.replace("config/departments/cases.yaml", "call_ms: 2000", "call_ms: 60000");
    installation.replace("config/services/fund-deposit-certificate.yaml", "deadline_ms: 4000", "deadline_ms: 60000");
    installation.replace("config/gateway.yaml", "drain_ms: 10000", "drain_ms: 60000");
    REQUIRE(installation.city().faults().set(datong::departments::System::cases,
                                             {.trouble = datong::departments::Trouble::hang}));
    Serving serving{installation};
    Ran called;
    std::thread caller{[&] { called = serving.call(); }};
    const auto is_open = [&] {
        return installation.read("evidence/000000000001.dlog").find("\"intent\"") != std::string::npos;
    };
    CHECK(wait_until(is_open));
    const auto told = std::chrono::steady_clock::now();
    serving.signal(SIGTERM);
    serving.signal(SIGINT);
    CHECK(serving.wait() == 3);
    CHECK(std::chrono::steady_clock::now() - told < std::chrono::seconds{20});
    caller.join();
    CHECK(called.code != 0);
    CHECK_THAT(serving.said(), ContainsSubstring("a second signal"));
}
