// Source: tests/data/http1-llhttp/README.md
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "tests/core/http/gate.h"
#include "tests/core/http/wire.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::test::Gate;
using datong::test::Wire;

namespace {

struct Case {
    std::string name;
    std::string outcome;
    std::string messages;
    std::string raw;
};

std::vector<Case> strict_cases() {
    std::ifstream in{DATONG_TEST_DATA "/http1-llhttp/cases.json"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto read = codec::read_json(text);
    REQUIRE(read.has_value());
    std::vector<Case> cases;
    for (const auto& item : read->find("cases")->items()) {
        if (item.text_of("type") == "request") {
            const auto& judged = *item.find("llhttp");
            cases.push_back({item.text_of("name"), judged.text_of("outcome"),
                             std::string{judged.find("messages")->scalar()}, *from_base64(item.text_of("raw_b64"))});
        }
    }
    return cases;
}

struct Outcome {
    std::string answers;
    std::size_t calls{};
};

Outcome outcome_of(Gate& gate, const std::string& raw) {
    const auto before = gate.calls();
    Wire wire{gate.port()};
    wire.send(raw);
    wire.finish_sending();
    Outcome outcome{.answers = wire.read_to_end()};
    outcome.calls = gate.calls() - before;
    return outcome;
}

}  // namespace

TEST_CASE("what llhttp rejects never reaches the handler", "[http][security][corpus]") {
    Gate gate;
    int rejected = 0;
    for (const Case& one : strict_cases()) {
        if (one.outcome != "reject") {
            continue;
        }
        CAPTURE(one.name, one.raw);
        for (const std::string& raw : {one.raw, test::with_host(one.raw)}) {
            const auto got = outcome_of(gate, raw);
            CHECK(got.calls == 0);
            const int status = test::status_of(got.answers);
            CHECK((got.answers.empty() || (status >= 400 && status < 500)));
        }
        ++rejected;
    }
    CHECK(rejected == 52);
}

TEST_CASE("what llhttp accepts is handled, but for our own stricter rules", "[http][corpus]") {
    Gate gate;
    int accepted = 0;
    int handled = 0;
    int unfinished = 0;
    std::map<std::string, int> refused;
    for (const Case& one : strict_cases()) {
        if (one.outcome != "accept") {
            continue;
        }
        ++accepted;
        CAPTURE(one.name, one.raw);
        const auto got = outcome_of(gate, test::with_host(one.raw));
        if (got.calls > 0) {
            ++handled;
            CHECK(test::status_of(got.answers) == 200);
            if (one.messages == "1") {
                CHECK(got.calls == 1);
            }
        } else if (gate.last_refusal().find("ended inside") != std::string::npos) {
            ++unfinished;  // a body that never came
        } else {
            ++refused[gate.last_refusal()];
        }
    }
    CHECK(accepted == 69);
    CHECK(handled == 42);
    CHECK(unfinished == 6);
    const std::map<std::string, int> ours{
        {"Host is no host", 2},                                       // 0.0.0.0=5000
        {"Transfer-Encoding is not exactly chunked", 2},              // deflate, chunked
        {"a method that is not served", 8},                           // PURGE, SEARCH, LINK ...
        {"request line: not HTTP/1.1 or HTTP/1.0", 3},                // ICE, RTSP
        {"request line: not three words with one space between", 1},  // HTTP/0.9
        {"target: not in origin form", 4},
        {"target: not visible ASCII, or with a fragment", 1},
    };
    CHECK(refused == ours);
}

TEST_CASE("what stops llhttp reaches the handler once at most", "[http][security][corpus]") {
    Gate gate;
    int stopped = 0;
    for (const Case& one : strict_cases()) {
        if (one.outcome != "stop") {
            continue;
        }
        CAPTURE(one.name, one.raw);
        CHECK(outcome_of(gate, test::with_host(one.raw)).calls <= 1);
        ++stopped;
    }
    CHECK(stopped == 13);
}
