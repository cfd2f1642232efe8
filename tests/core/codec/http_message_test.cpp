#include "core/codec/http_message.h"

#include "tests/support/catch.h"

using namespace datong;

TEST_CASE("fields are found case aside, several lines joined", "[codec]") {
    codec::HttpMessage message;
    message.add("X-A", "1");
    message.add("x-a", "2");
    message.add("Host", "h");
    CHECK(message.field("X-a") == "1, 2");
    CHECK(message.lines("x-A").size() == 2);
    CHECK_FALSE(message.field("y").has_value());
    message.set("x-A", "3");
    CHECK(message.field("X-A") == "3");
    CHECK(message.fields.size() == 2);
}

TEST_CASE("a target is cut at its first question mark", "[codec]") {
    codec::HttpMessage message;
    message.target = "/v1/x?y=z?";
    CHECK(message.path() == "/v1/x");
    CHECK(message.query() == "?y=z?");
    message.target = "/v1";
    CHECK(message.path() == "/v1");
    CHECK(message.query().empty());
}

TEST_CASE("percent-encoding goes both ways and a broken escape is refused", "[codec][security]") {
    CHECK(codec::percent_encode("a-._~ /不&=+") == "a-._~%20%2F%E4%B8%8D%26%3D%2B");
    CHECK(codec::percent_decode("a%20%2f%E4%B8%8D+") == "a /不+");
    for (const char* broken : {"%", "%2", "a%2", "%zz", "%2g", "%%20"}) {
        CAPTURE(broken);
        CHECK_FALSE(codec::percent_decode(broken).has_value());
    }
}
