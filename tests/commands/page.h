#pragma once

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace datong::commands {

/// What a page says is typed, and of what it prints.
struct Step {
    std::string command;
    std::vector<std::string> says;  ///< lines, each of which must stand somewhere in what it prints
};

/// The blocks of a page: ```sh is a step, ```text what the step before prints.
inline std::vector<Step> steps_of(const std::string& page) {
    std::vector<Step> steps;
    std::string* block = nullptr;
    std::string says;
    for (std::size_t at = 0; at < page.size();) {
        const std::size_t end = std::min(page.find('\n', at), page.size());
        const std::string line = page.substr(at, end - at);
        at = end + 1;
        if (block == nullptr && line == "```sh") {
            steps.push_back({});
            block = &steps.back().command;
        } else if (block == nullptr && line == "```text") {
            REQUIRE_FALSE(steps.empty());
            block = &says;
        } else if (line == "```") {
            block = nullptr;
        } else if (block == &says) {
            steps.back().says.push_back(line);
        } else if (block != nullptr) {
            *block += line + '\n';
        }
    }
    return steps;
}

/// Ends what a page's command started, should the test stop in the middle.
struct Started {
    std::string pid_file;
    ~Started() {
        std::ifstream in{pid_file};
        int pid = 0;
        if (in >> pid && pid > 1) {
            ::kill(pid, SIGKILL);
        }
    }
};

}  // namespace datong::commands
