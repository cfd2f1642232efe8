#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/app/child.h"
#include "core/app/commands.h"
#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::app {

/// What runs during the demo, and where.
struct Stage {
    std::string folder;
    std::string programs = program_folder();
    std::map<std::string, std::string> environment;
    record::Record city;  ///< what the departments wrote about themselves
    std::string url;      ///< of the gateway
    std::string admin;    ///< its admin listener
    std::vector<Child> children;
    std::map<std::string, bool> asked;  ///< services that were called already, and whether it went well
    int failures{};
    int refused = kWanting;  ///< exit code of a demo that did not start
};

/// One call as the platform would make it, by the client beside this program.
struct Call {
    std::string title;
    std::string consumer = "one-window";
    std::string kind = "service";
    bool soap{};  ///< by signed SOAP instead of signed REST
    std::string name;
    record::Record body;
    int expected = kGood;
    std::string expected_text = "outcome: found";
};

/// Runs `datong` beside this program with the demo's environment, as an administrator of this machine would, and shows
/// the command and what it says. Another exit code than `expected`, or an answer without the text, is a failure.
void run_datong(Stage& stage, const std::vector<std::string>& words, const std::string& expected_text);

/// Where the environment of the commands that the demo shows stands.
[[nodiscard]] std::string environment_file(const Stage& stage);
/// Writes it, for a shell to read: the consumer one-window's, and the administrator's.
[[nodiscard]] Status write_environment(const Stage& stage);

/// Whether Ctrl-C or SIGTERM came; both are blocked while the demo runs. From then on nothing more is begun.
[[nodiscard]] bool asked_to_end();

/// A line on the terminal, at once.
void say(const std::string& line);
/// All of a file; empty when it can't be read.
[[nodiscard]] std::string text_of(const std::string& file);

/// The body of a call about one person of the demo's household.
/// @param subject  "subject", "applicant", "agent": as the departments' port file names them
[[nodiscard]] record::Record body_for(const Stage& stage, const std::string& subject, record::Record query);

/// Makes a call by the client beside this program and shows all that it says; a failure is counted.
void make_call(Stage& stage, const Call& call);

/// A service that is given with the person's consent only: refused, consented to, answered (docs/consent.md).
void call_by_consent(Stage& stage);

/// Every service once, a line each: the system, its adapter, the outcome.
void call_the_rest(Stage& stage, const std::string& config);

/// One service and the system that it is asked of, as the configuration says.
struct SystemRow {
    std::string department;  ///< id
    std::string title;       ///< of the department
    std::string source;
    std::string adapter;
    std::string service;
    std::string service_title;
};

/// Every service of a configuration folder, by department and service. Reads names only: nothing is connected,
/// and no key and no variable of the environment is needed.
/// @return Fault::unavailable when a file can't be read or names no department
[[nodiscard]] Result<std::vector<SystemRow>> systems_of(const std::string& config_folder);

/// A text of that many columns at least; Chinese characters take two.
[[nodiscard]] std::string in_columns(std::string text, std::size_t columns);

}  // namespace datong::app
