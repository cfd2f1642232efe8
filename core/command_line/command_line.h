#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
class Validator;
}  // namespace CLI

namespace datong {

/// The exit code of a program whose command line is wrong.
inline constexpr int kWrongLine = 2;

/// What an option's text has to be; help names it beside the option.
using Check = std::shared_ptr<const CLI::Validator>;

/// A whole number from `least` to `most`, both allowed.
[[nodiscard]] Check within(int least, int most);
/// A number from `least` to `most`, both allowed.
[[nodiscard]] Check within(double least, double most);
/// More than 0.
[[nodiscard]] Check positive();
/// One of these words, letter by letter.
[[nodiscard]] Check one_of(const std::vector<std::string>& words);
/// The path of a folder that is there.
[[nodiscard]] Check existing_directory();

/// Judges an option's text: empty when it is good, else what is wrong, for the person who typed it.
using Judge = std::function<std::string(const std::string&)>;

/// An option, a flag or a positional of a command. Its command owns it; every function returns it, for the next.
class Option {
public:
    /// For Command alone.
    explicit Option(CLI::Option& option) : option_{&option} {}

    /// A line without it is wrong.
    Option* required(bool is_required = true);
    /// A text that is not so is wrong.
    Option* check(const Check& check);
    Option* check(const Judge& judge);
    /// Both on one command line are wrong.
    Option* excludes(Option* other);
    /// Wrong without `other`.
    Option* needs(Option* other);
    /// Where the command line is silent, the text of this environment variable counts.
    Option* envname(const std::string& name);
    /// One text is several, with `separator` between.
    Option* delimiter(char separator);
    /// Of a list: whether one mention may bring several texts; without this it may.
    Option* allow_extra_args(bool may);
    /// Help shows what the target holds now.
    Option* capture_default_str();

private:
    CLI::Option* option_;
};

/// Where an option's value goes. It has to live until parse() is over, and keeps what it holds where nothing is said.
using Target = std::variant<std::string*, std::vector<std::string>*, int*, std::int64_t*, std::uint64_t*, double*,
                            bool*, std::vector<std::uint64_t>*>;

/// A program's command line, or one command of it: what may be said, and what is done then. For one thread.
/// The names are CLI11's and mean what they mean there; only this room reads its headers, for each file that does
/// pays seconds of compilation.
class Command {
public:
    /// The program itself.
    explicit Command(const std::string& help);
    /// For add_subcommand() alone.
    explicit Command(std::shared_ptr<CLI::App> app) : app_{std::move(app)} {}
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    /// @return  the command, which this one owns.
    Command* add_subcommand(const std::string& name, const std::string& help);
    /// @param name    "--config,-c", or a word without '-' for a positional
    /// @param target  one of those of Target
    template <typename Value>
    Option* add_option(const std::string& name, Value& target, const std::string& help) {
        return add_option_to(name, &target, help);
    }
    /// @param name  "!--no-x" for a flag that makes `target` false
    Option* add_flag(const std::string& name, bool& target, const std::string& help);
    /// A flag that is only said, not kept.
    Option* add_flag(const std::string& name, const std::string& help);

    /// Text below the help.
    void footer(const std::string& text);
    /// Runs in parse() when this command was chosen and all options are good.
    void callback(const std::function<void()>& run);
    /// Exactly so many commands below this one have to be chosen.
    void require_subcommand(int count);
    /// `name` prints `version` and ends the program.
    void set_version_flag(const std::string& name, const std::string& version);

    /// Reads the program's command line and runs the callbacks of what was chosen; what is wrong goes to standard
    /// error, in Chinese and English and with the nearest command or option, help and version to standard output.
    /// @return  nothing when the program goes on; its exit code when it is over: 0 after help or version, kWrongLine
    ///          when the line is wrong.
    [[nodiscard]] std::optional<int> parse(int argc, const char* const* argv);

private:
    Option* add_option_to(const std::string& name, Target target, const std::string& help);

    std::shared_ptr<CLI::App> app_;
    std::list<Command> commands_;
    std::list<Option> options_;
};

/// Says from a callback that the command line is wrong because `what` is not in it: parse() ends as it does for an
/// option that is required.
/// @throws  for parse() to catch, always.
[[noreturn]] void refuse_without(const std::string& what);

}  // namespace datong
