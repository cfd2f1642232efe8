#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/codec/json.h"
#include "examples/departments/legacy_text.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"
#include "tests/support/dbf_writer.h"

using namespace datong;
using namespace datong::commands;

namespace {

/// A command of the page and what stands under it; the yaml between them is read by people.
struct Step {
    std::string command;
    std::string prints;
};

std::vector<Step> steps_of(const std::string& page) {
    std::vector<Step> steps;
    for (std::size_t at = page.find("\n```"); at != std::string::npos; at = page.find("\n```", at)) {
        const std::size_t begin = page.find('\n', at + 1) + 1;
        const std::size_t end = page.find("\n```\n", begin - 1);
        REQUIRE(end != std::string::npos);
        const std::string kind = page.substr(at + 4, begin - at - 5);
        const std::string block = page.substr(begin, end + 1 - begin);
        if (kind == "sh") {
            steps.push_back({block, ""});
        } else if (kind == "text") {
            steps.back().prints = block;
        }
        at = end + 4;
    }
    return steps;
}

/// The housing fund's account of the demo household, exported to dBase as old centres do.
void export_tables(const std::string& folder) {
    const departments::Demo demo = departments::demo_person();
    std::filesystem::create_directories(folder);
    std::ofstream{folder + "/ACCT.DBF", std::ios::binary} << support::dbf_table(
        {{"GRZH", 20},
         {"XINGMING", 60},
         {"ZJLX", 2},
         {"ZJHM", 18},
         {"GRZHZT", 2},
         {"KHRQ", 10},
         {"JZNY", 6},
         {"GRJCJS", 12},
         {"GRJCBL", 5},
         {"GRYJCE", 12},
         {"DWYJCE", 12},
         {"GRZHYE", 14},
         {"DWMC", 60},
         {"DWXYDM", 18},
         {"CSNY", 6}},
        {{"999900000001", "\xC0\xED\xCB\xFE", "01", "999901198503040029", "01", "2010-01-01", "202309", "1", "5", "1",
          "1", "1", "", "", ""},
         {demo.account.number, departments::to_gb18030(demo.person.name), "01", demo.person.id, "01", "2009-07-01",
          "202309", "8500.00", "12", "1020.00", "1020.00", "65432.10", "", "", ""}});
    std::ofstream{folder + "/DTL.DBF", std::ios::binary} << support::dbf_table(
        {{"ZJHM", 18}, {"HBJNY", 6}, {"FSE", 12}, {"YWLX", 2}}, {{demo.person.id, "202309", "2040.00", "01"},
                                                                 {demo.person.id, "202308", "2040.00", "01"},
                                                                 {"999901198503040029", "202309", "2.00", "01"}});
}

/// Puts the plug-in in the place of the fund's database.
void use_tables(const Installation& installation, const std::string& folder) {
    const std::string file = installation.read("config/departments/fund.yaml");
    const std::string source = "    adapter: dbf\n    settings:\n      folder: " + folder +
                               "\n      operations:\n        account:\n          sets:\n"
                               "            acct: {file: ACCT.DBF, where: {ZJHM: [ZJHM, ZJHM15]}, max_rows: 2}\n"
                               "            dtl: {file: DTL.DBF, where: {ZJHM: [ZJHM, ZJHM15]}, max_rows: 600}\n";
    const std::size_t begin = file.find("    adapter: sql\n");
    const std::size_t end = file.find("    limits:", begin);
    REQUIRE(end != std::string::npos);
    installation.replace("config/departments/fund.yaml", file.substr(begin, end - begin), source);
}

/// A gateway that has no plug-in yet, as the page begins.
void remove_pins(const Installation& installation) {
    const std::string file = installation.read("config/gateway.yaml");
    const auto begin = file.find("plugins:\n");
    auto end = file.find('\n', begin) + 1;
    while (end < file.size() && file[end] == ' ') {
        end = file.find('\n', end) + 1;
    }
    installation.replace("config/gateway.yaml", file.substr(begin, end - begin), "");
}

}  // namespace

TEST_CASE("the adapter guide leads from nothing to a certificate out of a supplier's plug-in", "[commands]") {
    std::ifstream file{DATONG_SOURCE_DIR "/docs/adapter-guide.md", std::ios::binary};
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    const std::vector<Step> steps = steps_of(page);
    REQUIRE(steps.size() == 8);

    Installation installation;
    const std::string root = installation.path("");
    const std::string tables = installation.path("tables");
    const std::string programs = std::filesystem::path{DATONG_PROGRAM}.parent_path().string();
    std::map<std::string, std::string> set = installation.environment;
    set["PATH"] = programs + ':' + std::getenv("PATH");
    set["DATONG_SOURCE"] = DATONG_SOURCE_DIR;
    set["DATONG_BUILD"] = programs;
    set["CXX"] = DATONG_COMPILER;
    remove_pins(installation);
    export_tables(tables);
    use_tables(installation, tables);
    for (const Step& step : steps) {
        const Ran ran = commands::run({"/bin/sh", "-c", "exec 2>&1\ncd '" + root + "'\n" + step.command}, set);
        CAPTURE(step.command, ran.out, installation.read("build.log"));
        CHECK(ran.code == 0);
        CHECK(ran.out == step.prints);
    }

    const Ran checked = commands::datong({"source", "check", "fund/fund-front", "--config", installation.config()},
                                         installation.environment);
    CAPTURE(checked.err);
    CHECK(checked.code == 0);
    CHECK_THAT(checked.out, ContainsSubstring("fund/fund-front: "));
    {
        Serving serving{installation};
        const Ran found = serving.call();
        CAPTURE(found.err, serving.said());
        CHECK(found.code == 0);
        CHECK_THAT(found.out, ContainsSubstring("outcome: found") && ContainsSubstring("issuer fund, 18 fields"));
        // the gas company's archive is read by the same plug-in, as it was built outside the tree
        const Ran gas = serving.call_about("gas-account");
        CAPTURE(gas.out, gas.err);
        CHECK(gas.code == 0);
        CHECK_THAT(gas.out, ContainsSubstring("outcome: found") && ContainsSubstring("issuer utilities"));
        CHECK(serving.end() == 0);
    }

    // one octet more, and the same gateway starts without that source
    std::ofstream{installation.path("plugins/datong_dbf.so"), std::ios::app} << ' ';
    const Ran refused = commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(refused.err);
    CHECK(refused.code == 0);
    CHECK_THAT(refused.err, ContainsSubstring("C230") && ContainsSubstring("is another file than the pinned one"));
    std::filesystem::remove(installation.path("ports.json"));
    Serving serving{installation};
    const Ran none = serving.call();
    CHECK(none.code == 1);
    CHECK_THAT(none.out + none.err, ContainsSubstring("unavailable"));
    CHECK(serving.end() == 0);
    CHECK_THAT(installation.read("gateway.log"), ContainsSubstring("plugin_refused"));
}
