#include "core/codec/json.h"

#include <map>
#include <set>
#include <string>

#include "core/base/text.h"
#include "tests/core/codec/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using codec::read_json;
using codec::write_json;
using record::Record;

TEST_CASE("every file of the JSON parsing corpus is accepted or refused as it says", "[codec][security]") {
    // the one thing in which we are stricter than RFC 8259 demands: a name stands once in an object
    const std::set<std::string> stricter{"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"};
    int accepted = 0;
    int accepted_elsewhere = 0;
    int refused = 0;
    int free = 0;
    for (const auto& path : files_below("json-parsing")) {
        const std::string name = path.filename().string();
        if (path.parent_path().filename() != "json-parsing" || path.extension() != ".json") {
            continue;
        }
        CAPTURE(name);
        const auto json = read_json(read_file(path));
        if (stricter.contains(name)) {
            CHECK_FALSE(json.has_value());
            ++accepted_elsewhere;
        } else if (name.starts_with("y_")) {
            CHECK(json.has_value());
            accepted += json ? 1 : 0;
        } else if (name.starts_with("n_")) {
            CHECK_FALSE(json.has_value());
            refused += json ? 0 : 1;
        } else {
            // free to accept: what is accepted must come out as valid JSON again
            CHECK((!json || read_json(write_json(*json)) == *json));
            ++free;
        }
    }
    CHECK(accepted == 93);
    CHECK(accepted_elsewhere == 2);
    CHECK(refused == 188);
    CHECK(free == 35);
}

TEST_CASE("numbers and names of the transform corpus are kept or refused, never changed", "[codec][security]") {
    const std::map<std::string, std::string> expected{
        {"number_-9223372036854775808.json", "[-9223372036854775808]"},
        {"number_-9223372036854775809.json", "[-9223372036854775809]"},
        {"number_1.0.json", "[1.0]"},
        {"number_1.000000000000000005.json", "[1.000000000000000005]"},
        {"number_1000000000000000.json", "[1000000000000000]"},
        {"number_10000000000000000999.json", "[10000000000000000999]"},
        {"number_1e-999.json", "[1E-999]"},
        {"number_1e6.json", "[1E6]"},
        {"number_9223372036854775807.json", "[9223372036854775807]"},
        {"number_9223372036854775808.json", "[9223372036854775808]"},
        {"object_key_nfc_nfd.json", "{\"\xC3\xA9\":\"NFC\",\"e\xCC\x81\":\"NFD\"}"},
        {"object_key_nfd_nfc.json", "{\"e\xCC\x81\":\"NFD\",\"\xC3\xA9\":\"NFC\"}"},
        {"string_with_escaped_NULL.json", "[\"A\\u0000B\"]"},
    };
    int cases = 0;
    for (const auto& path : files_below("json-parsing/test_transform")) {
        const std::string name = path.filename().string();
        CAPTURE(name);
        const auto json = read_json(read_file(path));
        const auto good = expected.find(name);
        CHECK(json.has_value() == (good != expected.end()));
        if (json && good != expected.end()) {
            CHECK(write_json(*json) == good->second);
        }
        ++cases;
    }
    CHECK(cases == 22);
}

TEST_CASE("JSON is read into a record with its order and its digits", "[codec]") {
    const auto json = read_json(R"( {"b": 100.10, "a": [true, null, "\u4e0d\ud840\udc00/\/"], "c": {}} )");
    REQUIRE(json.has_value());
    CHECK(json->members()[0].name == "b");
    CHECK(*json->find("b") == Record::number("100.10"));
    CHECK(json->find("a")->items()[2] == Record::text("不𠀀//"));
    CHECK(write_json(*json) == R"({"b":100.10,"a":[true,null,"不𠀀//"],"c":{}})");
}

TEST_CASE("JSON from a hostile peer is refused with the offset and without its content", "[codec][security]") {
    const auto [text, reason] = GENERATE(table<std::string, std::string>({
        {R"({"secret":1,"secret":2})", "twice"},
        {R"([{"a":{"b":1,"b":1}}])", "twice"},
        {R"({"a":1,"\u0061":2})", "twice"},
        {"[1]\n{}", "byte"},
        {std::string("[1]\0", 4), "more than one value"},
        {std::string("\"a\0b\"", 5), "byte 2"},
        {"\xEF\xBB\xBF{}", "byte 0"},
        {R"("\ud800")", "byte 1"},
        {R"("\ud800x")", "byte 1"},
        {R"("\udc00")", "byte"},
        {"\"\xED\xA0\x80\"", "byte 1"},
        {"\"\xC0\x80\"", "byte 1"},
        {"", "byte 0"},
        {"nul", "byte"},
        {"[01]", "byte"},
        {"[1,]", "byte"},
        {"/**/1", "byte 0"},
        {"NaN", "byte 0"},
    }));
    CAPTURE(text);
    const auto json = read_json(text);
    REQUIRE_FALSE(json.has_value());
    CHECK(json.error().fault() == Fault::bad_request);
    CHECK_THAT(json.error().detail(), ContainsSubstring(reason));
    CHECK_THAT(json.error().detail(), !ContainsSubstring("secret"));
}

TEST_CASE("depth, size and number of values are bounded", "[codec][security]") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(read_json(nested(32)).has_value());
    CHECK_FALSE(read_json(nested(33)).has_value());
    CHECK_FALSE(read_json(std::string(1'000'000, '[')).has_value());
    std::string many = "[0";
    for (int i = 1; i < 99'999; ++i) {
        many += ",0";
    }
    CHECK(read_json(many + "]").has_value());
    CHECK_FALSE(read_json(many + ",0]").has_value());
    const auto large = read_json("[1, 2]", {.max_bytes = 5});
    REQUIRE_FALSE(large.has_value());
    CHECK(large.error().fault() == Fault::body_too_large);
}

TEST_CASE("an object of many names is checked for duplicates in time", "[codec][security]") {
    std::string text = "{";
    for (int i = 0; i < 60'000; ++i) {
        text += "\"n" + std::to_string(i) + "\":0,";
    }
    CHECK(read_json(text + "\"last\":0}").has_value());
    CHECK_FALSE(read_json(text + "\"n7\":0}").has_value());
}

TEST_CASE("only what must be escaped is escaped, and bytes stand as base64", "[codec]") {
    Record record;
    record.put("q\"", Record::text("\\ \b\f\n\r\t\x01\x7F/不"));
    record.put("raw", Record::bytes("\xFF\x00"));
    CHECK(write_json(record) == "{\"q\\\"\":\"\\\\ \\b\\f\\n\\r\\t\\u0001\x7F/不\",\"raw\":\"/w==\"}");
    CHECK(codec::write_json_for_people(*read_json(R"({"a":[1,{}],"b":[]})")) ==
          "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\n");
    std::string out = "x";
    codec::append_json(out, Record{});
    CHECK(out == "xnull");
}
