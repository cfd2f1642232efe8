#include "core/command_line/command_line.h"

#include <cstdlib>

#include <iostream>
#include <sstream>

#include "tests/support/catch.h"

using namespace datong;

namespace {

using Words = std::vector<std::string>;

/// What a program's user sees of its end.
struct Seen {
    std::optional<int> code;
    std::string out;
    std::string err;
};

/// Takes what is written to `stream` while it lives.
class Caught {
public:
    explicit Caught(std::ostream& stream) : stream_{stream}, before_{stream.rdbuf(text_.rdbuf())} {}
    ~Caught() { stream_.rdbuf(before_); }
    Caught(const Caught&) = delete;
    Caught& operator=(const Caught&) = delete;

    [[nodiscard]] std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::ostream& stream_;
    std::streambuf* before_;
};

Seen run(Command& program, const Words& words) {
    std::vector<const char*> line{"program"};
    for (const std::string& word : words) {
        line.push_back(word.c_str());
    }
    const Caught out{std::cout};
    const Caught err{std::cerr};
    const std::optional<int> code = program.parse(static_cast<int>(line.size()), line.data());
    return {code, out.text(), err.text()};
}

/// A line that is wrong, and what is said of it.
struct Wrong {
    Words words;
    std::string says;
};

}  // namespace

TEST_CASE("a command line fills the targets and runs what was chosen", "[command_line]") {
    std::string text = "before";
    Words list;
    Words split;
    int number = 0;
    std::int64_t day = 0;
    std::uint64_t count = 0;
    double share = 0;
    bool is_late = true;
    bool has_java = true;
    std::vector<std::uint64_t> sizes{1};
    std::string chosen;
    Command program{"a program"};
    program.require_subcommand(1);
    Command* command = program.add_subcommand("fill", "fills");
    command->add_option("TEXT", text, "text");
    command->add_option("--list", list, "a list");
    command->add_option("--split", split, "with commas")->delimiter(',');
    command->add_option("--number,-n", number, "a number");
    command->add_option("--day", day, "a day");
    command->add_option("--count", count, "a count");
    command->add_option("--share", share, "a share");
    command->add_option("--late", is_late, "yes or no");
    command->add_option("--sizes", sizes, "sizes");
    command->add_flag("!--no-java", has_java, "without Java");
    command->add_flag("--only-said", "not kept");
    command->callback([&chosen] { chosen += "fill"; });
    program.add_subcommand("other", "is not run")->callback([&chosen] { chosen += "other"; });

    SECTION("all of them") {
        const Seen seen =
            run(program, {"fill",    "after",     "--split",     "a,b",    "-n",     "-3",    "--day",   "-4",
                          "--count", "5",         "--share",     "0.5",    "--late", "false", "--sizes", "6",
                          "7",       "--no-java", "--only-said", "--list", "x",      "y"});
        CHECK(seen.err.empty());
        CHECK(!seen.code);
        CHECK(text == "after");
        CHECK(list == Words{"x", "y"});
        CHECK(split == Words{"a", "b"});
        CHECK(number == -3);
        CHECK(day == -4);
        CHECK(count == 5);
        CHECK(share == 0.5);
        CHECK(!is_late);
        CHECK(sizes == std::vector<std::uint64_t>{6, 7});
        CHECK(!has_java);
        CHECK(chosen == "fill");
    }
    SECTION("none, and they keep what they held") {
        CHECK(!run(program, {"fill"}).code);
        CHECK(text == "before");
        CHECK(is_late);
        CHECK(has_java);
        CHECK(sizes == std::vector<std::uint64_t>{1});
        CHECK(chosen == "fill");
    }
}

TEST_CASE("a wrong command line is said on standard error and runs nothing", "[command_line]") {
    const Wrong row = GENERATE(values<Wrong>({
        {{}, "A subcommand is required"},
        {{}, "须写明命令 A subcommand is required: act, undo"},
        {{"atc"}, "没有这个命令 no such command: atc；相近 try: act\n"},
        {{"nothing-like-it", "act"}, "没有这个命令 no such command: nothing-like-it\n"},
        {{"--hepl"}, "没有这个选项 no such option: --hepl；相近 try: --help\n"},
        {{"act", "--needed", "x", "--unknown"}, "没有这个选项 no such option: --unknown\n"},
        {{"act", "--needed", "x", "--nubmer", "1"},
         "没有这个选项 no such option: --nubmer；相近 try: --number\n用法见"},
        {{"act", "--neded=x"}, "no such option: --neded；相近 try: --needed\n须写明 --needed | --needed is required"},
        {{"act", "--needed", "x", "more"}, "多余的参数 not expected: more\n用法见"},
        {{"undo", "lats"}, "没有这个命令 no such command: lats；相近 try: last\n"},
        {{"undo"}, "须写明命令 A subcommand is required: last, all"},
        {{"act"}, "--needed is required"},
        {{"act", "--needed"}, "--needed"},
        {{"act", "--needed", "x", "--number", "many"}, "值的类型不对 | Could not convert: --number"},
        {{"act", "--needed", "x", "--percent", "101"}, "值不合要求 | --percent: Value 101 not in range"},
        {{"act", "--needed", "x", "--share", "0.4"}, "Value 0.4 not in range"},
        {{"act", "--needed", "x", "--positive", "0"}, "Value 0 not in range"},
        {{"act", "--needed", "x", "--word", "blue"}, "blue not in {red,green}"},
        {{"act", "--needed", "x", "--folder", "/dev/null"}, "Directory is actually a file: /dev/null"},
        {{"act", "--needed", "x", "--judged", "bad"}, "--judged: only good is"},
        {{"act", "--needed", "x", "--one", "1", "--two", "2"}, "两个选项不能同用 | "},
        {{"act", "--needed", "x", "--key", "k"}, "须与另一选项同用 | --key requires --certificate"},
        {{"act", "--needed", "x", "--single", "a", "b"}, "b"},
        {{"act", "--needed", "nothing"}, "FILE or --url is required"},
    }));
    CAPTURE(row.words);
    std::string text;
    Words list;
    int number = 0;
    double share = 0;
    bool was_run = false;
    Command program{"a program"};
    program.require_subcommand(1);
    Command* act = program.add_subcommand("act", "acts");
    Command* undo = program.add_subcommand("undo", "undoes");
    undo->require_subcommand(1);
    undo->add_subcommand("last", "the last");
    undo->add_subcommand("all", "all of them");
    act->add_option("--number", number, "");
    act->add_option("--percent", number, "")->check(within(0, 100));
    act->add_option("--share", share, "")->check(within(0.5, 1.0));
    act->add_option("--positive", number, "")->check(positive());
    act->add_option("--word", text, "")->check(one_of({"red", "green"}));
    act->add_option("--folder", text, "")->check(existing_directory());
    act->add_option("--judged", text, "")->check([](const std::string& said) {
        return said == "good" ? std::string{} : std::string{"only good is"};
    });
    Option* one = act->add_option("--one", text, "");
    act->add_option("--two", text, "")->excludes(one);
    Option* certificate = act->add_option("--certificate", text, "");
    act->add_option("--key", text, "")->needs(certificate);
    act->add_option("--single", list, "")->allow_extra_args(false);
    std::string needed;
    act->add_option("--needed", needed, "")->required();
    act->callback([&] {
        if (needed == "nothing") {
            refuse_without("FILE or --url");
        }
        was_run = true;
    });

    const Seen seen = run(program, row.words);
    REQUIRE(seen.code);
    CHECK(*seen.code == kWrongLine);
    CHECK_THAT(seen.err, ContainsSubstring(row.says));
    CHECK_THAT(seen.err, ContainsSubstring("用法见 --help  Run with --help for more information."));
    for (std::size_t at = 0, end = 0; at < seen.err.size(); at = end + 1) {
        end = seen.err.find('\n', at);
        const std::string line = seen.err.substr(at, end - at);
        CAPTURE(line);
        CHECK(std::ranges::any_of(line, [](char one) { return static_cast<unsigned char>(one) >= 0xE4; }));  // Han
    }
    CHECK(seen.out.empty());
    CHECK(!was_run);
}

TEST_CASE("help and version are printed and end the program well", "[command_line]") {
    std::string kind = "p256";
    bool was_run = false;
    Command program{"what the program is for"};
    program.set_version_flag("--version", "program 1.2");
    Command* act = program.add_subcommand("act", "what acting is");
    act->add_option("--kind", kind, "which kind")->check(one_of({"p256", "sm2"}))->capture_default_str();
    act->footer("an example");
    act->callback([&was_run] { was_run = true; });

    SECTION("of the program") {
        const Seen seen = run(program, {"--help"});
        CHECK(seen.code == 0);
        CHECK_THAT(seen.out, ContainsSubstring("what the program is for"));
        CHECK_THAT(seen.out, ContainsSubstring("what acting is"));
    }
    SECTION("of a command") {
        const Seen seen = run(program, {"act", "--help"});
        CHECK(seen.code == 0);
        CHECK_THAT(seen.out, ContainsSubstring("--kind TEXT:{p256,sm2}"));
        CHECK_THAT(seen.out, ContainsSubstring("which kind"));
        CHECK_THAT(seen.out, ContainsSubstring("an example"));
    }
    SECTION("the version") {
        const Seen seen = run(program, {"--version"});
        CHECK(seen.code == 0);
        CHECK(seen.out == "program 1.2\n");
    }
    CHECK(!was_run);
}

TEST_CASE("the environment speaks where the command line is silent", "[command_line]") {
    std::string broker;
    Command program{"a program"};
    program.add_option("--broker", broker, "where")->envname("DATONG_TEST_BROKER");
    setenv("DATONG_TEST_BROKER", "amqp://elsewhere", 1);
    SECTION("silent") {
        CHECK(!run(program, {}).code);
        CHECK(broker == "amqp://elsewhere");
    }
    SECTION("not silent") {
        CHECK(!run(program, {"--broker", "amqp://here"}).code);
        CHECK(broker == "amqp://here");
    }
    unsetenv("DATONG_TEST_BROKER");
}
