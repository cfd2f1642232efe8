// What the documents promise about tests and systems is there.

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "examples/departments/faults.h"
#include "tests/support/catch.h"

using namespace datong::departments;

namespace {

std::string text_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream{std::string{DATONG_SOURCE_DIR} + "/" + file}.rdbuf();
    return text.str();
}

std::string trimmed(std::string text) {
    text.erase(0, text.find_first_not_of(' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// The cells of every row of a document's tables, the heads left out.
std::vector<std::vector<std::string>> rows_of(const std::string& document) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines{text_of(document)};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("| ") || line.starts_with("| |")) {
            continue;
        }
        std::vector<std::string> cells;
        std::istringstream rest{line.substr(1)};
        for (std::string cell; std::getline(rest, cell, '|');) {
            cells.push_back(trimmed(cell));
        }
        rows.push_back(std::move(cells));
    }
    return rows;
}

/// In a YAML file a test stands as its name, in a source as a TEST_CASE.
bool holds_test(const std::string& file, const std::string& name) {
    const std::string text = text_of(file);
    if (file.ends_with(".yaml")) {
        return text.find("- name: " + name + "\n") != std::string::npos ||
               text.find("- name: \"" + name + "\"\n") != std::string::npos;
    }
    return text.find("\"" + name + "\"") != std::string::npos;
}

}  // namespace

TEST_CASE("every test that docs/legacy-behaviours.md names is there, for each of the fifteen habits", "[departments]") {
    std::vector<int> habits;
    const auto rows = rows_of("docs/legacy-behaviours.md");
    for (const auto& row : rows) {
        REQUIRE(row.size() >= 6);
        CAPTURE(row[1], row[4], row[5]);
        habits.push_back(std::stoi(row[0]));
        CHECK(holds_test(row[4], row[5]));
    }
    for (int habit = 1; habit <= 15; ++habit) {
        CAPTURE(habit);
        CHECK(std::count(habits.begin(), habits.end(), habit) > 0);
    }
    CHECK_FALSE(holds_test("mappings/ndrc/investment-project.yaml", "没有这样的测试"));
}

TEST_CASE("docs/adapter-faults.md has every fault of every adapter, and every test that it names is there",
          "[departments]") {
    std::set<std::pair<std::string, std::string>> shown;
    for (const auto& row : rows_of("docs/adapter-faults.md")) {
        REQUIRE(row.size() >= 4);
        CAPTURE(row[0], row[2], row[3]);
        CHECK((row[2] == "none" ? !row[3].empty() : holds_test(row[2], row[3])));
        std::istringstream faults{row[1]};
        for (std::string fault; std::getline(faults, fault, ',');) {
            shown.emplace(row[0], trimmed(fault));
        }
    }
    for (const char* adapter : {"rest", "soap", "sql", "exchange_table", "file", "frame", "queue"}) {
        for (const char* fault : {"refused", "reset", "hang", "drip", "endless", "wrong length", "wrong charset",
                                  "error page", "empty", "truncated", "duplicate person", "wrong person", "recovery"}) {
            CAPTURE(adapter, fault);
            CHECK(shown.erase({adapter, fault}) == 1);
        }
    }
    CHECK(shown.empty());  // no fault or adapter that is none
}

TEST_CASE("every simulated system has its row in the departments' README", "[departments]") {
    const auto rows = rows_of("examples/departments/README.md");
    for (const System system : all_systems()) {
        CAPTURE(name_of(system));
        CHECK(std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row[0] == name_of(system); }));
    }
}
