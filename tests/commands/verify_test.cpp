#include <filesystem>
#include <fstream>

#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong::commands;

namespace {

constexpr const char* kSegment = "evidence/000000000001.dlog";

/// An installation that has answered one call and ended, with its evidence.
class Answered {
public:
    Answered() {
        Serving serving{installation};
        const Ran called = serving.call();
        INFO(called.out << called.err);
        REQUIRE(called.code == 0);
        REQUIRE(serving.end() == 0);
    }
    [[nodiscard]] Ran verify(const std::string& keys = "keys/trust.jwks") const {
        return datong::commands::datong({"verify", installation.path("evidence"), "--keys", installation.path(keys)});
    }
    Installation installation;
};

}  // namespace

TEST_CASE("verify proves the evidence of a run from files and public keys", "[commands]") {
    const Answered answered;
    const Ran ran = answered.verify();
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("evidence: valid"));
    CHECK_THAT(ran.out, ContainsSubstring(" 1 exchanges, 0 refusals, 0 without an outcome"));
    CHECK_THAT(ran.out, ContainsSubstring("seals: 1 over 3 records, 0 records not sealed"));  // at the end of the run
}

TEST_CASE("verify names file and record of what was altered", "[commands][security]") {
    const Answered answered;
    answered.installation.replace(kSegment, "\"outcome\":\"found\"", "\"outcome\":\"fOund\"");
    const Ran ran = answered.verify();
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("evidence: BROKEN") && ContainsSubstring("000000000001.dlog, record 3"));
}

TEST_CASE("verify finds records that were cut off in the middle", "[commands][security]") {
    const Answered answered;
    const std::string text = answered.installation.read(kSegment);
    std::filesystem::resize_file(answered.installation.path(kSegment), text.size() - 10);
    const Ran ran = answered.verify();
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("evidence: BROKEN"));
}

TEST_CASE("verify tells a folder without evidence from a folder that proves", "[commands]") {
    const Installation installation;
    const Ran ran = datong::commands::datong(
        {"verify", installation.path("nowhere"), "--keys", installation.path("keys/trust.jwks")});
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, ContainsSubstring("没有这个文件或目录"));
    CHECK_THAT(ran.out, !ContainsSubstring("valid"));
    const Ran no_look =
        datong::commands::datong({"verify", std::string(5'000, 'a'), "--keys", installation.path("keys/trust.jwks")});
    CHECK(no_look.code == 2);
    CHECK_THAT(no_look.err, ContainsSubstring("无法查看 can't be looked at (File name too long)"));
    std::filesystem::create_directories(installation.path("nothing"));
    const Ran nothing = datong::commands::datong(
        {"verify", installation.path("nothing"), "--keys", installation.path("keys/trust.jwks")});
    CHECK(nothing.code == 1);
    CHECK_THAT(nothing.out, !ContainsSubstring("valid"));
}

TEST_CASE("verify with a file that holds no keys is a bad configuration", "[commands]") {
    const Installation installation;
    const std::string keys = GENERATE(as<std::string>{}, "nowhere.jwks", "keys/ca.pem", "keys");
    CAPTURE(keys);
    const Ran ran =
        datong::commands::datong({"verify", installation.path("evidence"), "--keys", installation.path(keys)});
    CHECK(ran.code == 78);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring(installation.path(keys)));
}

TEST_CASE("verify with another run's keys does not say valid", "[commands][security]") {
    const Answered answered;
    const Installation other;
    const Ran ran = datong::commands::datong(
        {"verify", answered.installation.path("evidence"), "--keys", other.path("keys/trust.jwks")});
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("evidence: BROKEN"));
}

TEST_CASE("verify with what was published tells a folder that was rolled back", "[commands][security]") {
    const Installation installation;
    installation.replace("config/gateway.yaml", "  stamp:\n", "  anchor: {file: ../anchor.json}\n  stamp:\n");
    const auto answer_once = [&installation] {
        Serving serving{installation};
        REQUIRE(serving.call().code == 0);
        REQUIRE(serving.end() == 0);
    };
    const auto verify = [&installation](std::vector<std::string> more) {
        std::vector<std::string> words{"verify", installation.path("evidence"), "--keys",
                                       installation.path("keys/trust.jwks")};
        words.insert(words.end(), more.begin(), more.end());
        return datong::commands::datong(std::move(words));
    };
    const std::string anchor = installation.path("anchor.json");
    answer_once();
    const std::string before = installation.read(kSegment);
    answer_once();
    CHECK(verify({"--anchor", anchor}).code == 0);
    CHECK(verify({"--without-seals"}).code == 0);
    std::ofstream{installation.path(kSegment), std::ios::binary} << before;
    CHECK(verify({}).code == 0);
    const Ran rolled_back = verify({"--anchor", anchor});
    CHECK(rolled_back.code == 1);
    CHECK_THAT(rolled_back.out, ContainsSubstring("anchor_missing"));
    CHECK(verify({"--anchor", installation.path("keys/ca.pem")}).code == 78);
    CHECK(verify({"--tsa", installation.path("keys/trust.jwks")}).code == 78);
}
