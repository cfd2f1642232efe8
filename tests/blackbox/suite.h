#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/blackbox/cost.h"
#include "tests/commands/serving.h"
#include "tests/journeys/platform.h"

namespace datong::blackbox {

/// What a suite came to; print() says it in one line, as every suite does.
struct Tally {
    int passed{};
    std::map<std::string, int> refused_by_policy;  ///< by rule
    int failed{};
    Worst worst;

    [[nodiscard]] int total() const;
    void print(const std::string& suite) const;
};

/// `datong serve` on a machine of its own, and a platform that calls it.
class Target {
public:
    /// @param plain  the listener speaks HTTP without TLS, as behind a proxy.
    explicit Target(bool plain = false);
    /// @param change  what is different on that machine, before the gateway starts.
    explicit Target(const std::function<void(commands::Installation& at)>& change);

    [[nodiscard]] const commands::Serving& serving() const { return *serving_; }
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const Meter& meter() const { return *meter_; }
    [[nodiscard]] journeys::Platform platform(const std::string& consumer = "one-window") const;
    [[nodiscard]] std::string keys() const { return installation_.path("keys"); }
    /// The body of a good call of the housing fund, about the demo household.
    [[nodiscard]] std::string good_body() const;
    /// Whether a good call is answered: the process lives on.
    [[nodiscard]] bool answers() const;
    /// How many calls came as far as a department.
    [[nodiscard]] int intents() const;

private:
    commands::Installation installation_;
    std::unique_ptr<commands::Serving> serving_;
    std::unique_ptr<Meter> meter_;
    bool plain_{};
};

inline constexpr const char* kService = "/v1/services/fund-deposit-certificate";

}  // namespace datong::blackbox
