#include "core/telemetry/json_line.h"

#include <limits>
#include <type_traits>
#include <variant>

#include "core/base/guarded.h"
#include "core/base/text.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::telemetry;

namespace {

using Value = decltype(Field::value);

std::string line(std::initializer_list<Field> fields) {
    const std::chrono::system_clock::time_point time{std::chrono::milliseconds{1'772'326'800'123}};
    return to_json_line(time, Level::warn, "something_happened", fields);
}

}  // namespace

TEST_CASE("a line is one JSON object with time, level, event and the fields in order", "[telemetry]") {
    CHECK(line({{"source", "land"}, {"waited_ms", std::int64_t{-12}}, {"share", 0.5}, {"ok", true}}) ==
          R"({"time":"2026-03-01T09:00:00.123+08:00","level":"warn","event":"something_happened",)"
          R"("source":"land","waited_ms":-12,"share":0.5,"ok":true})");
}

TEST_CASE("what JSON can't hold is null", "[telemetry]") {
    CHECK_THAT(line({{"x", std::numeric_limits<double>::infinity()}}), ContainsSubstring(R"("x":null)"));
    CHECK_THAT(line({{"x", std::numeric_limits<double>::quiet_NaN()}}), ContainsSubstring(R"("x":null)"));
}

TEST_CASE("no text can break out of its field or begin a line", "[telemetry][security]") {
    const std::string text = line({{"x", std::string_view{"a\"b\\c\r\nd\0e\x1b[31m\x7f", 16}}});
    CHECK_THAT(text, ContainsSubstring(R"("x":"a\"b\\c\u000d\u000ad\u0000e\u001b[31m\u007f")"));
    CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("a line is UTF-8 whatever the texts hold", "[telemetry][security]") {
    CHECK_THAT(line({{"x", "不动产"}}), ContainsSubstring(R"("x":"不动产")"));
    const std::string gb = line({{"x", "\xb2\xbb\xb6\xaf"}});
    CHECK(is_utf8(gb));
    CHECK_THAT(gb, ContainsSubstring("\xef\xbf\xbd"));
}

TEST_CASE("personal data and secrets are no field", "[telemetry][security]") {
    STATIC_REQUIRE_FALSE(std::is_constructible_v<Value, Personal>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<Value, Secret>);
    STATIC_REQUIRE(std::is_constructible_v<Value, std::string_view>);
    STATIC_REQUIRE(std::is_constructible_v<Value, bool>);
    CHECK(std::holds_alternative<std::string_view>(Value{"text"}));  // and no bool
}
