#include "core/drafts/department.h"

#include <map>

#include "core/codec/json.h"
#include "core/mapping/mapping.h"
#include "core/yaml/node.h"
#include "tests/support/catch.h"

using namespace datong;
using drafts::DepartmentDraft;
using drafts::DepartmentWish;
using drafts::Item;

namespace {

constexpr const char* kReply =
    R"({"resultCode": "200", "data": [{"CJRZH": "99990119900101001042", "XM": "示例甲", "SFZH": "999901199001010010",
 "CJLB": "4", "FZRQ": "20210608", "BZ": "", "YE": 12, "HY": true, "TAG": ["a"],
 "JTCY": [{"XM": "示例乙", "GX": "01"}]}]})";

DepartmentWish wish(const std::string& adapter) {
    DepartmentWish made;
    made.id = "cdpf";
    made.title = "示例市残疾人联合会";
    made.adapter = adapter;
    made.operation = "queryCard";
    made.service = "disability-card";
    made.division = "999900";
    made.from = "2026-03-01";
    made.to = "2027-02-28";
    return made;
}

std::vector<Item> items() {
    return {{.name = "CJRZH", .label = "残疾人证号", .required = true},
            {.name = "XM", .label = "姓名", .required = true},
            {.name = "SFZH", .label = "公民身份号码", .length = 18, .required = true},
            {.name = "CJLB", .label = "残疾类别", .required = true, .codes = {{"1", "视力"}, {"4", "肢体"}}},
            {.name = "FZRQ", .label = "发证日期", .type = Item::Type::date, .length = 8}};
}

/// The mappings of a draft run their own tests. @return what failed.
std::vector<std::string> failures(const DepartmentDraft& draft) {
    std::map<std::string, std::string, std::less<>> files;
    for (const drafts::DraftFile& file : draft.mappings) {
        files[file.path] = file.text;
    }
    const mapping::ReadFile read = [&files](std::string_view path) -> std::optional<std::string> {
        const auto found = files.find(path);
        return found == files.end() ? std::nullopt : std::optional{found->second};
    };
    std::vector<std::string> all;
    for (const char* path : {"cdpf/disability-card.yaml", "cdpf/disability-card.request.yaml"}) {
        const auto checked = mapping::compile_and_test(path, read, {.test_division = true});
        for (const Mistake& one : checked.mistakes) {
            if (one.severity == Severity::error) {
                all.push_back(to_line(one));
            }
        }
        const auto results = mapping::run_tests(path, read, {.test_division = true});
        CHECK(results.size() >= 2);
    }
    return all;
}

const std::string& text_of(const DepartmentDraft& draft, const std::string& path) {
    for (const auto* list : {&draft.config, &draft.mappings}) {
        for (const drafts::DraftFile& file : *list) {
            if (file.path == path) {
                return file.text;
            }
        }
    }
    FAIL("no " << path);
    return draft.config.front().text;
}

}  // namespace

TEST_CASE("the mappings of a skeleton pass their own tests, for every adapter", "[drafts]") {
    const std::string adapter = GENERATE(from_range(drafts::drafted_adapters()));
    const bool has_items = GENERATE(true, false);
    CAPTURE(adapter, has_items);
    DepartmentWish made = wish(adapter);
    if (has_items) {
        made.items = items();
    } else {
        made.sample = kReply;
    }
    const auto draft = drafts::draft_department(made);
    if (!draft) {
        FAIL(draft.error().detail());
    }
    const auto failed = failures(*draft);
    CAPTURE(text_of(*draft, "cdpf/disability-card.yaml"));
    CHECK(failed == std::vector<std::string>{});
}

TEST_CASE("what the table says of an item stands in schemas, tables and mapping", "[drafts]") {
    DepartmentWish made = wish("rest");
    made.items = items();
    const auto draft = drafts::draft_department(made);
    REQUIRE(draft);
    CHECK(text_of(*draft, "tables/cdpf/cjlb.csv") == "from,to,label\n1,1,视力\n4,4,肢体\n");
    CHECK_THAT(text_of(*draft, "schemas/cdpf-disability-card.source.yaml"),
               ContainsSubstring(R"(label: "残疾类别", codes: ["1", "4"])") && ContainsSubstring("class: sensitive"));
    CHECK_THAT(text_of(*draft, "cdpf/disability-card.yaml"),
               ContainsSubstring("{lookup: cjlb}") && ContainsSubstring("{parse_date: yyyyMMdd}"));
    CHECK_THAT(text_of(*draft, "services/disability-card.yaml"),
               ContainsSubstring(R"(person: {id: "/sfzh", name: "/xm"})"));
    CHECK_THAT(text_of(*draft, "departments/cdpf.yaml"), ContainsSubstring("in_flight: 4"));
}

TEST_CASE("a real person's number in a sample is refused, and named by its field only", "[drafts][security]") {
    DepartmentWish made = wish("rest");
    made.sample = R"({"code":"200","data":{"XM":"示例甲","SFZH":"110101199003070011"}})";
    const auto draft = drafts::draft_department(made);
    REQUIRE_FALSE(draft);
    CHECK_THAT(draft.error().detail(), ContainsSubstring("SFZH") && !ContainsSubstring("110101199003070011"));
}

TEST_CASE("where nobody can see whose record it is, the field must be said", "[drafts]") {
    DepartmentWish made = wish("rest");
    made.sample = R"({"code":"200","data":{"KH":"A1","XM":"示例甲","ZT":"1"}})";
    const auto asked = drafts::draft_department(made);
    REQUIRE_FALSE(asked);
    CHECK_THAT(asked.error().detail(), ContainsSubstring("--person-id FIELD") && ContainsSubstring("KH"));
    made.person_id = "KH";
    CHECK(drafts::draft_department(made).has_value());
}

TEST_CASE("a number of more digits than a double holds is drafted as a text", "[drafts]") {
    const auto [number, type] = GENERATE(table<std::string, std::string>({{"140217069534737", "integer"},
                                                                          {"1402170695347370", "string"},
                                                                          {"1402170695347372034", "string"},
                                                                          {"-140217069534737", "integer"},
                                                                          {"99999999999999999999", "string"}}));
    CAPTURE(number);
    DepartmentWish made = wish("rest");
    made.sample = R"({"code":"200","data":{"SFZH":"999901199001010010","XM":"示例甲","JL":)" + number + "}}";
    const auto draft = drafts::draft_department(made);
    REQUIRE(draft);
    CHECK(failures(*draft) == std::vector<std::string>{});
    const auto schema = codec::read_json(text_of(*draft, "schemas/disability-card.schema.json"));
    REQUIRE(schema);
    CHECK(schema->find("properties")->find("jl")->text_of("type") == type);
}

TEST_CASE("a sample and a title can't name a variable of the environment", "[drafts][security]") {
    DepartmentWish made = wish(GENERATE("sql", "exchange_table", "rest"));
    made.title = "示例${TOKSEC}";
    made.sample =
        R"({"code":"200","data":{"SFZH":"999901199001010010","XM":"示例甲","K${TOKSEC}":"x","L":[{"A${B}":"1","C":"2"}]}})";
    const auto draft = drafts::draft_department(made);
    REQUIRE(draft);
    CHECK(failures(*draft) == std::vector<std::string>{});
    CHECK(draft->remarks.size() >= 2);
    for (const drafts::DraftFile& file : draft->config) {
        CAPTURE(file.path, file.text);
        CHECK_THAT(file.text, !ContainsSubstring("K${TOKSEC}") && !ContainsSubstring("例${TOKSEC}"));
    }
    CHECK_THAT(text_of(*draft, "services/disability-card.yaml"), ContainsSubstring(R"(title: "示例$${TOKSEC}查询")"));
    CHECK_THAT(text_of(*draft, "departments/cdpf.yaml"), ContainsSubstring(R"(title: "示例$${TOKSEC}登记信息")"));
}

TEST_CASE("names and values of a sample can't break out of the files", "[drafts][security]") {
    DepartmentWish made = wish("rest");
    made.title = "示例\" }\nevil: true #";
    made.sample =
        R"({"code":"200","data":{"SFZH":"999901199001010010","XM":"示例甲","a\"b: c":"x","d":"y\" }\nz: 1","k]":"1"}})";
    const auto draft = drafts::draft_department(made);
    REQUIRE(draft);
    CHECK(failures(*draft) == std::vector<std::string>{});
    for (const drafts::DraftFile& file : draft->config) {
        if (file.path.ends_with(".yaml")) {
            const auto node = yaml::parse(file.text, file.path);
            REQUIRE(node);
            CHECK(node->find("evil") == nullptr);
        }
    }
}
