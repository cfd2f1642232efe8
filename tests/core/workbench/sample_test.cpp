#include <fstream>
#include <iterator>

#include "core/codec/json.h"
#include "core/workbench/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

Record suite() {
    std::ifstream file{DATONG_TEST_DATA "/jsonpath/cts.json", std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto json = codec::read_json(text, {.max_bytes = 4U << 20, .max_depth = 64, .max_nodes = 1'000'000});
    REQUIRE(json.has_value());
    return std::move(*json);
}

/// What the command prints for these values and places.
std::string printed(const Record& values, const Record& places) {
    std::string out;
    for (std::size_t i = 0; i < values.items().size(); ++i) {
        out += std::string{places.items()[i].scalar()} + '\t' + codec::write_json(values.items()[i]) + '\n';
    }
    return out;
}

/// Members of an object have no order in RFC 9535: some cases allow several results.
bool allows(const Record& test, const std::string& got) {
    if (const Record* values = test.find("result"); values != nullptr) {
        return got == printed(*values, *test.find("result_paths"));
    }
    const Record::List& results = test.find("results")->items();
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (got == printed(results[i], test.find("results_paths")->items()[i])) {
            return true;
        }
    }
    return false;
}

std::string nodes(const std::string& path, const std::string& sample) {
    const auto record = workbench::read_sample(sample);
    REQUIRE(record.has_value());
    const auto found = workbench::find_nodes(*record, path);
    return found ? workbench::shown_nodes(*found) : "!" + found.error().detail();
}

}  // namespace

TEST_CASE("the path command agrees with all 703 cases of the JSONPath compliance suite", "[workbench]") {
    int agreed = 0;
    int refused = 0;
    const Record json = suite();
    for (const Record& test : json.find("tests")->items()) {
        const std::string selector = test.text_of("selector");
        CAPTURE(test.text_of("name"), selector);
        if (test.find("invalid_selector") != nullptr) {
            const bool no = !workbench::find_nodes(Record{}, selector).has_value();
            CHECK(no);
            refused += no ? 1 : 0;
            continue;
        }
        const bool good = allows(test, nodes(selector, codec::write_json(*test.find("document"))));
        CHECK(good);
        agreed += good ? 1 : 0;
    }
    CHECK(refused == 247);
    CHECK(agreed == 456);
}

TEST_CASE("an XML sample is read as mappings see it", "[workbench]") {
    const std::string xml =
        "\xEF\xBB\xBF\n<?xml version='1.0' encoding='UTF-8'?><R><A n='1'>x</A><B><C>1</C><C>2</C></B></R>";
    CHECK(nodes("B.C[1]", xml) == "$['B']['C'][1]\t\"2\"\n");
    CHECK(nodes("$.A['@n']", xml) == "$['A']['@n']\t\"1\"\n");
    CHECK(nodes("B.D", xml).empty());
}

TEST_CASE("a path that is none and a sample that is none are refused with their place", "[workbench]") {
    CHECK_THAT(nodes("$.a[", "{}"), ContainsSubstring("column"));
    CHECK_FALSE(workbench::read_sample("{\"a\": ").has_value());
    CHECK_FALSE(workbench::read_sample("<a><b></a>").has_value());
    CHECK_FALSE(workbench::read_sample("").has_value());
}
