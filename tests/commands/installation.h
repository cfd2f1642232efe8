#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/app/child.h"
#include "examples/departments/city.h"
#include "tests/support/scratch_folder.h"

namespace datong::commands {

/// How a program ended and what it said.
struct Ran {
    int code{};  ///< exit status, or 128 + signal
    std::string out;
    std::string err;
};

/// Runs a program to its end; throws when that is not within a minute.
/// @param words  program and arguments.
/// @param set    environment variables to add or replace.
[[nodiscard]] Ran run(const std::vector<std::string>& words, const std::map<std::string, std::string>& set = {});
/// The same for build's `datong`; `words` begins with the command.
[[nodiscard]] Ran datong(std::vector<std::string> words, const std::map<std::string, std::string>& set = {});

/// Starts a program; standard output goes to the file `out`, standard error to the file `err`.
[[nodiscard]] app::Child start(const std::vector<std::string>& words, const std::map<std::string, std::string>& set,
                               const std::string& out, const std::string& err);

/// Waits until `ready` says so, at most half a minute. @return what it said last.
[[nodiscard]] bool wait_until(const std::function<bool()>& ready);

/// A copy of config/ and mappings/ with keys, evidence folder and the simulated city that it names: what
/// stands on a machine where datong runs.
class Installation {
public:
    Installation();

    [[nodiscard]] std::string path(const std::string& below) const { return folder_ / below; }
    [[nodiscard]] std::string config() const { return path("config/gateway.yaml"); }
    [[nodiscard]] std::string read(const std::string& below) const { return folder_.read(below); }
    [[nodiscard]] departments::City& city() { return city_; }
    /// Replaces the first `what` in a file; throws when it is not there.
    void replace(const std::string& below, const std::string& what, const std::string& with) const;

    /// What the configuration reads; a test may take something away.
    std::map<std::string, std::string> environment;

private:
    support::ScratchFolder folder_;
    departments::City city_;
};

}  // namespace datong::commands
