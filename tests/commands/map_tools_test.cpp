#include "core/codec/csv.h"
#include "core/codec/xml.h"
#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::commands;

namespace {

constexpr const char* kMappings = DATONG_SOURCE_DIR "/mappings";
constexpr const char* kLand = "mappings/land/realestate-certificate.yaml";

/// A copy of the project's mappings, to be worked on.
class Copy {
public:
    Copy() { std::filesystem::copy(kMappings, folder_ / "mappings", std::filesystem::copy_options::recursive); }
    [[nodiscard]] const support::ScratchFolder& folder() const { return folder_; }
    [[nodiscard]] std::string operator/(const std::string& below) const { return folder_ / below; }
    void replace(const std::string& below, const std::string& what, const std::string& with) const {
        std::string text = folder_.read(below);
        const auto at = text.find(what);
        REQUIRE(at != std::string::npos);
        folder_.write(below, text.replace(at, what.size(), with));
    }

private:
    support::ScratchFolder folder_;
};

}  // namespace

TEST_CASE("map path prints what a path meets, from a file and from standard input", "[commands]") {
    const Copy copy;
    copy.folder().write("reply.json", R"({"data": {"persons": [{"name": "示例甲"}, {"name": "示例乙"}]}})");
    const Ran ran = datong::commands::datong({"map", "path", "$.data.persons[1:].name", copy / "reply.json"});
    CHECK(ran.code == 0);
    CHECK(ran.out == "$['data']['persons'][1]['name']\t\"示例乙\"\n");
    const Ran inner = datong::commands::datong({"map", "path", "--take", "Body.getBdcInfoResponse.return", "HEAD.MSG",
                                                DATONG_SOURCE_DIR "/mappings/samples/land-01.xml"});
    CAPTURE(inner.err);
    CHECK(inner.out == "$['HEAD']['MSG']\t\"成功\"\n");
    CHECK(datong::commands::datong({"map", "path", "data.nobody", copy / "reply.json"}).code == 1);
    const Ran wrong = datong::commands::datong({"map", "path", "$.data[", copy / "reply.json"});
    CHECK(wrong.code == 2);
    CHECK_THAT(wrong.err, ContainsSubstring("column"));
    CHECK(datong::commands::datong({"map", "path", "$", copy / "nowhere"}).code == 2);
    CHECK(datong::commands::datong({"map", "path", "$", copy / kLand}).code == 2);
}

TEST_CASE("a mapping goes to a table, is edited there, and comes back", "[commands]") {
    const Copy copy;
    const std::string before = copy.folder().read(kLand);
    const Ran out = datong::commands::datong({"map", "export", "--csv", copy / kLand, "-o", copy / "rows.csv"});
    REQUIRE(out.code == 0);
    const Ran same =
        datong::commands::datong({"map", "import", "--csv", copy / "rows.csv", copy / kLand, "--test-division"});
    CAPTURE(same.err);
    CHECK(same.code == 0);
    CHECK_THAT(same.out, ContainsSubstring("changed 0, 增 added 0, 删 removed 0"));
    CHECK(copy.folder().read(kLand) == before);

    auto rows = codec::read_csv(copy.folder().read("rows.csv")).value();
    std::erase_if(rows, [](const auto& cells) { return cells[0] == "house.floor"; });
    copy.folder().write("rows.csv", codec::write_csv(rows, true));
    const Ran less =
        datong::commands::datong({"map", "import", "--csv", copy / "rows.csv", copy / kLand, "--test-division"});
    CHECK(less.code == 0);
    CHECK_THAT(less.err, ContainsSubstring("M213"));  // SZC is not mapped any more
    std::string wanted = before;
    const std::string floor = "  - {to: house.floor, from: SZC}\n";
    wanted.erase(wanted.find(floor), floor.size());
    CHECK(copy.folder().read(kLand) == wanted);
    const Ran again = datong::commands::datong({"map", "export", "--csv", copy / kLand});
    CHECK(again.out == copy.folder().read("rows.csv"));
}

TEST_CASE("a table that would break its mapping leaves the file as it is", "[commands][security]") {
    const Copy copy;
    const std::string before = copy.folder().read(kLand);
    auto rows = codec::read_csv(datong::commands::datong({"map", "export", "--csv", copy / kLand}).out).value();
    for (auto& cells : rows) {
        cells[3] = cells[0] == "holders[].phoneMasked" ? "remove_space" : cells[3];
    }
    copy.folder().write("rows.csv", codec::write_csv(rows, true));
    const Ran ran =
        datong::commands::datong({"map", "import", "--csv", copy / "rows.csv", copy / kLand, "--test-division"});
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring("M501"));
    CHECK(copy.folder().read(kLand) == before);

    rows[0][3] = "stepz";
    copy.folder().write("rows.csv", codec::write_csv(rows, true));
    const Ran unknown = datong::commands::datong({"map", "import", "--csv", copy / "rows.csv", copy / kLand});
    CHECK(unknown.code == 1);
    CHECK_THAT(unknown.err, ContainsSubstring("T101") && ContainsSubstring("try: steps"));
    CHECK(copy.folder().read(kLand) == before);
}

TEST_CASE("map diff is silent about the same and says what a change does to outputs", "[commands][security]") {
    const Copy copy;
    const std::vector<std::string> words{"map", "diff", copy / "old.yaml", copy / kLand, "--test-division"};
    copy.folder().write("old.yaml", copy.folder().read(kLand));
    const Ran same = datong::commands::datong(words);
    CAPTURE(same.out, same.err);
    CHECK(same.code == 0);
    CHECK_THAT(same.out, ContainsSubstring("changes: 0;"));

    copy.replace(kLand, "{to: house.floor, from: SZC}",
                 "{to: house.floor, from: SZC, steps: [{pad_left: {width: 9}}]}");
    copy.replace(kLand, "steps: [collapse_space, check_no_pua], required: true}",
                 "steps: [collapse_space, check_no_pua, upper, {pad_right: {width: 9}}], required: true}");
    REQUIRE_FALSE(copy.folder().make("replies").empty());
    copy.folder().write("replies/one.xml", copy.folder().read("mappings/samples/land-01.xml"));
    copy.folder().write("context.json", R"({"department": {"uscc": "11999901MB0000019U"}})");
    auto with_samples = words;
    for (const std::string& word :
         {std::string{"--samples"}, copy / "replies", std::string{"--context"}, copy / "context.json",
          std::string{"--at"}, std::string{"2024-05-01T10:00:00+08:00"}}) {
        with_samples.push_back(word);
    }
    const Ran changed = datong::commands::datong(with_samples);
    CAPTURE(changed.out, changed.err);
    CHECK(changed.code == 1);
    CHECK_THAT(changed.out, ContainsSubstring("row house.floor") && ContainsSubstring("row holders[].name") &&
                                ContainsSubstring("样例 sample: one.xml") && ContainsSubstring("/house/floor: ") &&
                                ContainsSubstring("/holders/0/name: ") && ContainsSubstring("测试 test: "));
    for (const char* secret : {"示例甲", "扎西·次仁"}) {
        CHECK(changed.out.find(secret) == std::string::npos);
    }
    const auto count = [](const std::string& said, const std::string& word) {
        const std::size_t at = said.find(word + ": ");
        REQUIRE(at != std::string::npos);
        return std::stoi(said.substr(at + word.size() + 2));
    };
    const int refused = count(changed.out, "refused by both");
    CHECK(changed.out.find("--test-division") == std::string::npos);
    std::erase(with_samples, "--test-division");
    const Ran blind = datong::commands::datong(with_samples);
    CAPTURE(blind.out);
    CHECK(count(blind.out, "records") == count(changed.out, "records"));
    CHECK(count(blind.out, "differing") < count(changed.out, "differing"));
    CHECK(count(blind.out, "refused by both") > refused);
    CHECK_THAT(blind.out, ContainsSubstring("须加 --test-division"));
    CHECK(datong::commands::datong({"map", "diff", copy / "old.yaml", copy / "nowhere.yaml"}).code == 2);
}

TEST_CASE("map lineage lists every mapping of a folder", "[commands]") {
    const Ran table = datong::commands::datong({"map", "lineage", "--csv", kMappings, "--test-division"});
    CHECK(table.code == 0);
    const auto rows = codec::read_csv(table.out);
    REQUIRE(rows.has_value());
    CHECK(rows->size() > 100);
    const Ran plain =
        datong::commands::datong({"map", "lineage", DATONG_SOURCE_DIR "/mappings/land", "--test-division"});
    CHECK_THAT(plain.out, ContainsSubstring("land.realestate-certificate@") &&
                              ContainsSubstring("holders[].idType  <-  $.QLRS.QLR[*].ZJZL  步骤 steps lookup"));
    CHECK(datong::commands::datong({"map", "lineage", "nowhere"}).code == 2);
    const Ran based = datong::commands::datong({"map", "lineage", DATONG_SOURCE_DIR "/mappings/land", "--test-division",
                                                "--config", DATONG_SOURCE_DIR "/config"});
    CHECK(based.code == 0);
    CHECK_THAT(based.out, ContainsSubstring("依据 legal basis 政务数据共享条例"));
    CHECK(datong::commands::datong({"map", "lineage", kMappings, "--config", "nowhere"}).code == 2);
}

TEST_CASE("map test says what no test goes through, and fails below the minimum", "[commands]") {
    const support::ScratchFolder folder;
    const Ran ran = datong::commands::datong({"map", "test", DATONG_SOURCE_DIR "/mappings/tax", "--test-division",
                                              "--coverage", "--junit", folder / "report.xml"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("覆盖 coverage  tax/clearance.yaml  ") &&
                            ContainsSubstring("    tax/clearance.yaml:"));
    const auto report = codec::read_xml(folder.read("report.xml"), true);
    REQUIRE(report.has_value());
    CHECK(report->content.text_of("@failures") == "0");
    CHECK(report->content.text_of("@tests") != "0");
    const Ran below =
        datong::commands::datong({"map", "test", DATONG_SOURCE_DIR "/mappings/tax", "--test-division", "--min", "100"});
    CHECK(below.code == 1);
    CHECK_THAT(below.out, ContainsSubstring("below the minimum 100%") && ContainsSubstring(" 0 failed"));
}

TEST_CASE("map schema infer drafts a schema that compiles", "[commands]") {
    const Ran ran = datong::commands::datong({"map", "schema", "infer", "--take", "data", "--id", "cases.get",
                                              DATONG_SOURCE_DIR "/mappings/samples/case-01.json"});
    CAPTURE(ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("id: cases.get\n") &&
                            ContainsSubstring("{path: persons.cardNo, type: text, class: sensitive"));
    CHECK(ran.out.find("示例") == std::string::npos);
    CHECK(datong::commands::datong({"map", "schema", "infer", "nowhere"}).code == 2);
    CHECK(datong::commands::datong(
              {"map", "schema", "infer", "--take", "x", DATONG_SOURCE_DIR "/mappings/samples/case-01.json"})
              .code == 1);
}

TEST_CASE("every tool of map explains itself with an example", "[commands]") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"path"},
                                                                                       {"export"},
                                                                                       {"import"},
                                                                                       {"diff"},
                                                                                       {"lineage"},
                                                                                       {"schema", "infer"},
                                                                                       {"shadow", "report"},
                                                                                       {"test"}}) {
        std::vector<std::string> all{"map"};
        all.insert(all.end(), words.begin(), words.end());
        all.emplace_back("--help");
        const Ran ran = datong::commands::datong(all);
        CAPTURE(words, ran.out);
        CHECK(ran.code == 0);
        CHECK_THAT(ran.out, ContainsSubstring("例 example:\n"));
    }
}

TEST_CASE("map shadow report puts counts together and says whether a candidate may be put in force", "[commands]") {
    const support::ScratchFolder folder;
    const auto counts = [](const std::string& candidate, int differing) {
        return R"({"live":"a@1.0.0","candidate":")" + candidate + R"(","records":6000,"unlike":)" +
               std::to_string(differing) + R"(,"fields":{"/a":[)" + std::to_string(6000 - differing) + ',' +
               std::to_string(differing) + R"(,0,0]},"outcomes":{},"rules":{}})";
    };
    folder.write("one.json", counts("a@1.1.0", 2));
    folder.write("two.json", counts("a@1.1.0", 0));
    folder.write("other.json", counts("a@1.2.0", 0));
    const Ran no = datong::commands::datong({"map", "shadow", "report", folder / "one.json", folder / "two.json"});
    CHECK(no.code == 1);
    CHECK_THAT(no.out, ContainsSubstring("records: 12000, 不同 unlike: 2") && ContainsSubstring("not yet: /a"));
    const Ran yes = datong::commands::datong(
        {"map", "shadow", "report", "--explained", "/a", folder / "one.json", folder / "two.json"});
    CHECK(yes.code == 0);
    CHECK(datong::commands::datong({"map", "shadow", "report", folder / "two.json"}).code == 1);
    CHECK(datong::commands::datong({"map", "shadow", "report", folder / "one.json", folder / "other.json"}).code == 2);
    CHECK(datong::commands::datong({"map", "shadow", "report", folder / "none.json"}).code == 2);
}
