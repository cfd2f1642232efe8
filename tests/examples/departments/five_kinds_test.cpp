// Every pack's mapping has tests of the five kinds: found, not found, malformed, unknown code, wrong person.

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/tests_runner.h"
#include "core/yaml/node.h"
#include "tests/examples/departments/mapping_files.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::departments::test;

namespace {

yaml::Node parsed(const std::string& text, const std::string& file) {
    auto node = yaml::parse(text, file, true);
    REQUIRE(node.has_value());
    return std::move(*node);
}

/// Response mappings of the packs, and whether their records speak of somebody. What is said of a pushed case is told
/// by tests/journeys/submit_departments_test.cpp.
std::map<std::string, bool> pack_mappings() {
    std::map<std::string, bool> found{{"cases/case.yaml", false}};  // its persons: core/exchange/case_check
    for (const auto& entry : std::filesystem::directory_iterator{DATONG_SOURCE_DIR "/config/services"}) {
        std::ostringstream text;
        text << std::ifstream{entry.path()}.rdbuf();
        const yaml::Node service = parsed(text.str(), entry.path().string());
        if (!service.text_of("source").ends_with("-acceptance")) {
            found.emplace(service.text_of("response"), service.text_of("person") != "none");
        }
    }
    return found;
}

bool has_rule(const yaml::Node& test, const std::string& rule) {
    const yaml::Node* errors = test.find("expect_errors");
    for (const yaml::Node& one : errors != nullptr ? errors->items : std::vector<yaml::Node>{}) {
        if (one.text_of("rule") == rule) {
            return true;
        }
    }
    return false;
}

/// The kinds that one test shows.
std::set<std::string> kinds_of(const yaml::Node& test) {
    std::set<std::string> kinds;
    const std::string outcome = test.text_of("expect_outcome");
    if (test.find("expect") != nullptr || test.find("expect_file") != nullptr) {
        kinds.insert("found");
    }
    if (outcome == "not_found" || outcome == "malformed") {
        kinds.insert(outcome == "malformed" ? "malformed" : "not found");
    }
    if (has_rule(test, "lookup.missing") || has_rule(test, "outcome.unlisted")) {
        kinds.insert("unknown code");
    }
    if (test.text_of("expect_person") == "other") {
        kinds.insert("wrong person");
    }
    return kinds;
}

std::map<std::string, int> count_kinds(const std::string& path) {
    std::map<std::string, int> counts;
    for (const std::string& file : {path, mapping::companion_of(path)}) {
        const auto text = mapping_files()(file);
        const yaml::Node root = text ? parsed(*text, file) : yaml::Node{};
        const yaml::Node* tests = root.find("tests");
        for (const yaml::Node& test : tests != nullptr ? tests->items : std::vector<yaml::Node>{}) {
            for (const std::string& kind : kinds_of(test)) {
                ++counts[kind];
            }
        }
    }
    return counts;
}

}  // namespace

TEST_CASE("every pack's mapping has tests of all five kinds beside it", "[departments][mapping]") {
    const auto packs = pack_mappings();
    CHECK(packs.size() == 30);
    for (const auto& [path, speaks_of_somebody] : packs) {
        const auto counts = count_kinds(path);
        for (const std::string kind : {"found", "not found", "malformed", "unknown code", "wrong person"}) {
            CAPTURE(path, kind);
            CHECK((counts.contains(kind) || (kind == "wrong person" && !speaks_of_somebody)));
        }
    }
}

TEST_CASE("tests about persons run, and one without a subject is a mistake", "[departments][mapping]") {
    const auto mapping = compiled("talent/talent-certificate.yaml");
    const auto tests = mapping::run_person_tests(*mapping, "talent/talent-certificate.yaml", mapping_files());
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].speaks_of_them);
    CHECK_FALSE(tests[1].speaks_of_them);
    CHECK(tests[0].target.find("holder")->text_of("idNo") == tests[0].subject.text_of("id_no"));

    const auto without = [](std::string_view path) -> std::optional<std::string> {
        auto text = mapping_files()(path);
        if (text && path == "talent/talent-certificate.yaml") {
            const auto at = text->rfind("    ctx: ");
            text->erase(at, text->find('\n', at) + 1 - at);
        }
        return text;
    };
    const auto made = mapping::compile_and_test("talent/talent-certificate.yaml", without, {.test_division = true});
    CHECK(made.mapping == nullptr);
    REQUIRE_FALSE(made.mistakes.empty());
    CHECK(made.mistakes.front().code == "M108");
}
