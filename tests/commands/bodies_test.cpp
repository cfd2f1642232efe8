#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/charset/charset.h"
#include "tests/commands/asking.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;

namespace {

/// What would show a secret in base64, wherever it stands in the text that was encoded: the middle of each of the
/// three ways in which it can begin.
void add_base64(std::set<std::string>& needles, const std::string& secret) {
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string all = to_base64(std::string(before, 'x') + secret);
        const std::size_t first = before == 0 ? 0 : 4;
        const std::size_t last = (before + secret.size()) / 3 * 4;
        if (last > first + 8) {  // less is found by chance
            needles.insert(all.substr(first, last - first));
        }
    }
}

std::set<std::string> needles_of(const std::vector<std::string>& secrets) {
    std::set<std::string> needles;
    for (const std::string& secret : secrets) {
        needles.insert(secret);
        add_base64(needles, secret);
        if (const auto gbk = charset::encode(secret, charset::Charset::gbk); gbk && *gbk != secret) {
            needles.insert(*gbk);
            add_base64(needles, *gbk);
        }
    }
    return needles;
}

/// The files of the gateway's own folders and its output, with what they hold.
std::vector<std::pair<std::string, std::string>> what_is_left(const Installation& installation) {
    namespace fs = std::filesystem;
    std::vector<std::pair<std::string, std::string>> files;
    for (const char* folder : {"evidence", "state"}) {
        for (const auto& entry : fs::recursive_directory_iterator{installation.path(folder)}) {
            if (entry.is_regular_file()) {
                const std::string below = fs::relative(entry.path(), installation.path("")).string();
                files.emplace_back(below, installation.read(below));
            }
        }
    }
    for (const char* file : {"gateway.log", "gateway.out", "gateway.err"}) {
        files.emplace_back(file, installation.read(file));
    }
    return files;
}

}  // namespace

TEST_CASE("after calls, a kill and a restart no name and no number of anybody stands in the data folders",
          "[commands][bodies][security]") {
    Installation installation;
    grant_without_case(installation);
    {
        Serving serving{installation};
        for (const departments::Question& question : departments::questions_found()) {
            CAPTURE(question.service);
            const Ran ran = ask(installation, serving, question);
            CAPTURE(ran.out, ran.err);
            CHECK(ran.code == 0);
        }
        CHECK(serving.call().code == 0);
        // killed while the department is at work on a case that was pushed to it
        auto& desk = installation.city().acceptance();
        desk.after_write([&] { serving.signal(SIGKILL); });
        const auto demo = departments::demo_person();
        std::string push = fund_body();
        push.insert(push.find("\"matter\""), R"("idempotency_key":"case-1",)");
        std::ofstream{installation.path("push.json"), std::ios::binary} << push;
        CHECK(serving.call_with({"service", "case-push-land", "--body", installation.path("push.json")}).code == 1);
        CHECK(serving.wait() == 128 + SIGKILL);
        desk.after_write(nullptr);
    }
    Serving serving{installation};
    CHECK(serving.call_with({"service", "case-push-land", "--body", installation.path("push.json")}).code == 0);
    CHECK(serving.call().code == 0);
    REQUIRE(serving.end() == 0);

    const auto needles = needles_of(departments::every_name_and_number(installation.city().town()));
    REQUIRE(needles.size() > 3'000);
    const auto files = what_is_left(installation);
    REQUIRE(files.size() >= 6);
    for (const auto& [name, content] : files) {
        CAPTURE(name, content.size());
        for (const std::string& needle : needles) {
            if (content.find(needle) != std::string::npos) {
                FAIL_CHECK("found something of " << needle.size() << " octets in " << name);
            }
        }
    }
    CHECK(datong::commands::datong(
              {"verify", installation.path("evidence"), "--keys", installation.path("keys/trust.jwks")})
              .code == 0);
}

TEST_CASE("evidence erase works beside a running gateway and without one, and says what it needs",
          "[commands][bodies]") {
    const bool runs = GENERATE(true, false);
    CAPTURE(runs);
    Installation installation;
    installation.replace("config/gateway.yaml", "evidence:\n", "evidence:\n  bodies: kept\n");
    auto serving = std::make_unique<Serving>(installation);
    REQUIRE(serving->call().code == 0);
    installation.environment["DATONG_ADMIN_PORT"] = serving->admin_port();
    if (!runs) {
        REQUIRE(serving->end() == 0);
    }
    const auto erase = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"evidence", "erase", "--config", installation.config()});
        return datong::commands::datong(words, installation.environment);
    };
    const std::string name = departments::demo_person().person.name;
    const auto holds_name = [&] {
        const auto files = what_is_left(installation);
        return std::any_of(files.begin(), files.end(),
                           [&](const auto& file) { return file.second.find(name) != std::string::npos; });
    };
    REQUIRE(holds_name());
    CHECK(erase({"--basis", "x"}).code == 2);
    CHECK(erase({"--before", "yesterday", "--basis", "x"}).code == 2);
    // what a script did not set, and years that the clock can't tell: none of them means everybody's
    const std::string soon = to_rfc3339(std::chrono::system_clock::now() + std::chrono::hours{1});
    CHECK(erase({"--case", "", "--before", soon, "--basis", "x"}).code == 2);
    CHECK(erase({"--exchange", "", "--before", soon, "--basis", "x"}).code == 2);
    CHECK(erase({"--case", "c", "--before", "", "--basis", "x"}).code == 2);
    CHECK(erase({"--before", "1026-01-01T00:00:00+08:00", "--basis", "x"}).code == 2);
    CHECK(erase({"--before", "9999-01-01T00:00:00+08:00", "--basis", "x"}).code == 2);
    CHECK(holds_name());
    const Ran ran = erase({"--case", departments::demo_person().case_number, "--basis", "order-12"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("erased: 1 "));
    CHECK_FALSE(holds_name());
    const Ran again = erase({"--older-than", "1", "--basis", "order-12"});
    CHECK(again.code == 0);
    CHECK_THAT(again.out, ContainsSubstring("erased: 0 "));
    if (runs) {
        REQUIRE(serving->end() == 0);
    }
    CHECK(datong::commands::datong(
              {"verify", installation.path("evidence"), "--keys", installation.path("keys/trust.jwks")})
              .code == 0);
}

TEST_CASE("evidence erase begins no second log where a running gateway waits for a restart",
          "[commands][bodies][security]") {
    Installation installation;
    Serving serving{installation};
    REQUIRE(serving.call().code == 0);
    installation.environment["DATONG_ADMIN_PORT"] = serving.admin_port();
    installation.environment["DATONG_EVIDENCE"] = installation.path("other/evidence");
    const auto erase = [&] {
        return datong::commands::datong({"evidence", "erase", "--config", installation.config(), "--before",
                                         to_rfc3339(std::chrono::system_clock::now()), "--basis", "x"},
                                        installation.environment);
    };
    const Ran ran = erase();
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring("nothing was erased") && ContainsSubstring("somebody listens at "));
    CHECK_FALSE(std::filesystem::exists(installation.path("other")));
    // and where its listener is another, too, the store is in use
    installation.environment["DATONG_ADMIN_PORT"] = "1";
    installation.environment["DATONG_EVIDENCE"] = installation.path("evidence-2");
    const Ran none = erase();
    CHECK(none.code == 1);
    CHECK_THAT(none.err, ContainsSubstring("no evidence in the folder"));
    const std::filesystem::path second = installation.path("evidence-2");
    std::filesystem::create_directory(second);  // as a share that is away leaves it
    const Ran empty = erase();
    CHECK(empty.code == 1);
    CHECK_THAT(empty.err, ContainsSubstring("no evidence in the folder"));
    CHECK(std::filesystem::is_empty(second));
    std::filesystem::copy(installation.path("evidence/000000000001.dlog"), second);
    const Ran other = erase();
    CHECK(other.code == 1);
    CHECK_THAT(other.err, ContainsSubstring("another process uses the store"));
    CHECK(std::distance(std::filesystem::directory_iterator{second}, {}) == 1);
    installation.environment["DATONG_ADMIN_PORT"] = "0";  // of the system's choice: anywhere
    const Ran unknown = erase();
    CHECK(unknown.code == 1);
    CHECK_THAT(unknown.err, ContainsSubstring("can't tell whether a gateway runs"));
    REQUIRE(serving.end() == 0);
}

TEST_CASE("evidence erase takes a listener that does not answer it for no absent gateway",
          "[commands][bodies][security]") {
    // as one that wants a certificate, shows another than gateway.yaml has by now, or is busy
    boost::asio::io_context loop;
    const boost::asio::ip::tcp::acceptor listener{loop, {boost::asio::ip::address_v4::loopback(), 0}};
    Installation installation;
    installation.environment["DATONG_ADMIN_PORT"] = std::to_string(listener.local_endpoint().port());
    const Ran ran = datong::commands::datong({"evidence", "erase", "--config", installation.config(), "--before",
                                              to_rfc3339(std::chrono::system_clock::now()), "--basis", "x"},
                                             installation.environment);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring("nothing was erased") && ContainsSubstring("somebody listens at "));
    CHECK(std::filesystem::is_empty(installation.path("evidence")));
}
