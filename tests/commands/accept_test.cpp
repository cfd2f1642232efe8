#include <filesystem>
#include <fstream>

#include "core/app/source_tools.h"
#include "core/codec/json.h"
#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong::commands;
namespace fs = std::filesystem;

namespace {

/// Two agreed cases at the housing fund: one who is there, one who is not.
struct Fixture {
    Installation installation;
    datong::departments::Demo demo = datong::departments::demo_person();

    Fixture() {
        fs::create_directories(installation.path("cases"));
        write_case("1.json", demo.person.id, R"({"outcome": "found", "content": {"status": "normal"}})");
        write_case("2.json", "999901199001010010", R"({"outcome": "not_found"})");
    }
    void write_case(const std::string& name, const std::string& id, const std::string& expect) const {
        std::ofstream{installation.path("cases/" + name)}
            << R"({"name": "用例 )" << name << R"(", "service": "fund-deposit-certificate", "context": {"purpose": )"
            << R"("existing-home-transfer", "subject": {"name": ")" << demo.person.name
            << R"(", "id_type": "111", "id_no": ")" << id
            << R"("}, "operator": {"account": "it", "division": "999901"}}, "expect": )" << expect << '}';
    }
    [[nodiscard]] Ran accept(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"source",
                                       "accept",
                                       "fund/fund-front",
                                       "--cases",
                                       installation.path("cases"),
                                       "--by",
                                       "张工",
                                       "--out",
                                       installation.path("records"),
                                       "--config",
                                       installation.config()};
        words.insert(words.end(), more.begin(), more.end());
        return datong::commands::datong(std::move(words), installation.environment);
    }
    [[nodiscard]] std::string record(const std::string& ending) const {
        for (const auto& entry : fs::directory_iterator{installation.path("records")}) {
            if (entry.path().string().ends_with(ending)) {
                return entry.path().string();
            }
        }
        FAIL("no record " << ending);
        return {};
    }
    [[nodiscard]] Ran verify(const std::string& file) const {
        return datong::commands::datong({"verify", file, "--keys", installation.path("keys/trust.jwks")});
    }
    [[nodiscard]] std::string read(const std::string& path) const {
        std::ifstream in{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
};

}  // namespace

TEST_CASE("a joint test writes a record that both sides sign and anybody can verify", "[commands]") {
    const Fixture fixture;
    const Ran ran = fixture.accept({"--key", fixture.installation.path("keys/fund.key.pem")});
    CAPTURE(ran.out, ran.err);
    REQUIRE(ran.code == 0);
    for (const char* ending : {".gateway.jws", ".department.jws"}) {
        const Ran verified = fixture.verify(fixture.record(ending));
        CAPTURE(verified.out, verified.err);
        CHECK(verified.code == 0);
        CHECK_THAT(verified.out, ContainsSubstring("2 cases, accepted"));
    }
    const auto json = datong::codec::read_json(fixture.read(fixture.record(".json")));
    REQUIRE(json);
    CHECK(json->text_of("by") == "张工");
    CHECK(json->find("mappings")->items().size() == 1);
    CHECK_THAT(json->find("mappings")->items().front().text_of("response"),
               ContainsSubstring("fund.deposit-certificate@"));
    const std::string page = fixture.read(fixture.record(".html"));
    CHECK_THAT(page, ContainsSubstring("联调验收单") && ContainsSubstring("全部通过"));
    for (const std::string& text : {page, fixture.read(fixture.record(".json")), ran.out}) {
        CHECK(text.find(fixture.demo.person.id) == std::string::npos);
        CHECK(text.find(fixture.demo.person.name) == std::string::npos);
    }
}

TEST_CASE("a record never stands over another, whole sets stand side by side", "[commands][security]") {
    const Fixture fixture;
    for (int run = 0; run < 2; ++run) {
        REQUIRE(fixture.accept({"--key", fixture.installation.path("keys/fund.key.pem")}).code == 0);
    }
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator{fixture.installation.path("records")}) {
        const std::string name = entry.path().filename().string();
        CAPTURE(name);
        // fund-fund-front-2026-11-30T231823.500
        CHECK(name.substr(name.find('T') + 7, 1) == ".");
        ++files;
    }
    CHECK(files == 8);

    // both within one millisecond
    const std::string stem = fixture.installation.path("records/same");
    REQUIRE(datong::app::write_new_set(stem, {{".json", "1"}, {".gateway.jws", "1"}, {".html", "1"}}));
    REQUIRE(datong::app::write_new_set(stem, {{".json", "2"}, {".gateway.jws", "2"}, {".html", "2"}}));
    REQUIRE(datong::app::write_new_set(stem, {{".json", "3"}, {".gateway.jws", "3"}, {".html", "3"}}));
    for (const char* ending : {".json", ".gateway.jws", ".html"}) {
        CHECK(fixture.read(stem + ending) == "1");
        CHECK(fixture.read(stem + "-2" + ending) == "2");
        CHECK(fixture.read(stem + "-3" + ending) == "3");
    }
    // what can't be told from another's is left alone, too
    std::ofstream{stem + "-4.html"} << "4";
    CHECK_FALSE(datong::app::write_new_set(stem, {{".json", "5"}, {".html", "5"}}));
    CHECK(fixture.read(stem + "-4.html") == "4");
    CHECK_FALSE(datong::app::write_new_set(fixture.installation.path("nowhere/x"), {{".json", "1"}}));
}

TEST_CASE("an altered record, and one by a key of another, are refused", "[commands][security]") {
    const Fixture fixture;
    REQUIRE(fixture.accept().code == 0);
    const std::string file = fixture.record(".gateway.jws");
    std::string jws = fixture.read(file);
    SECTION("one letter of the payload") {
        jws[jws.find('.') + 40] = jws[jws.find('.') + 40] == 'A' ? 'B' : 'A';
    }
    SECTION("one letter of the signature") {
        const auto at = jws.rfind('.') + 5;
        jws[at] = jws[at] == 'A' ? 'B' : 'A';
    }
    SECTION("cut off") {
        jws.resize(jws.size() / 2);
    }
    std::ofstream{file, std::ios::binary} << jws;
    const Ran ran = fixture.verify(file);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("BROKEN"));
    const Ran foreign = fixture.accept({"--key", fixture.installation.path("keys/land.key.pem")});
    CHECK(foreign.code == 2);
    CHECK_THAT(foreign.err, ContainsSubstring("not the private key of department fund"));
}

TEST_CASE("a case that fails makes a record that says so, by place and never by value", "[commands]") {
    const Fixture fixture;
    fixture.write_case("3.json", fixture.demo.person.id,
                       R"({"outcome": "found", "content": {"holder": {"name": "示例乙"}}})");
    fixture.write_case("4.json", fixture.demo.person.id, R"({"outcome": "not_found"})");
    const Ran ran = fixture.accept();
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("differs: /holder/name") && ContainsSubstring("expected: not_found"));
    CHECK_THAT(fixture.verify(fixture.record(".gateway.jws")).out, ContainsSubstring("4 cases, not_accepted"));
    CHECK_THAT(fixture.read(fixture.record(".html")), ContainsSubstring("未通过"));
}

TEST_CASE("cases that are none are refused before anybody is asked", "[commands]") {
    const Fixture fixture;
    SECTION("no expectation") {
        std::ofstream{fixture.installation.path("cases/3.json")}
            << R"({"service": "fund-deposit-certificate", "context": {}})";
    }
    SECTION("another source's service") {
        std::ofstream{fixture.installation.path("cases/3.json")}
            << R"({"service": "tax-clearance", "context": {}, "expect": {"outcome": "found"}})";
    }
    SECTION("no case at all") {
        fs::remove_all(fixture.installation.path("cases"));
        fs::create_directories(fixture.installation.path("cases"));
    }
    const Ran ran = fixture.accept();
    CHECK(ran.code == 2);
    CHECK_FALSE(fs::exists(fixture.installation.path("records")));
}
