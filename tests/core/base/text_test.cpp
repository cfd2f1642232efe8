#include "core/base/text.h"

#include <array>
#include <string>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "tests/support/catch.h"

using namespace datong;

TEST_CASE("base64 agrees with the vectors of RFC 4648, 10", "[base]") {
    const auto [plain, coded] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"foobar", "Zm9vYmFy"},
    }));
    CHECK(to_base64(plain) == coded);
    CHECK(from_base64(coded) == plain);
}

TEST_CASE("base64 refuses what is not strict", "[base][security]") {
    const auto text =
        GENERATE(as<std::string>{}, "Zg", "Zg=", "Zh==", "Zm9v\n", "Zm 9v", "Z===", "=", "Zg==Zg==", "Zm-_");
    CAPTURE(text);
    CHECK_FALSE(from_base64(text).has_value());
}

TEST_CASE("base64 and its reverse keep every octet at every length", "[base]") {
    std::string bytes;
    for (unsigned length = 0; length < 800; ++length) {
        REQUIRE(from_base64(to_base64(bytes)) == bytes);
        REQUIRE(from_base64url(to_base64url(bytes)) == bytes);
        bytes += static_cast<char>(length * 7 % 256);
    }
}

TEST_CASE("base64url has no padding and refuses it", "[base]") {
    CHECK(to_base64url("\xfb\xff") == "-_8");
    CHECK(from_base64url("-_8") == "\xfb\xff");
    CHECK_FALSE(from_base64url("-_8=").has_value());
    CHECK_FALSE(from_base64url("-_9").has_value());
}

TEST_CASE("UTF-8 is checked strictly", "[base][security]") {
    CHECK(is_utf8("扎西·次仁 བཀྲ་ཤིས 𠀀"));
    const auto bad =
        GENERATE(as<std::string>{}, "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE4\xB8", "\xFF");
    CHECK_FALSE(is_utf8(bad));
    CHECK(to_utf8(to_code_points("扎西𠀀")) == "扎西𠀀");
    CHECK(count_chars("扎西·次仁") == 5);
}

TEST_CASE("nearest finds the name that was meant", "[base]") {
    const std::array<std::string, 3> names{"deadline_ms", "source", "operation"};
    CHECK(nearest("dedline_ms", names) == "deadline_ms");
    CHECK(nearest("sourse", names) == "source");
    CHECK(nearest("sopa", std::vector<std::string>{"rest", "soap", "sql"}) == "soap");
    CHECK(nearest("form", std::vector<std::string>{"to", "from", "steps"}) == "from");
    CHECK(nearest("ulr", std::vector<std::string>{"key", "url"}) == "url");
    CHECK_FALSE(nearest("lru", std::vector<std::string>{"url"}).has_value());
    CHECK_FALSE(nearest("colour", names).has_value());
}

TEST_CASE("hexadecimal and whole numbers refuse what they are not", "[base]") {
    CHECK(to_hex("\x01\xAB") == "01ab");
    CHECK(from_hex("01AB") == "\x01\xAB");
    CHECK_FALSE(from_hex("0").has_value());
    CHECK_FALSE(from_hex("0g").has_value());
    CHECK(to_whole_number("042") == 42U);
    CHECK_FALSE(to_whole_number("-1").has_value());
    CHECK_FALSE(to_whole_number("").has_value());
    CHECK_FALSE(to_whole_number("99999999999999999999").has_value());
}

TEST_CASE("times are written at the fixed offset of +08:00", "[base]") {
    const std::chrono::system_clock::time_point time{std::chrono::milliseconds{1'700'000'000'123}};
    CHECK(to_rfc3339(time) == "2023-11-15T06:13:20.123+08:00");
}

TEST_CASE("ids are version 7 UUIDs in order of time", "[base]") {
    const std::chrono::system_clock::time_point time{std::chrono::milliseconds{1'700'000'000'000}};
    const std::string one = new_id(time);
    const std::string later = new_id(time + std::chrono::milliseconds{1});
    REQUIRE(one.size() == 36);
    CHECK(one[14] == '7');
    CHECK(one < later);
    CHECK(new_id(time) != one);
}
