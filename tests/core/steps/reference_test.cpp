#include "core/steps/reference.h"

#include <fstream>
#include <sstream>

#include "core/codec/json.h"
#include "core/steps/registry.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::steps;

namespace {

std::string page_in_the_tree() {
    std::ifstream file{std::string{DATONG_SOURCE_DIR} + "/docs/mapping-steps.md", std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

std::size_t count_of(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("the page of steps in the tree is what the program prints", "[steps]") {
    const bool same = page_in_the_tree() == reference_markdown();
    INFO("datong map functions --markdown > docs/mapping-steps.md");
    CHECK(same);
}

TEST_CASE("the page has every step in both languages and all examples", "[steps]") {
    const std::string page = reference_markdown();
    std::size_t examples = 0;
    for (const Entry& entry : entries()) {
        CAPTURE(entry.name);
        CHECK(count_of(page, "#### " + entry.name + "\n") == 2);
        CHECK(count_of(page, entry.help_zh) >= 1);
        CHECK(count_of(page, entry.help_en) >= 1);
        examples += entry.examples.size();
    }
    CHECK(count_of(page.substr(page.find("## 例 Examples")), "\n| `") == examples);
}

TEST_CASE("the JSON of the steps has what the registry has", "[steps]") {
    const auto all = codec::read_json(reference_json());
    REQUIRE(all.has_value());
    REQUIRE(all->items().size() == entries().size());
    for (std::size_t at = 0; at < entries().size(); ++at) {
        const Entry& entry = entries()[at];
        const record::Record& one = all->items()[at];
        CAPTURE(entry.name);
        CHECK(one.find("name")->scalar() == entry.name);
        CHECK(one.find("rules")->items().size() == entry.rules.size());
        CHECK(one.find("parameters")->items().size() == entry.parameters.size());
        CHECK(one.find("examples")->items().size() == entry.examples.size());
        CHECK(one.find("in")->scalar() == name_of(entry.in));
    }
}

TEST_CASE("the list of steps names each with its rules", "[steps]") {
    const std::string list = reference_list();
    for (const Entry& entry : entries()) {
        CAPTURE(entry.name);
        CHECK(list.find("\n  " + entry.name + " ") != std::string::npos);
    }
    CHECK(list.find("!id.checksum") != std::string::npos);
}
