#include <filesystem>
#include <regex>
#include <set>

#include "tests/core/mapping/fixture.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

const std::filesystem::path kFolder = std::filesystem::path{DATONG_TEST_DATA} / "mapping-codes";

/// The codes of the first column of the table, "M101–M104, M106" taken apart.
std::set<std::string> documented() {
    const std::string page = text_of(std::filesystem::path{DATONG_SOURCE_DIR} / "docs" / "mapping.md");
    static const std::regex kRow{R"(\n\| (M[^|]*)\|)"};
    static const std::regex kCode{"M(\\d{3})(?:–M(\\d{3}))?"};
    std::set<std::string> out;
    for (std::sregex_iterator row{page.begin(), page.end(), kRow}, end; row != end; ++row) {
        const std::string cell = (*row)[1];
        for (std::sregex_iterator code{cell.begin(), cell.end(), kCode}; code != end; ++code) {
            const int first = std::stoi((*code)[1]);
            const int last = (*code)[2].matched ? std::stoi((*code)[2]) : first;
            for (int i = first; i <= last; ++i) {
                out.insert("M" + std::to_string(i));
            }
        }
    }
    return out;
}

std::set<std::string> mapping_files() {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator{kFolder}) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('M') && name.ends_with(".yaml")) {
            out.insert(name);
        }
    }
    return out;
}

std::optional<std::string> broken_file(std::string_view path) {
    std::ifstream file{kFolder / path, std::ios::binary};
    return file ? std::optional{std::string{std::istreambuf_iterator<char>{file}, {}}} : std::nullopt;
}

}  // namespace

TEST_CASE("every code of the page has a small mapping that raises it", "[mapping]") {
    std::set<std::string> covered;
    for (const std::string& name : mapping_files()) {
        covered.insert(name.substr(0, 4));
    }
    const std::set<std::string> codes = documented();
    CHECK(codes.size() >= 31);
    CHECK(covered == codes);
}

TEST_CASE("a small broken mapping raises its code and no other", "[mapping]") {
    for (const std::string& name : mapping_files()) {
        const auto compiled = mapping::compile_and_test(name, broken_file, {.test_division = true});
        CAPTURE(name, mapping::tests::lines(compiled.mistakes));
        CHECK_FALSE(compiled.mistakes.empty());
        for (const Mistake& one : compiled.mistakes) {
            CHECK(one.code == name.substr(0, 4));
            CHECK(one.where.file.ends_with(".yaml"));
        }
        CHECK((compiled.mapping == nullptr) == has_errors(compiled.mistakes));
    }
}
