#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "core/descriptions/interface.h"
#include "tests/support/catch.h"

namespace datong::descriptions::tests {

[[nodiscard]] inline std::string read_sample(const std::string& path) {
    std::ifstream file{std::filesystem::path{DATONG_TEST_DATA} / "descriptions" / path, std::ios::binary};
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Reads beside a sample in tests/data/descriptions/FOLDER.
[[nodiscard]] inline ReadNear beside(const std::string& folder) {
    return [folder](const std::string& name) -> Result<std::string> {
        const std::filesystem::path path = std::filesystem::path{DATONG_TEST_DATA} / "descriptions" / folder / name;
        if (!std::filesystem::exists(path)) {
            return fail(Fault::bad_request, "no such file");
        }
        return read_sample(folder + '/' + name);
    };
}

/// Files that a test makes up.
[[nodiscard]] inline ReadNear made_of(std::map<std::string, std::string> files) {
    return [files = std::move(files)](const std::string& name) -> Result<std::string> {
        const auto found = files.find(name);
        return found == files.end() ? Result<std::string>{fail(Fault::bad_request, "no such file")} : found->second;
    };
}

/// "name:type" of each member, with '*' for many, '?' for nullable, and members in brackets.
[[nodiscard]] inline std::string shown(const std::vector<Shape>& members) {
    std::string out;
    for (const Shape& one : members) {
        out += (out.empty() ? "" : " ") + one.name + ':' + one.type + (one.many ? "*" : "") + (one.nullable ? "?" : "");
        out += one.members.empty() ? "" : '(' + shown(one.members) + ')';
    }
    return out;
}

/// The codes of mistakes, with a blank between.
[[nodiscard]] inline std::string codes(const Mistakes& mistakes) {
    std::string out;
    for (const Mistake& one : mistakes) {
        out += (out.empty() ? "" : " ") + one.code;
    }
    return out;
}

[[nodiscard]] inline bool has_gap(const std::vector<Gap>& gaps, const std::string& word) {
    for (const Gap& gap : gaps) {
        if (gap.text_en.find(word) != std::string::npos && !gap.text_zh.empty()) {
            return true;
        }
    }
    return false;
}

}  // namespace datong::descriptions::tests
