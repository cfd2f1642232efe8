#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/evidence/entry.h"
#include "tests/commands/installation.h"

namespace datong::commands {

/// A good call of the housing fund, about the demo household.
[[nodiscard]] std::string fund_body();

/// What the evidence holds of administrators; throws when it can't be read.
[[nodiscard]] std::vector<evidence::Administration> acts_of(const Installation& installation);

/// `datong serve` as a child process on the system's choice of ports, ready when the constructor is done.
class Serving {
public:
    /// Throws with what it said when it does not start.
    explicit Serving(const Installation& installation);

    [[nodiscard]] pid_t process() const { return child_.pid(); }
    [[nodiscard]] bool is_running() { return child_.running(); }
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] const std::string& admin_port() const { return admin_port_; }
    [[nodiscard]] std::string said() const;  ///< standard error so far
    void signal(int number);                 ///< throws when it has ended
    [[nodiscard]] int wait();                ///< for its end. @return the exit code
    [[nodiscard]] int end();                 ///< SIGTERM, then wait()

    /// One signed call of the housing fund's service by `datong-call`, about the demo household.
    [[nodiscard]] Ran call() const;
    /// One call about the demo's person as it is made before there is a case.
    [[nodiscard]] Ran call_about(const std::string& service) const;
    /// `datong-call` as one-window, with these words behind url, keys and trust.
    [[nodiscard]] Ran call_with(const std::vector<std::string>& words) const;

private:
    const Installation& installation_;
    std::string err_;
    app::Child child_;
    std::string url_;
    std::string admin_port_;
};

}  // namespace datong::commands
