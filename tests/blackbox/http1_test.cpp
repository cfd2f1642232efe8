// Source: tests/data/http1-llhttp/README.md
#include "core/base/text.h"
#include "core/codec/json.h"
#include "tests/blackbox/suite.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::blackbox;

namespace {

struct Case {
    std::string name;
    std::string outcome;
    std::string raw;
};

/// The strict ones and the lenient ones: of these a gateway does what strict does, which is to refuse.
std::vector<Case> cases() {
    const auto read = codec::read_json(journeys::read_file(DATONG_TEST_DATA "/http1-llhttp/cases.json"));
    std::vector<Case> all;
    for (const auto& item : read.value().find("cases")->items()) {
        const bool is_strict = item.text_of("type") == "request";
        all.push_back({item.text_of("name"), is_strict ? item.find("llhttp")->text_of("outcome") : "lenient",
                       *from_base64(item.text_of("raw_b64"))});
    }
    return all;
}

/// A member of the problem in a first answer; empty for none.
std::string said(const std::string& answers, const std::string& member) {
    const std::string before = '"' + member + R"(":")";
    const auto at = answers.find(before);
    const auto value = at + before.size();
    return at == std::string::npos ? "" : answers.substr(value, answers.find('"', value) - value);
}

/// What a request may be answered that is well-formed: no such path, or a method that is not for it.
bool is_understood(const std::string& code) {
    return code == "no_such_resource" || code == "method_not_allowed";
}

void judge(const Case& one, const std::string& answers, Tally& tally) {
    const int status = test::status_of(answers);
    const std::string code = said(answers, "code");
    CAPTURE(one.name, one.outcome, status, code);
    const bool is_refusal = answers.empty() || (status >= 400 && status < 500);
    if (one.outcome == "reject") {
        CHECK(is_refusal);
        ++(is_refusal ? tally.passed : tally.failed);
    } else if (one.outcome == "accept" && is_understood(code)) {
        ++tally.passed;
    } else if (is_refusal) {
        ++tally
              .refused_by_policy[one.outcome + ": " + (code.empty() ? "closed" : code + ' ' + said(answers, "detail"))];
    } else {
        CHECK(status == 0);  // shows the status
        ++tally.failed;
    }
}

}  // namespace

TEST_CASE("the HTTP parsing corpus at the gateway's own listener", "[blackbox][security]") {
    constexpr bool kPlain = true;
    Target target{kPlain};
    for (int i = 0; i < 20; ++i) {
        REQUIRE(target.answers());
    }
    Tally tally;
    const int before = target.intents();
    for (const Case& one : cases()) {
        target.meter().reset_peak();
        const Used used = target.meter().used();
        test::Wire wire{target.port()};
        wire.send(test::with_host(one.raw));
        wire.finish_sending();
        const std::string answers = wire.read_to_end();
        tally.worst.take(one.name, used, target.meter().used());
        judge(one, answers, tally);
    }
    tally.print("http1-llhttp");
    CHECK(tally.total() == 166);
    CHECK(tally.failed == 0);
    CHECK(target.answers());
    CHECK(target.intents() == before + 1);
    CHECK(tally.worst.cpu < std::chrono::milliseconds{50});
    CHECK(tally.worst.memory < 1'024 * 1'024);
}
