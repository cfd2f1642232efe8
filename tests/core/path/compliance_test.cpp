#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/codec/json.h"
#include "core/path/query.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

Record suite() {
    std::ifstream file{DATONG_TEST_DATA "/jsonpath/cts.json", std::ios::binary};
    std::stringstream text;
    text << file.rdbuf();
    auto json = codec::read_json(text.str(), {.max_bytes = 4U << 20, .max_depth = 64, .max_nodes = 1'000'000});
    REQUIRE(json.has_value());
    return std::move(*json);
}

/// What one result may be: values and where they stand.
bool agrees(const std::vector<path::Found>& found, const Record& values, const Record& locations) {
    if (found.size() != values.items().size() || found.size() != locations.items().size()) {
        return false;
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (*found[i].value != values.items()[i] || found[i].location != locations.items()[i].scalar()) {
            return false;
        }
    }
    return true;
}

/// Members of an object have no order in RFC 9535: some cases allow several results.
bool agrees_with_one_of(const std::vector<path::Found>& found, const Record& test) {
    if (const Record* values = test.find("result"); values != nullptr) {
        return agrees(found, *values, *test.find("result_paths"));
    }
    const Record::List& results = test.find("results")->items();
    const Record::List& paths = test.find("results_paths")->items();
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (agrees(found, results[i], paths[i])) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("all 703 cases of the JSONPath compliance suite pass", "[path]") {
    const Record json = suite();
    int passed = 0;
    int refused = 0;
    for (const Record& test : json.find("tests")->items()) {
        const std::string name = test.text_of("name");
        const std::string selector = test.text_of("selector");
        CAPTURE(name, selector);
        const auto query = path::Query::compile(selector);
        if (test.find("invalid_selector") != nullptr) {
            CHECK_FALSE(query.has_value());
            refused += query ? 0 : 1;
            continue;
        }
        REQUIRE(query.has_value());
        const Record& document = *test.find("document");
        const auto found = query->select(document, document);
        REQUIRE(found.has_value());
        const bool good = agrees_with_one_of(*found, test);
        CHECK(good);
        const auto values = query->values(document, document);
        REQUIRE(values.has_value());
        REQUIRE(values->size() == found->size());
        for (std::size_t i = 0; i < values->size(); ++i) {
            CHECK((*values)[i] == (*found)[i].value);
        }
        passed += good ? 1 : 0;
    }
    CHECK(refused == 247);
    CHECK(passed == 456);
}
