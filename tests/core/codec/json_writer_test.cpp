#include "core/codec/json_writer.h"

#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;
using codec::JsonWriter;
using record::Record;

TEST_CASE("a JSON writer puts commas between members and items, and nowhere else", "[codec]") {
    std::string out;
    JsonWriter{out}
        .open_object()
        .member("name", "扎西·次仁")
        .member("count", 3)
        .name("list")
        .open_list()
        .text("a")
        .open_object()
        .close_object()
        .open_list()
        .close_list()
        .integer(-1)
        .close_list()
        .name("written")
        .written(R"({"x":[1]})")
        .member("record", Record::list({Record::text("[")}))
        .member("last", "")
        .close_object();
    CHECK(out ==
          R"({"name":"扎西·次仁","count":3,"list":["a",{},[],-1],"written":{"x":[1]},"record":["["],"last":""})");
    CHECK(codec::read_json(out));
}

TEST_CASE("a JSON writer goes on behind what a text holds already", "[codec]") {
    std::string out = "data: {";
    JsonWriter{out}.open_list().text("x").close_list();
    CHECK(out == R"(data: {["x"])");
}

TEST_CASE("every octet that JSON escapes is escaped wherever it stands in a text", "[codec]") {
    for (int octet = 0; octet < 0x80; ++octet) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x');
            text[at] = static_cast<char>(octet);
            text += "龘𠮷";
            const std::string json = codec::write_json(Record::text(text));
            const auto read = codec::read_json("[" + json + "]");
            REQUIRE(read);
            CHECK(read->items().front().scalar() == text);
            CHECK((octet >= 0x20 || json.find(static_cast<char>(octet)) == std::string::npos));
        }
    }
}
