#include "core/adapter/pattern.h"

#include <string>

#include "tests/support/catch.h"

using datong::Fault;
using datong::Result;
using datong::adapter::Pattern;

namespace {

Result<std::string> shout(const std::string& name) {
    if (name == "missing") {
        return datong::fail(Fault::request_invalid, "field missing");
    }
    return "<" + name + ">";
}

}  // namespace

TEST_CASE("a pattern puts each field into its place", "[adapter]") {
    struct Row {
        const char* pattern;
        const char* filled;
    };
    const auto row = GENERATE(values<Row>({{"", ""},
                                           {"/plain", "/plain"},
                                           {"{A}", "<A>"},
                                           {"/v1/{A}/x/{B}", "/v1/<A>/x/<B>"},
                                           {"{A}{A}", "<A><A>"},
                                           {"证件_{证件号码}.xml", "证件_<证件号码>.xml"}}));
    CAPTURE(row.pattern);
    const auto pattern = Pattern::parse(row.pattern);
    REQUIRE(pattern.has_value());
    CHECK(pattern->fill(shout).value() == row.filled);
}

TEST_CASE("a pattern with a brace too many or too few is refused", "[adapter]") {
    const std::string text = GENERATE(as<std::string>{}, "{", "}", "a{b", "a}b", "{}", "{a{b}}", "{a}}", "x{a}{");
    CAPTURE(text);
    const auto pattern = Pattern::parse(text);
    REQUIRE_FALSE(pattern.has_value());
    CHECK(pattern.error().fault() == Fault::bad_request);
}

TEST_CASE("a pattern fails as its field fails", "[adapter]") {
    const auto filled = Pattern::parse("{A}/{missing}")->fill(shout);
    REQUIRE_FALSE(filled.has_value());
    CHECK(filled.error().fault() == Fault::request_invalid);
}
