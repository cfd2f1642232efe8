#pragma once

#include <string>
#include <string_view>

#include "core/steps/registry.h"

namespace datong::tests {

/// The moment of the tests: 2024-05-01 10:00.
[[nodiscard]] steps::Moment moment();

/// A code table `gender`, the shipped table of `divisions`, an exceptions file, a key `example` (20 bytes
/// 0b), and the test division.
[[nodiscard]] steps::Surroundings surroundings();

/// The YAML of a test; it has to be right.
[[nodiscard]] yaml::Node yaml_of(std::string_view text);

/// A step by its name and the YAML of its argument (empty for none); nullptr after mistakes.
struct Made {
    std::unique_ptr<const steps::Step> step;
    Mistakes mistakes;
};
[[nodiscard]] Made make(std::string_view name, std::string_view argument,
                        const steps::Surroundings& around = surroundings());

/// What a step says of a value: its text form, "null", or "!rule". Warnings are added when asked for.
[[nodiscard]] std::string outcome(const steps::Step& step, steps::Value value, steps::Warnings* warnings = nullptr);
/// make() and outcome() in one; "mistake" when the argument is wrong.
[[nodiscard]] std::string run(std::string_view name, std::string_view argument, steps::Value value);

}  // namespace datong::tests
