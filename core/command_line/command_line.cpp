#include "core/command_line/command_line.h"

#include <CLI/CLI.hpp>

namespace datong {
namespace {

Check shared(CLI::Validator validator) {
    return std::make_shared<const CLI::Validator>(std::move(validator));
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
    } catch (const CLI::ParseError& error) {
        return app_->exit(error);
    }
}

void refuse_without(const std::string& what) {
    throw CLI::RequiredError{what};
}

}  // namespace datong
