#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace datong::support {

/// A process of ours, its children and theirs, parents first: servers work in processes of their own.
inline std::vector<pid_t> family_of(pid_t head) {
    std::vector<pid_t> family{head};
    for (std::size_t i = 0; i < family.size(); ++i) {
        const std::string id = std::to_string(family[i]);
        std::ifstream children{"/proc/" + id + "/task/" + id + "/children"};
        for (pid_t child = 0; children >> child;) {
            family.push_back(child);
        }
    }
    return family;
}

inline void signal_family(pid_t head, int number) {
    for (const pid_t one : family_of(head)) {
        ::kill(one, number);
    }
}

/// Whether it stands still, or has ended and nobody has waited for it. Source: proc(5), /proc/[pid]/stat, the word
/// behind the name in brackets.
inline bool is_stopped(pid_t one) {
    std::ifstream file{"/proc/" + std::to_string(one) + "/stat"};
    std::string line;
    std::getline(file, line);
    const auto name = line.rfind(") ");
    return name != std::string::npos && std::string_view{"TZX"}.find(line[name + 2]) != std::string_view::npos;
}

/// Stops all of them, and returns once they stand still. The kernel's list of children may pass one over while another
/// ends, so it is read until it names nobody who still runs.
inline void stop_family(pid_t head) {
    for (bool all = false; !all;) {
        all = true;
        for (const pid_t one : family_of(head)) {
            if (!is_stopped(one)) {
                all = ::kill(one, SIGSTOP) != 0 && all;
            }
        }
    }
}

/// Ends all of them and waits until the last is gone: one that still dies holds its port and its name. Orphans
/// become this process's children, so that it can wait for them.
inline void end_family(pid_t head) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const std::vector<pid_t> family = family_of(head);
    for (const pid_t one : family) {
        ::kill(one, SIGKILL);
    }
    for (const pid_t one : family) {
        ::waitpid(one, nullptr, 0);
    }
}

}  // namespace datong::support
