#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong::commands;

namespace {

/// The gateway at work, and `datong source ...` beside it.
struct Fixture {
    Installation installation;
    Serving serving{installation};

    Fixture() { installation.environment["DATONG_ADMIN_PORT"] = serving.admin_port(); }
    [[nodiscard]] Ran source(std::vector<std::string> words) const {
        words.insert(words.begin(), "source");
        words.insert(words.end(), {"--config", installation.config()});
        return datong::commands::datong(std::move(words), installation.environment);
    }
    [[nodiscard]] std::string key(const std::string& name) const {
        return installation.path("keys/" + name + ".key.pem");
    }
};

}  // namespace

TEST_CASE("a department pauses and resumes its source from the command line", "[commands]") {
    const Fixture fixture;
    const Ran before = fixture.source({"list"});
    CAPTURE(before.out, before.err);
    CHECK(before.code == 0);
    CHECK_THAT(before.out, ContainsSubstring("fund/fund-front") && ContainsSubstring("开放 open"));

    const Ran paused = fixture.source({"pause", "fund/fund-front", "--key", fixture.key("fund"), "--for", "2h"});
    CAPTURE(paused.out, paused.err);
    REQUIRE(paused.code == 0);
    CHECK_THAT(paused.out, ContainsSubstring("已暂停 paused") && ContainsSubstring("until"));
    const Ran status = fixture.source({"status", "fund/fund-front"});
    CHECK_THAT(status.out, ContainsSubstring("closed by the department") && ContainsSubstring("last order: pause"));
    CHECK(status.out.find("land/land-registry") == std::string::npos);
    CHECK(fixture.serving.call().code == 1);
    const Ran checked = fixture.source({"check", "fund/fund-front"});
    CHECK(checked.code == 1);
    CHECK_THAT(checked.out, ContainsSubstring("source_closed"));

    CHECK(fixture.source({"resume", "fund/fund-front", "--key", fixture.key("fund")}).code == 0);
    CHECK(fixture.serving.call().code == 0);
    CHECK_THAT(fixture.source({"status", "fund/fund-front", "--json"}).out, ContainsSubstring(R"("state": "open")"));
}

TEST_CASE("a configuration under which a pause can't be shown to be its department's is refused before a restart",
          "[commands][security]") {
    Fixture fixture;
    const auto datong = [&](const char* command) {
        return datong::commands::datong({command, "--config", fixture.installation.config()},
                                        fixture.installation.environment);
    };
    const std::string file = "config/departments/fund.yaml";
    REQUIRE(fixture.source({"pause", "fund/fund-front", "--key", fixture.key("fund"), "--for", "2h"}).code == 0);
    CHECK(datong("check").code == 0);
    fixture.installation.replace(file, "fund-2026", "fund-2027");
    for (const char* command : {"check", "reload"}) {
        const Ran ran = datong(command);
        CAPTURE(command, ran.out, ran.err);
        CHECK(ran.code == 78);
        CHECK_THAT(ran.out + ran.err, ContainsSubstring("C224") && ContainsSubstring("fund/fund-front") &&
                                          ContainsSubstring("department fund (fund-2026)"));
    }
    fixture.installation.replace(file, "fund-2027", "fund-2026");
    REQUIRE(fixture.source({"resume", "fund/fund-front", "--key", fixture.key("fund")}).code == 0);
    fixture.installation.replace(file, "fund-2026", "fund-2027");
    CHECK(datong("check").code == 0);
    CHECK(datong("reload").code == 0);
    REQUIRE(fixture.serving.end() == 0);
    CHECK(Serving{fixture.installation}.end() == 0);
}

TEST_CASE("an order that can't be given says why", "[commands]") {
    const Fixture fixture;
    struct Row {
        const char* why;
        std::vector<std::string> words;
        int code;
        const char* says;
    };
    const std::vector<Row> rows{
        {"another's key", {"pause", "fund/fund-front", "--key", fixture.key("land")}, 1, "signature_invalid"},
        {"no key there", {"pause", "fund/fund-front", "--key", "nowhere.pem"}, 2, "nowhere.pem"},
        {"a public key",
         {"pause", "fund/fund-front", "--key", fixture.installation.path("keys/fund.pub.pem")},
         2,
         "private key"},
        {"a misspelt name", {"pause", "fund/fund-frnt", "--key", fixture.key("fund")}, 2, "try fund/fund-front"},
        {"a strange time", {"pause", "fund/fund-front", "--key", fixture.key("fund"), "--for", "soon"}, 2, "90m, 2h"},
        {"a time gone by",
         {"pause", "fund/fund-front", "--key", fixture.key("fund"), "--until", "2020-01-01T00:00:00+08:00"},
         2,
         "moment to come"},
        {"status of a misspelt name", {"status", "fund/fund-frnt"}, 2, "try fund/fund-front"},
        {"drift of a misspelt name", {"drift", "fund/fund-frnt"}, 2, "try fund/fund-front"},
    };
    for (const Row& row : rows) {
        const Ran ran = fixture.source(row.words);
        CAPTURE(row.why, ran.out, ran.err);
        CHECK(ran.code == row.code);
        CHECK_THAT(ran.err, ContainsSubstring(row.says));
    }
}

TEST_CASE("source drift says when nothing was looked at, and that nothing changed", "[commands]") {
    const Fixture fixture;
    const Ran empty = fixture.source({"drift"});
    CHECK(empty.code == 0);
    CHECK_THAT(empty.out, ContainsSubstring("no replies were looked at yet"));
    REQUIRE(fixture.serving.call().code == 0);
    Ran after;
    REQUIRE(wait_until([&] {
        after = fixture.source({"drift"});
        return after.out.find("fund/fund-front") != std::string::npos;
    }));
    CAPTURE(after.out, after.err);
    CHECK(after.code == 0);
    CHECK_THAT(after.out, ContainsSubstring("没有漂移 no drift"));
}

TEST_CASE("source commands without a running gateway say so", "[commands]") {
    Installation installation;
    installation.environment["DATONG_ADMIN_PORT"] = "1";
    for (const std::string command : {"list", "drift"}) {
        const Ran ran =
            datong::commands::datong({"source", command, "--config", installation.config()}, installation.environment);
        CHECK(ran.code == 1);
        CHECK_THAT(ran.err, ContainsSubstring("no gateway answers"));
    }
}
