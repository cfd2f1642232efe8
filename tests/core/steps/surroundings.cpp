#include "tests/core/steps/surroundings.h"

#include <fstream>
#include <sstream>

#include "tests/support/catch.h"

namespace datong::tests {
namespace {

constexpr std::string_view kGender =
    "from,to,label,preferred,valid_from,valid_to\n"
    "0,unknown,未知,y,,\n"
    "1,male,男,,,\n"
    "2,female,女,,,\n"
    "9,unknown,未说明,n,2010-01-01,\n";

constexpr std::string_view kExceptions = "from,note\n91350211M0000XUF46,issued with a wrong check character\n";

/// The shipped table of divisions, read once: it is long.
std::shared_ptr<const steps::Table> divisions() {
    static const auto kTable = [] {
        std::ifstream file{std::string{DATONG_SOURCE_DIR} + "/mappings/tables/divisions.csv"};
        std::ostringstream text;
        text << file.rdbuf();
        auto table = steps::Table::parse(text.str(), "divisions.csv");
        REQUIRE(table.has_value());
        return std::make_shared<const steps::Table>(std::move(*table));
    }();
    return kTable;
}

}  // namespace

steps::Moment moment() {
    return {{{2024, 5, 1}, 10, 0, 0, 0}};
}

steps::Surroundings surroundings() {
    steps::Surroundings around;
    auto gender = steps::Table::parse(kGender, "gender.csv");
    REQUIRE(gender.has_value());
    around.tables.emplace("gender", std::make_shared<const steps::Table>(std::move(*gender)));
    around.tables.emplace("divisions", divisions());
    around.read_file = [](std::string_view path) -> std::optional<std::string> {
        return path == "uscc-exceptions.csv" ? std::optional<std::string>{kExceptions} : std::nullopt;
    };
    around.find_key = [](std::string_view name) -> std::optional<Secret> {
        return name == "example" ? std::optional{Secret{std::string(20, '\x0b')}} : std::nullopt;
    };
    around.test_division = true;
    return around;
}

yaml::Node yaml_of(std::string_view text) {
    auto node = yaml::parse(text, "test.yaml", true);
    CAPTURE(text);
    REQUIRE(node.has_value());
    return std::move(*node);
}

Made make(std::string_view name, std::string_view argument, const steps::Surroundings& around) {
    const steps::Entry* entry = steps::find(name);
    CAPTURE(name);
    REQUIRE(entry != nullptr);
    Made made;
    const yaml::Node where = yaml_of("here");
    if (argument.empty()) {
        made.step = entry->make(nullptr, where, around, made.mistakes);
    } else {
        const yaml::Node node = yaml_of(argument);
        made.step = entry->make(&node, where, around, made.mistakes);
    }
    return made;
}

std::string outcome(const steps::Step& step, steps::Value value, steps::Warnings* warnings) {
    steps::Warnings some;
    const steps::Stepped out = step.apply(std::move(value), moment(), warnings != nullptr ? *warnings : some);
    if (!out) {
        return "!" + out.error().rule;
    }
    return out->is_null() ? "null" : to_text(*out);
}

std::string run(std::string_view name, std::string_view argument, steps::Value value) {
    const Made made = make(name, argument);
    return made.step != nullptr ? outcome(*made.step, std::move(value)) : "mistake";
}

}  // namespace datong::tests
