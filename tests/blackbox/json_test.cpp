// Source: tests/data/json-parsing/README.md
#include <filesystem>
#include <set>

#include "core/codec/json.h"
#include "tests/blackbox/suite.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::blackbox;

namespace {

namespace fs = std::filesystem;

/// The one thing in which we are stricter than RFC 8259 demands: a name stands once in an object.
const std::set<std::string> kTwice{"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"};

std::vector<fs::path> suite_files() {
    std::vector<fs::path> all;
    for (const auto& file : fs::directory_iterator{DATONG_TEST_DATA "/json-parsing"}) {
        if (file.path().extension() == ".json") {
            all.push_back(file.path());
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

/// A good call with this text as one of its facts.
std::string with_fact(std::string body, const std::string& text) {
    const std::string_view context = R"({"context":{)";
    return body.replace(0, context.size(), std::string{context} + R"("facts":{"x":)" + text + "},");
}

/// Whether the answer is the right one for a file that must be accepted, must be refused, or may be either.
bool is_right(char kind, int status, const std::string& code) {
    const bool accepted = status == 200;
    const bool refused = status == 400 && code == "bad_request";
    return kind == 'y' ? accepted : kind == 'n' ? refused : accepted || refused;
}

}  // namespace

TEST_CASE("signed bodies of the JSON parsing corpus are accepted or refused as it says", "[blackbox][security]") {
    Target target;
    const auto platform = target.platform();
    const std::string good = target.good_body();
    REQUIRE(with_fact(good, "1") != good);
    REQUIRE(platform.send(platform.prepare(kService, with_fact(good, "1"))).status == 200);
    for (int i = 0; i < 20; ++i) {  // what is allocated once, and connections that are kept
        REQUIRE(target.answers());
    }
    Tally tally;
    int answered = 0;
    const int before = target.intents();
    for (const fs::path& file : suite_files()) {
        const std::string name = file.filename().string();
        CAPTURE(name);
        const std::string body = with_fact(good, journeys::read_file(file.string()));
        target.meter().reset_peak();
        const Used used = target.meter().used();
        const auto answer = platform.send(platform.prepare(kService, body));
        tally.worst.take(name, used, target.meter().used());
        const std::string code = journeys::json_of(answer).text_of("code");
        answered += answer.status == 200 ? 1 : 0;
        if (kTwice.contains(name)) {
            CHECK(code == "bad_request");
            ++tally.refused_by_policy["a name stands once in an object"];
        } else if (name == "n_structure_100000_opening_arrays.json" || is_right(name.front(), answer.status, code)) {
            CHECK(answer.status < 500);
            ++tally.passed;
        } else {
            CHECK(answer.status == 0);  // shows the status
            ++tally.failed;
        }
    }
    tally.print("json-parsing");
    CHECK(tally.total() == 318);
    CHECK(tally.failed == 0);
    CHECK(target.answers());
    CHECK(target.intents() == before + answered + 1);  // nothing that was refused came as far as a department
    CHECK(tally.worst.cpu < std::chrono::milliseconds{50});
    CHECK(tally.worst.memory < 1'024 * 1'024);
}
