#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

namespace datong::support {

/// Signals a process of ours, its children and theirs: servers work in processes of their own.
inline void signal_family(pid_t head, int number) {
    std::vector<pid_t> family{head};
    for (std::size_t i = 0; i < family.size(); ++i) {
        const std::string id = std::to_string(family[i]);
        std::ifstream children{"/proc/" + id + "/task/" + id + "/children"};
        for (pid_t child = 0; children >> child;) {
            family.push_back(child);
        }
    }
    for (const pid_t one : family) {
        ::kill(one, number);
    }
}

}  // namespace datong::support
