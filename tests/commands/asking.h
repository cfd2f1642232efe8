#pragma once

#include <string>

#include "examples/departments/questions.h"
#include "tests/commands/serving.h"

namespace datong::commands {

/// A call's body with this question, for the purpose that wants no case.
[[nodiscard]] std::string ask_body(const departments::Question& question);

/// The question by `datong-call`, as one-window.
/// Grants one-window every service for the purpose of ask_body(): those of the transfer's matter want a case otherwise.
void grant_without_case(const Installation& installation);

[[nodiscard]] Ran ask(const Installation& installation, const Serving& serving, const departments::Question& question);

/// The same moment at another offset of whole hours, 0 to 14.
/// @param at  as the evidence says it: "2026-11-30T23:23:30.123+08:00"
[[nodiscard]] std::string at_offset(const std::string& at, int hours);

}  // namespace datong::commands
