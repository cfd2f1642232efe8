// Source: tests/data/xml-hostile/README.md
#include <algorithm>
#include <filesystem>

#include "tests/blackbox/suite.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::blackbox;

namespace {

namespace fs = std::filesystem;

/// What comes with the files is none of them.
std::vector<fs::path> suite_files() {
    std::vector<fs::path> all;
    for (const auto& file : fs::recursive_directory_iterator{DATONG_TEST_DATA "/xml-hostile"}) {
        const std::string name = file.path().filename().string();
        if (file.is_regular_file() && !name.starts_with("LICENSE") && name != "README.md" && name != "INDEX.tsv") {
            all.push_back(file.path());
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

std::string in_soap(const std::string& text) {
    return "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><x>" + text +
           "</x></s:Body></s:Envelope>";
}

/// The code in a fault's detail, or of a plain problem; empty for neither.
std::string code_of(const std::string& body) {
    for (const std::string_view before : {"<code>", "\"code\":\""}) {
        if (const auto at = body.find(before); at != std::string::npos) {
            return body.substr(at + before.size(), body.find_first_of("<\"", at + before.size()) - at - before.size());
        }
    }
    return {};
}

codec::HttpMessage soap_request(const std::string& body) {
    codec::HttpMessage request;
    request.method = "POST";
    request.scheme = "https";
    request.target = "/soap/fund-deposit-certificate";
    request.body = body;
    request.add("Content-Type", "text/xml; charset=utf-8");
    return request;
}

}  // namespace

TEST_CASE("hostile XML at the SOAP door is refused before anything is expanded", "[blackbox][security]") {
    Target target;
    const auto platform = target.platform();
    for (int i = 0; i < 20; ++i) {
        REQUIRE(target.answers());
    }
    Tally tally;
    const int before = target.intents();
    for (const fs::path& file : suite_files()) {
        const std::string text = journeys::read_file(file.string());
        for (const bool wrapped : {false, true}) {
            const std::string name = file.filename().string() + (wrapped ? " in a Body" : "");
            target.meter().reset_peak();
            const Used used = target.meter().used();
            const auto answer = platform.send(soap_request(wrapped ? in_soap(text) : text));
            tally.worst.take(name, used, target.meter().used());
            const std::string code = code_of(answer.body);
            CAPTURE(name, answer.status, code, answer.body);
            const bool is_refused = answer.status >= 400 && (code == "bad_request" || code == "not_signed");
            CHECK(is_refused);
            CHECK(answer.body.find("root:x:") == std::string::npos);  // of /etc/passwd
            ++(is_refused ? tally.passed : tally.failed);
        }
    }
    tally.print("xml-hostile");
    CHECK(tally.total() == 2 * 122);
    CHECK(tally.failed == 0);
    CHECK(target.answers());
    CHECK(target.intents() == before + 1);
    CHECK(tally.worst.cpu < std::chrono::milliseconds{50});
    CHECK(tally.worst.memory < 2 * 1'024 * 1'024);
}
