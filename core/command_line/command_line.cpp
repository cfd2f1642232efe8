#include "core/command_line/command_line.h"

#include <algorithm>
#include <array>
#include <iostream>

#include <CLI/CLI.hpp>

#include "core/base/text.h"

namespace datong {
namespace {

Check shared(CLI::Validator validator) {
    return std::make_shared<const CLI::Validator>(std::move(validator));
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(one->get_name());
    }
    return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* one : app.get_options()) {
        for (const std::string& name : one->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

/// A word that nothing takes, and the nearest one that would have been. What stands behind it may have been meant for
/// it.
std::string spoken_unknown(const std::string& word, const CLI::App& app) {
    const std::string name = word.substr(0, word.find('='));
    const bool is_option = word.starts_with('-');
    const std::vector<std::string> known = is_option ? options_of(app) : commands_of(app);
    const auto same_letters = [&name](std::string other) {  // "tset" is two letters of four away from "test"
        std::string typed = name;
        std::ranges::sort(typed);
        std::ranges::sort(other);
        return typed == other;
    };
    auto meant = nearest(name, known);
    if (const auto turned = std::ranges::find_if(known, same_letters); turned != known.end()) {
        meant = *turned;
    }
    const std::string what = is_option       ? "没有这个选项 no such option: "
                             : known.empty() ? "多余的参数 not expected: "
                                             : "没有这个命令 no such command: ";
    return what + name + (meant ? "；相近 try: " + *meant : "") + '\n';
}

/// What is wrong, in Chinese, by the name of the error.
std::string_view kind_of(const CLI::ParseError& error) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kKinds{
        {{"ConversionError", "值的类型不对"},
         {"ValidationError", "值不合要求"},
         {"ArgumentMismatch", "值的个数不对"},
         {"RequiresError", "须与另一选项同用"},
         {"ExcludesError", "两个选项不能同用"}}};
    const auto* found =
        std::ranges::find(kKinds, error.get_name(), &std::pair<std::string_view, std::string_view>::first);
    return found != kKinds.end() ? found->second : "命令行有误";
}

std::string spoken_missing(const CLI::ParseError& error, const CLI::App& app) {
    constexpr std::string_view kIsRequired = " is required";
    const std::string said = error.what();
    if (said == "A subcommand is required") {
        std::string names;
        for (const std::string& name : commands_of(app)) {
            names += (names.empty() ? "" : ", ") + name;
        }
        return "须写明命令 " + said + ": " + names + '\n';
    }
    const std::string name = said.ends_with(kIsRequired) ? said.substr(0, said.size() - kIsRequired.size()) : said;
    return "须写明 " + name + " | " + said + '\n';
}

/// What is wrong with a command line, for the person who typed it.
std::string spoken(const CLI::ParseError& error, const CLI::App& program) {
    const CLI::App* app = &program;  // the innermost command that was chosen
    const CLI::App* puzzled = nullptr;
    for (;;) {
        puzzled = puzzled == nullptr && !app->remaining().empty() ? app : puzzled;
        if (app->get_subcommands().empty()) {
            break;
        }
        app = app->get_subcommands().back();
    }
    std::string said = puzzled != nullptr ? spoken_unknown(puzzled->remaining().front(), *puzzled) : std::string{};
    const bool lacks = error.get_name() == "RequiredError";
    // a command's own has another name
    const bool is_extra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    const bool lacks_command = lacks && puzzled != nullptr && !commands_of(*puzzled).empty();
    if (lacks && !lacks_command) {
        said += spoken_missing(error, *app);
    } else if (said.empty() || (!lacks && !is_extra)) {
        said += std::string{kind_of(error)} + " | " + error.what() + '\n';
    }
    return said + "用法见 --help  Run with --help for more information.\n";
}

}  // namespace

Check within(int least, int most) {
    return shared(CLI::Range(least, most));
}

Check within(double least, double most) {
    return shared(CLI::Range(least, most));
}

Check positive() {
    return shared(CLI::PositiveNumber);
}

Check one_of(const std::vector<std::string>& words) {
    return shared(CLI::IsMember(words));
}

Check existing_directory() {
    return shared(CLI::ExistingDirectory);
}

Option* Option::required(bool is_required) {
    option_->required(is_required);
    return this;
}

Option* Option::check(const Check& check) {
    option_->check(*check);
    return this;
}

Option* Option::check(const Judge& judge) {
    option_->check(judge);
    return this;
}

Option* Option::excludes(Option* other) {
    option_->excludes(other->option_);
    return this;
}

Option* Option::needs(Option* other) {
    option_->needs(other->option_);
    return this;
}

Option* Option::envname(const std::string& name) {
    option_->envname(name);
    return this;
}

Option* Option::delimiter(char separator) {
    option_->delimiter(separator);
    return this;
}

Option* Option::allow_extra_args(bool may) {
    option_->allow_extra_args(may);
    return this;
}

Option* Option::capture_default_str() {
    option_->capture_default_str();
    return this;
}

Command::Command(const std::string& help) : app_{std::make_shared<CLI::App>(help)} {
}

Command* Command::add_subcommand(const std::string& name, const std::string& help) {
    CLI::App* app = app_->add_subcommand(name, help);
    return &commands_.emplace_back(app_->get_subcommand_ptr(app));
}

Option* Command::add_option_to(const std::string& name, Target target, const std::string& help) {
    const auto add = [&](auto* value) { return app_->add_option(name, *value, help); };
    return &options_.emplace_back(*std::visit(add, target));
}

Option* Command::add_flag(const std::string& name, bool& target, const std::string& help) {
    return &options_.emplace_back(*app_->add_flag(name, target, help));
}

Option* Command::add_flag(const std::string& name, const std::string& help) {
    return &options_.emplace_back(*app_->add_flag(name, help));
}

void Command::footer(const std::string& text) {
    app_->footer(text);
}

void Command::callback(const std::function<void()>& run) {
    app_->callback(run);
}

void Command::require_subcommand(int count) {
    app_->require_subcommand(count);
}

void Command::set_version_flag(const std::string& name, const std::string& version) {
    app_->set_version_flag(name, version);
}

std::optional<int> Command::parse(int argc, const char* const* argv) {
    try {
        app_->parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& over) {  // help, version
        return app_->exit(over);
    } catch (const CLI::ParseError& error) {
        std::cerr << spoken(error, *app_);
        return kWrongLine;
    }
}

void refuse_without(const std::string& what) {
    throw CLI::RequiredError{what};
}

}  // namespace datong
