#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/commands/installation.h"
#include "tests/commands/page.h"
#include "tests/support/catch.h"
#include "tests/support/http_department.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::commands;

TEST_CASE("a department that is not in the tree comes from its sample reply to a signed certificate", "[commands]") {
    std::ifstream file{DATONG_SOURCE_DIR "/docs/new-department.md", std::ios::binary};
    const std::vector<Step> steps = steps_of({std::istreambuf_iterator<char>{file}, {}});
    REQUIRE(steps.size() == 9);
    const support::ScratchFolder folder;
    support::HttpDepartment department;
    department.answer("200 OK\r\nContent-Type: application/json",
                      R"({"resultCode": "200", "resultMsg": "查询成功", "data": [{"CJRZH": "CJ-0001", "XM": "示例甲",
 "SFZH": "999901199001010010", "CJLB": "4", "CJDJ": "2", "FZRQ": "20210608", "YXQ": "20310608"}]})");
    const Started serving{folder / "serve.pid"};
    const std::string programs = std::filesystem::path{DATONG_PROGRAM}.parent_path().string();
    const std::map<std::string, std::string> set{{"PATH", programs + ':' + std::getenv("PATH")},
                                                 {"DATONG", DATONG_SOURCE_DIR},
                                                 {"DATONG_PORT", "0"},
                                                 {"DATONG_ADMIN_PORT", "0"},
                                                 {"DATONG_KEYS", folder / "config/keys"},
                                                 {"DATONG_CDPF_URL", department.url()}};
    for (const Step& step : steps) {
        const Ran ran =
            commands::run({"/bin/sh", "-c", "set -e\nexec 2>&1\ncd '" + folder.path() + "'\n" + step.command}, set);
        CAPTURE(step.command, ran.out, ran.err);
        REQUIRE(ran.code == 0);
        for (const std::string& line : step.says) {
            CHECK_THAT(ran.out, ContainsSubstring(line));
        }
    }
    CHECK(department.count() >= 3);  // the sample, the joint test, the platform's call
    CHECK_THAT(department.last(), ContainsSubstring("SFZH=999901199001010010"));
    const Ran again =
        commands::datong({"init", "department", "cdpf", "--adapter", "rest", "--sample", folder / "reply.json",
                          "--service", "disability-card", "--config", folder / "config/gateway.yaml"},
                         set);
    CHECK(again.code == 1);
    CHECK_THAT(again.err, ContainsSubstring("nothing was written") && ContainsSubstring("departments/cdpf.yaml"));
}

TEST_CASE("a skeleton of every adapter passes check and map test at once, in a tree with other departments",
          "[commands]") {
    const std::string adapter =
        GENERATE(as<std::string>{}, "rest", "soap", "sql", "exchange_table", "file", "frame", "queue");
    CAPTURE(adapter);
    const Installation installation;
    const auto datong = [&](std::vector<std::string> words) {
        return commands::datong(std::move(words), installation.environment);
    };
    const Ran made = datong({"init", "department", "cdpf", "--adapter", adapter, "--items",
                             DATONG_TEST_DATA "/drafts/items.xlsx", "--config", installation.config()});
    CAPTURE(made.out, made.err);
    REQUIRE(made.code == 0);
    CHECK_THAT(made.out, ContainsSubstring("接下来 next"));
    const Ran checked = datong({"check", "--config", installation.config()});
    CAPTURE(checked.err);
    CHECK(checked.code == 0);
    CHECK(checked.err.find("错误 error") == std::string::npos);
    const Ran tested = datong({"map", "test", installation.path("mappings/cdpf"), "--test-division"});
    CAPTURE(tested.out);
    CHECK(tested.code == 0);
}

TEST_CASE("init department says what it can't use, and writes nothing then", "[commands]") {
    const Installation installation;
    std::ofstream{installation.path("bad.json")} << R"({"code":"200","data":{"A":"1","B":"2"}})";
    std::ofstream{installation.path("land.json")}
        << R"({"code":"200","data":{"XM":"示例甲","SFZH":"999901199001010010"}})";
    const std::string gbk_name = "\xCA\xBE\xC0\xFD\xBC\xD7";  // 示例甲 in GBK
    std::ofstream{installation.path("gbk.json")} << R"({"code":"200","data":{"XM":")" << gbk_name
                                                 << R"(","SFZH":"999901199001010010"}})";
    std::ofstream{installation.path("gbk.csv")} << gbk_name << ",XM,C\n";
    std::ofstream{installation.path("empty.json")} << "\n";
    struct Row {
        const char* why;
        std::vector<std::string> words;
        int code;
        const char* says;
    };
    const std::string bad = installation.path("bad.json");
    const std::string land = installation.path("land.json");
    const std::vector<Row> rows{
        {"no person", {"cdpf", "--adapter", "rest", "--sample", bad}, 2, "--person-id"},
        {"a strange name", {"CDPF", "--adapter", "rest", "--sample", land}, 2, "[a-z][a-z0-9-]*"},
        {"a plug-in's kind", {"cdpf", "--adapter", "dbf", "--sample", land}, 2, "docs/adapter-guide.md"},
        {"a misspelt adapter", {"cdpf", "--adapter", "sop", "--sample", land}, 2, "try soap"},
        {"nothing given", {"cdpf", "--adapter", "rest"}, 2, "--items FILE"},
        {"no such file", {"cdpf", "--adapter", "rest", "--sample", "nowhere.json"}, 2, "nowhere.json"},
        {"a sample in GBK",
         {"cdpf", "--adapter", "rest", "--sample", installation.path("gbk.json")},
         2,
         "另存为 UTF-8"},
        {"a table in GBK", {"cdpf", "--adapter", "rest", "--items", installation.path("gbk.csv")}, 2, "另存为 UTF-8"},
        {"an empty sample",
         {"cdpf", "--adapter", "rest", "--sample", installation.path("empty.json")},
         2,
         "样例文件是空的"},
        {"a table that is none", {"cdpf", "--adapter", "rest", "--items", bad}, 2, "table of items"},
        {"a department that is there", {"land", "--adapter", "rest", "--sample", land}, 1, "nothing was written"},
    };
    for (const Row& row : rows) {
        std::vector<std::string> words{"init", "department"};
        words.insert(words.end(), row.words.begin(), row.words.end());
        words.insert(words.end(), {"--config", installation.config()});
        const Ran ran = commands::datong(std::move(words), installation.environment);
        CAPTURE(row.why, ran.out, ran.err);
        CHECK(ran.code == row.code);
        CHECK_THAT(ran.err, ContainsSubstring(row.says));
    }
    CHECK_FALSE(std::filesystem::exists(installation.path("config/departments/cdpf.yaml")));
    CHECK_FALSE(std::filesystem::exists(installation.path("config/consumers/sandbox.yaml")));
}
