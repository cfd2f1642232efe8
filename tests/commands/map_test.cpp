#include <fstream>
#include <sstream>

#include "core/codec/json.h"
#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::commands;

namespace {

constexpr const char* kMappings = DATONG_SOURCE_DIR "/mappings";
constexpr const char* kLand = DATONG_SOURCE_DIR "/mappings/land/realestate-certificate.yaml";
constexpr const char* kSample = DATONG_SOURCE_DIR "/mappings/samples/land-01.xml";
constexpr const char* kMoment = "2024-05-01T10:00:00+08:00";

/// A copy of the project's mappings, to be broken.
class Copy {
public:
    Copy() { std::filesystem::copy(kMappings, folder_ / "mappings", std::filesystem::copy_options::recursive); }
    [[nodiscard]] std::string path(const std::string& below) const { return folder_ / ("mappings/" + below); }
    void replace(const std::string& below, const std::string& what, const std::string& with) const {
        std::string text = folder_.read("mappings/" + below);
        const auto at = text.find(what);
        REQUIRE(at != std::string::npos);
        folder_.write("mappings/" + below, text.replace(at, what.size(), with));
    }

private:
    support::ScratchFolder folder_;
};

}  // namespace

TEST_CASE("map test runs every test beside the project's mappings", "[commands]") {
    const Ran ran = datong::commands::datong({"map", "test", kMappings, "--test-division"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("\n1042 passed, 0 failed\n"));
}

TEST_CASE("map test says which test of a changed mapping fails, and where it differs", "[commands]") {
    const Copy copy;
    copy.replace("land/realestate-certificate.yaml", "{parse_amount: {unit: 万元}}", "{parse_amount: {unit: 元}}");
    const Ran ran =
        datong::commands::datong({"map", "test", copy.path("land/realestate-certificate.yaml"), "--test-division"});
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("FAIL  land/realestate-certificate.yaml") && ContainsSubstring("priceFen"));
    CHECK_THAT(ran.out, !ContainsSubstring(" 0 failed"));
}

TEST_CASE("map test of nothing that exists is a usage error", "[commands]") {
    const Ran ran = datong::commands::datong({"map", "test", "nowhere"});
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, ContainsSubstring("nowhere"));
}

TEST_CASE("map test where there is no test at all is not good", "[commands]") {
    const datong::support::ScratchFolder folder;
    const Ran none = datong::commands::datong({"map", "test", folder.make("mappings/land")});
    CHECK(none.code == 1);
    CHECK_THAT(none.err, ContainsSubstring("一个测试也没有"));
    CHECK_THAT(none.out, ContainsSubstring("0 passed, 0 failed"));
}

TEST_CASE("map run prints the unified record, and its trace never shows an id", "[commands][security]") {
    const support::ScratchFolder folder;
    folder.write("context.json", R"({"department": {"uscc": "11999901MB0000019U"}})");
    const std::vector<std::string> words{
        "map", "run", kLand, kSample, "--test-division", "--at", kMoment, "--context", folder / "context.json"};
    const Ran plain = datong::commands::datong(words);
    CAPTURE(plain.err);
    REQUIRE(plain.code == 0);
    const auto record = codec::read_json(plain.out);
    REQUIRE(record);
    CHECK(record->text_of("certificateIssuedDate") == "2023-05-18");
    CHECK(record->find("holders")->items().size() == 3);
    CHECK(record->find("house")->text_of("priceFen") == "86500000");

    auto traced_words = words;
    traced_words.emplace_back("--trace");
    const Ran traced = datong::commands::datong(traced_words);
    REQUIRE(traced.code == 0);
    REQUIRE(traced.out.ends_with(plain.out));
    const std::string trace = traced.out.substr(0, traced.out.size() - plain.out.size());
    CHECK_THAT(trace, ContainsSubstring("/holders/0/idNo\n") && ContainsSubstring("upgrade_resident_id  ->  "));
    for (const char* secret : {"99990119491231002", "999901800101001", "91999901MA6T000124", "13800138000",
                               "0999-6321234", "示例甲", "扎西·次仁", "0001234"}) {
        INFO(secret);
        CHECK(trace.find(secret) == std::string::npos);
    }
}

TEST_CASE("map run says what a record lacks and where the mapping wants it", "[commands]") {
    const Ran ran = datong::commands::datong({"map", "run", kLand, kSample, "--test-division", "--at", kMoment});
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring("/certificateIssuingAuthorityCode"));
    CHECK_THAT(ran.err, ContainsSubstring("land/realestate-certificate.yaml:40:"));
    CHECK_THAT(ran.err, ContainsSubstring("outcome: invalid"));
}

TEST_CASE("map run with a sample or a moment that can't be read is a usage error", "[commands]") {
    CHECK(datong::commands::datong({"map", "run", kLand, "nowhere.xml", "--test-division"}).code == 2);
    CHECK(datong::commands::datong({"map", "run", kLand, kSample, "--test-division", "--at", "soon"}).code == 2);
}

TEST_CASE("the reserved test division is refused unless it is asked for", "[commands][security]") {
    const Ran ran = datong::commands::datong({"map", "run", kLand, kSample, "--at", kMoment});
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring("须加 --test-division"));
    const Ran tested = datong::commands::datong({"map", "test", kLand});
    CHECK(tested.code == 1);
    CHECK_THAT(tested.out,
               ContainsSubstring("公民身份号码中的行政区划不存在") && ContainsSubstring("须加 --test-division"));
}

TEST_CASE("map check names the mistake, its place and the nearest right name", "[commands]") {
    CHECK(datong::commands::datong({"map", "check", kLand, "--test-division"}).code == 0);

    const Copy copy;
    copy.replace("land/realestate-certificate.yaml", "upgrade_resident_id", "upgrade_residant_id");
    const Ran ran = datong::commands::datong({"map", "check", copy.path("land/realestate-certificate.yaml")});
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err,
               ContainsSubstring("M301 land/realestate-certificate.yaml:") && ContainsSubstring("upgrade_resident_id"));
}

TEST_CASE("map functions prints the steps as a list, as JSON and as the page in docs", "[commands]") {
    const Ran list = datong::commands::datong({"map", "functions"});
    CHECK(list.code == 0);
    CHECK_THAT(list.out, ContainsSubstring("check_resident_id") && ContainsSubstring("!id.checksum"));
    const Ran json = datong::commands::datong({"map", "functions", "--json"});
    CHECK(json.code == 0);
    const auto steps = codec::read_json(json.out);
    REQUIRE(steps.has_value());
    CHECK(steps->items().size() > 100);
    const Ran page = datong::commands::datong({"map", "functions", "--markdown"});
    std::ifstream file{DATONG_SOURCE_DIR "/docs/mapping-steps.md"};
    std::ostringstream in_the_tree;
    in_the_tree << file.rdbuf();
    const bool same = page.out == in_the_tree.str();
    CHECK(same);
    CHECK(datong::commands::datong({"map", "functions", "--json", "--markdown"}).code == 2);
}
