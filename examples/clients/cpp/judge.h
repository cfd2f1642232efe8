#pragma once

#include <ostream>
#include <string_view>

#include "core/codec/json.h"
#include "examples/clients/cpp/command_line.h"
#include "examples/clients/cpp/trust.h"

namespace datong::client {

/// What an answer may be: larger than a call.
inline constexpr codec::JsonLimits kAnswerLimits{.max_bytes = 64U << 20U, .max_depth = 64, .max_nodes = 2'000'000};

/// Verifies the certificates in an answer, whatever brought it here, and says in words what it found.
/// @param text  the native JSON.
/// @return kGood, kPending or kWanting.
[[nodiscard]] int judge_answer_text(const Options& options, std::ostream& words, const Trust& trust,
                                    std::string_view text);

/// Whether a service's certificate is about the person and the query that were sent; says so where it is not.
[[nodiscard]] bool is_about_the_question(const Options& options, std::ostream& words, std::string_view answer_text,
                                         std::string_view request_text);

}  // namespace datong::client
