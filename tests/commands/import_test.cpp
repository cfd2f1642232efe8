#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/codec/http_message.h"
#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/http_department.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::commands;
namespace fs = std::filesystem;

namespace {

const std::string kSamples = DATONG_TEST_DATA "/descriptions/";

/// Runs what the page shows between "```sh" and "```", and gives what stands in the next "```text".
struct Page {
    explicit Page(const std::string& path) {
        std::ifstream file{path, std::ios::binary};
        text.assign(std::istreambuf_iterator<char>{file}, {});
    }

    bool next(std::string& command, std::string& prints) {
        const bool found = block("```sh\n", command);
        return found && block("```text\n", prints);
    }

private:
    bool block(const std::string& fence, std::string& out) {
        const std::size_t begin = text.find('\n' + fence, at);
        if (begin == std::string::npos) {
            return false;
        }
        const std::size_t first = begin + 1 + fence.size();
        const std::size_t end = text.find("\n```\n", first - 1);
        REQUIRE(end != std::string::npos);
        out = text.substr(first, end + 1 - first);
        at = end + 1;
        return true;
    }

    std::string text;
    std::size_t at{};
};

std::vector<std::string> importing(const std::string& kind, const std::string& file, const std::string& out) {
    return {"import", kind, file, "--department", "land", "--source", "bdc", "--out", out};
}

}  // namespace

TEST_CASE("the page about importing prints what it says", "[commands]") {
    const support::ScratchFolder folder;
    fs::copy_file(kSamples + "asmx/HouseQuery.wsdl", folder / "HouseQuery.wsdl");
    const std::string programs = fs::path{DATONG_PROGRAM}.parent_path().string();
    const std::map<std::string, std::string> set{{"PATH", programs + ':' + std::getenv("PATH")}};
    Page page{DATONG_SOURCE_DIR "/docs/import.md"};
    std::string command;
    std::string prints;
    int steps = 0;
    while (page.next(command, prints)) {
        const Ran ran = run({"/bin/sh", "-c", "exec 2>&1\ncd '" + folder.path() + "'\n" + command}, set);
        CAPTURE(command);
        CHECK(ran.out == prints);
        ++steps;
    }
    CHECK(steps >= 4);
}

TEST_CASE("every description of another make is drafted, and its mappings pass the check", "[commands]") {
    const auto [kind, file, mappings] =
        GENERATE(table<std::string, std::string, int>({{"wsdl", "asmx/HouseQuery.wsdl", 4},
                                                       {"wsdl", "axis1/BdcService.wsdl", 4},
                                                       {"wsdl", "cxf/TaxService.wsdl", 2},
                                                       {"openapi", "openapi/market.yaml", 4},
                                                       {"openapi", "openapi/fund.json", 2}}));
    CAPTURE(file);
    const support::ScratchFolder folder;
    const Ran ran = commands::datong(importing(kind, kSamples + file, folder / "d"));
    CHECK(ran.code == 0);
    int checked = 0;
    for (const auto& one : fs::directory_iterator{folder / "d/mappings/land"}) {
        const Ran check = commands::datong({"map", "check", one.path().string()});
        CAPTURE(one.path().string(), check.out, check.err);
        CHECK(check.code == 0);
        ++checked;
    }
    CHECK(checked == mappings);
}

TEST_CASE("a draft never writes over a file, and leaves nothing half written", "[commands]") {
    const support::ScratchFolder folder;
    REQUIRE(commands::datong(importing("wsdl", kSamples + "axis1/BdcService.wsdl", folder / "d")).code == 0);
    const std::string service = "d/config/services/find-bdc.yaml";
    folder.write(service, "mine");
    fs::remove(folder / "d/sources/land.bdc.yaml");
    const Ran again = commands::datong(importing("wsdl", kSamples + "axis1/BdcService.wsdl", folder / "d"));
    CHECK(again.code == 1);
    CHECK_THAT(again.err, ContainsSubstring("find-bdc.yaml") && ContainsSubstring("nothing was written"));
    CHECK(folder.read(service) == "mine");
    CHECK_FALSE(folder.has("d/sources/land.bdc.yaml"));

    folder.write("file", "in the way");
    const Ran blocked = commands::datong(importing("wsdl", kSamples + "axis1/BdcService.wsdl", folder / "file"));
    CHECK(blocked.code == 1);
    CHECK_THAT(blocked.err, ContainsSubstring("can't write"));
}

TEST_CASE("a WSDL is read from its URL, and what it imports only from there", "[commands][security]") {
    support::HttpDepartment server;
    support::HttpDepartment other;
    other.answer("200 OK", "<x/>");
    std::ifstream file{kSamples + "asmx/HouseQuery.wsdl", std::ios::binary};
    const std::string good{std::istreambuf_iterator<char>{file}, {}};
    server.answer("200 OK\r\nContent-Type: text/xml", good);
    const support::ScratchFolder folder;
    const std::string url = server.url() + "/HouseQuery.asmx?wsdl";
    const std::vector<std::string> rest{"--department", "land", "--source", "bdc", "--out", folder / "d"};
    std::vector<std::string> words{"import", "wsdl", "--url", url};
    words.insert(words.end(), rest.begin(), rest.end());
    CHECK(commands::datong(words).code == 0);
    CHECK_THAT(server.last(), ContainsSubstring("GET /HouseQuery.asmx?wsdl HTTP/1.1"));

    std::string bad = good;
    bad.insert(bad.find("<wsdl:types>"), "<wsdl:import location=\"" + other.url() + "/x\"/>");
    server.answer("200 OK", bad);
    words.back() = folder / "e";
    const Ran refused = commands::datong(words);
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err + refused.out, ContainsSubstring("I103"));
    CHECK(other.count() == 0);
    server.answer("302 Found\r\nLocation: " + other.url(), "");
    CHECK(commands::datong(words).code == 1);
    CHECK(other.count() == 0);
    CHECK_FALSE(folder.has("e"));
}

TEST_CASE("the command says what is wrong with how it is called", "[commands]") {
    CHECK(commands::datong({"import", "wsdl", "--department", "a", "--source", "b"}).code == 2);
    CHECK(commands::datong({"import", "wsdl", "x", "--department", "A/..", "--source", "b"}).code == 2);
    CHECK(commands::datong({"import", "wsdl", "x", "--url", "http://h", "--department", "a", "--source", "b"}).code ==
          2);
    const Ran missing =
        commands::datong({"import", "openapi", "/nonexistent.yaml", "--department", "a", "--source", "b"});
    CHECK(missing.code == 1);
    CHECK_THAT(missing.err + missing.out, ContainsSubstring("I103"));
    const Ran help = commands::datong({"import", "wsdl", "--help"});
    CHECK(help.code == 0);
    CHECK_THAT(help.out, ContainsSubstring("docs/import.md"));
}
