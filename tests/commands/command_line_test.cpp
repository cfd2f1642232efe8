#include <filesystem>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;

namespace {

using Words = std::vector<std::string>;

/// A command line and something that its answer must say.
struct Row {
    Words words;
    std::string says;
};

}  // namespace

TEST_CASE("datong says its version in two ways", "[commands]") {
    const std::string word = GENERATE(as<std::string>{}, "version", "--version");
    const Ran ran = datong::commands::datong({word});
    CHECK(ran.code == 0);
    CHECK(ran.out == "datong " DATONG_VERSION "\n");
    CHECK(ran.err.empty());
}

TEST_CASE("what could not be written whole does not end well", "[commands]") {
    const std::string words = GENERATE(as<std::string>{}, std::string{DATONG_PROGRAM} + " version",
                                       std::string{DATONG_PROGRAM} + " map functions",
                                       std::string{DATONG_PROGRAM} + " --help", std::string{DATONG_CALL} + " --help");
    CAPTURE(words);
    CHECK(run({"sh", "-c", words}).code == 0);
    const Ran full = run({"sh", "-c", words + " > /dev/full"});
    CHECK(full.code == 1);
    CHECK_THAT(full.err, ContainsSubstring("standard output can't be written"));
}

TEST_CASE("every command explains itself and ends well", "[commands]") {
    const Row row = GENERATE(values<Row>({{{}, "78 bad configuration"},
                                          {{}, "serve"},
                                          {{"serve"}, "SIGHUP"},
                                          {{"serve"}, "--port-file"},
                                          {{"demo"}, "--once"},
                                          {{"check"}, "--config"},
                                          {{"source", "check"}, "NAME"},
                                          {{"serve"}, "a second one ends at once"},
                                          {{"reload"}, "--config"},
                                          {{"map"}, "test"},
                                          {{"map", "run"}, "--trace"},
                                          {{"map", "run"}, "--context"},
                                          {{"map", "check"}, "FILE"},
                                          {{"map", "test"}, "--test-division"},
                                          {{"verify"}, "--keys"},
                                          {{"version"}, "version"}}));
    Words words = row.words;
    words.emplace_back("--help");
    CAPTURE(words);
    const Ran ran = datong::commands::datong(words);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring(row.says));
    CHECK(ran.err.empty());
}

TEST_CASE("a command line that says too little or too much is a usage error", "[commands]") {
    const Row row = GENERATE(values<Row>(
        {{{}, "subcommand"},
         {{"--nonsense"}, "--help"},
         {{"serv"}, "没有这个命令 no such command: serv；相近 try: serve"},
         {{"chek", "--config", "x"}, "no such command: chek；相近 try: check"},
         {{"map", "tset", "mappings"}, "no such command: tset；相近 try: test"},
         {{"verify", "--kyes", "x", "f"}, "no such option: --kyes；相近 try: --keys"},
         {{"check", "--confg", "x"}, "no such option: --confg；相近 try: --config"},
         {{"check", "more"}, "more"},
         {{"source"}, "subcommand"},
         {{"source", "check"}, "NAME"},
         {{"evidence", "erase", "--before", "yesterday", "--basis", "示数〔2026〕12号"}, "--before: 应为带时差的时刻"},
         {{"evidence", "archive", "--before", "2026-13", "--to", "/x"}, "--before: 应为带时差的时刻"},
         {{"evidence", "show", "0193a"}, "不是完整的交换编号"},
         {{"evidence", "export", "0193a"}, "不是完整的交换编号"},
         {{"evidence", "erase", "--exchange", "xyz", "--basis", "示数〔2026〕12号"}, "不是完整的交换编号"},
         {{"map", "check", "nowhere.yaml"}, "读不到文件"},
         {{"map", "run", "nowhere.yaml", "nowhere.json"}, "读不到文件"},
         {{"map"}, "subcommand"},
         {{"map", "run", "only-one.yaml"}, "SAMPLE"},
         {{"map", "test"}, "PATH"},
         {{"verify", "."}, "--keys"}}));
    CAPTURE(row.words);
    const Ran ran = datong::commands::datong(row.words);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring(row.says));
}

TEST_CASE("a configuration that can't be read is no empty one", "[commands]") {
    const Ran ran = datong::commands::datong({"reload", "--config", "nosuch.yaml"});
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err,
               ContainsSubstring("C203") && ContainsSubstring("无法读取文件") && ContainsSubstring("--config"));
}

TEST_CASE("the programs beside the gateway have its exit codes", "[commands]") {
    const std::string folder = std::filesystem::path{DATONG_PROGRAM}.parent_path().string();
    for (const char* name : {"/datong-departments", "/datong-tsa"}) {
        CAPTURE(name);
        const Ran help = run({folder + name, "--help"});
        CHECK(help.code == 0);
        const Ran wrong = run({folder + name, "--nonsense"});
        CHECK(wrong.code == 2);
        CHECK_THAT(wrong.err, ContainsSubstring("nonsense"));
    }
}

TEST_CASE("the client explains itself, and says what is missing", "[commands]") {
    const Ran help = run({DATONG_CALL, "--help"});
    CHECK(help.code == 0);
    CHECK_THAT(help.out, ContainsSubstring("--keyid") && ContainsSubstring("service") && ContainsSubstring("matter"));

    const Ran nothing = run({DATONG_CALL});
    CHECK(nothing.code == 2);
    const Ran unknown = run({DATONG_CALL, "nonsense"});
    CHECK(unknown.code == 2);
    const Ran keyless = run({DATONG_CALL, "--url", "https://127.0.0.1:1", "service", "x", "--body", "y"});
    CHECK(keyless.code == 2);
    CHECK_THAT(keyless.err, ContainsSubstring("--key"));
}
