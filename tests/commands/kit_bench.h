#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/commands/serving.h"

namespace datong::commands {

/// A client of examples/clients in another language, as its README says how to run it.
struct Kit {
    std::vector<std::string> program;
    bool checks_fields;
};

/// A gateway that runs, and a kit that calls it with the platform's keys.
struct Bench {
    /// @param name    "shell", "node" or "java".
    /// @param change  what is changed in the configuration before the gateway reads it.
    explicit Bench(const std::string& name, const std::function<void(const Installation&)>& change = {});

    Installation installation;
    Serving serving;
    Kit kit;
    std::string body = installation.path("body.json");  ///< of a good call of the housing fund
    std::string trust = installation.path("keys/trust.jwks");

    /// @param set  environment variables in place of the good ones.
    [[nodiscard]] Ran call(const std::vector<std::string>& words,
                           const std::map<std::string, std::string>& set = {}) const;
    [[nodiscard]] Ran service(const std::string& name, const std::string& trusted) const;
};

/// Writes a file, whatever was in it.
void write_file(const std::string& path, const std::string& text);

}  // namespace datong::commands
