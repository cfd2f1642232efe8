#pragma once

#include <optional>
#include <string>

#include "core/app/commands.h"
#include "core/codec/http_message.h"
#include "core/record/record.h"

namespace datong::app {

/// Asks the gateway that runs on this machine, through its admin listener. What goes wrong is said on standard error.
/// @param config  gateway.yaml, for the listener's address.
/// @param body    of a POST; nullopt: a GET.
/// @return the answer, whatever its status; else the exit code: kConfig for a configuration that can't be read,
///         kWanting when nobody answers.
struct AdminAnswer {
    std::optional<codec::HttpMessage> http;
    int code{kGood};
    std::string url;
};
[[nodiscard]] AdminAnswer ask_admin(const std::string& config, const std::string& target,
                                    const std::optional<std::string>& body = {});

/// The same for a GET of JSON; null when there is none, `code` says why.
[[nodiscard]] record::Record read_admin(const std::string& config, const std::string& target, int& code);

}  // namespace datong::app
