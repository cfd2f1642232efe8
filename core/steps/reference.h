#pragma once

#include <string>

namespace datong::steps {

// The registry for people and programs: docs/mapping-steps.md, `datong map functions`.

/// The page docs/mapping-steps.md, zh-CN first and then English.
[[nodiscard]] std::string reference_markdown();
/// One object a step: name, family, types, rules, parameters, inverse, examples, help in both languages.
[[nodiscard]] std::string reference_json();
/// One line a step, by family: name, types, rules that it can raise, help.
[[nodiscard]] std::string reference_list();

}  // namespace datong::steps
