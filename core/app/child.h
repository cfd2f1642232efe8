#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace datong::app {

/// A process that this one started and ends: never another. It dies with its parent, and has a process group of its
/// own.
class Child {
public:
    /// @param words   program and arguments.
    /// @param set     environment variables to add or replace.
    /// @param output  file that standard output and error go to; empty: ours.
    [[nodiscard]] static Result<Child> start(const std::vector<std::string>& words,
                                             const std::map<std::string, std::string>& set, const std::string& output);
    ~Child();  ///< SIGTERM, and SIGKILL if it does not end
    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;

    /// Waits for its end. @return the exit status, or 128 + signal.
    [[nodiscard]] int wait();
    [[nodiscard]] bool running();
    [[nodiscard]] int pid() const { return pid_; }
    /// Signals it, and nobody else: false, and nothing sent, when it has ended.
    bool signal(int number);
    void end(std::chrono::milliseconds grace);

private:
    explicit Child(pid_t pid) : pid_{pid} {}
    pid_t pid_{-1};
    int status_{};
};

/// The folder of this program's own file, with '/' at its end: where its siblings are.
[[nodiscard]] std::string program_folder();

}  // namespace datong::app
