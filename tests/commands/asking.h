#pragma once

#include <string>

#include "examples/departments/questions.h"
#include "tests/commands/serving.h"

namespace datong::commands {

/// A call's body with this question, for the purpose that wants no case.
[[nodiscard]] std::string ask_body(const departments::Question& question);

/// The question by `datong-call`, as one-window.
[[nodiscard]] Ran ask(const Installation& installation, const Serving& serving, const departments::Question& question);

}  // namespace datong::commands
