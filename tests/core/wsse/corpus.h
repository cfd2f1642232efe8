#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace datong::tests {

inline std::string data(const std::string& name) {
    std::ifstream in{std::string{DATONG_TEST_DATA "/"} + name, std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    if (!in) {
        throw std::runtime_error("no test data " + name);
    }
    return std::move(all).str();
}

inline bool has_data(const std::string& name) {
    return std::filesystem::exists(std::string{DATONG_TEST_DATA "/"} + name);
}

/// Names of the files of a folder below tests/data that end so, without the ending, in order.
inline std::vector<std::string> names_in(const std::string& folder, const std::string& ending) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{std::string{DATONG_TEST_DATA "/"} + folder}) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(ending)) {
            names.push_back(name.substr(0, name.size() - ending.size()));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// How the cases of a corpus ended; what policy refuses is counted by the rule that refused it.
struct Tally {
    int passed{};
    int failed{};
    std::map<std::string, int> by_policy;

    [[nodiscard]] int refused() const {
        int all = 0;
        for (const auto& [rule, count] : by_policy) {
            all += count;
        }
        return all;
    }
    void print(const std::string& name) const {
        std::cout << name << ": passed " << passed << ", refused by policy " << refused();
        for (const auto& [rule, count] : by_policy) {
            std::cout << " [" << rule << ": " << count << "]";
        }
        std::cout << ", failed " << failed << '\n';
    }
};

}  // namespace datong::tests
