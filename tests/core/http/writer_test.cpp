#include "core/http/writer.h"

#include "core/http/origin.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::http;

TEST_CASE("a date is an IMF-fixdate", "[http]") {
    CHECK(to_http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110, 5.6.7
    CHECK(to_http_date(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST_CASE("an answer's head is written with our own framing", "[http]") {
    codec::HttpMessage answer;
    answer.status = 404;
    answer.body = "none";
    answer.add("Content-Type", "text/plain");
    answer.add("Content-Length", "999");
    answer.add("Transfer-Encoding", "chunked");
    answer.add("Connection", "upgrade");
    const auto head = answer_head(answer, {.keep_alive = true, .date = "D"});
    REQUIRE(head.has_value());
    CHECK(*head == "HTTP/1.1 404 Not Found\r\nDate: D\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n");
    answer.status = 204;
    CHECK(*answer_head(answer, {.date = "D"}) ==
          "HTTP/1.1 204 No Content\r\nDate: D\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n");
    CHECK_THAT(*answer_head(answer, {.keep_alive = true, .http_1_0 = true, .date = "D"}),
               ContainsSubstring("Connection: keep-alive\r\n"));
}

TEST_CASE("what would begin another line is never written", "[http][security]") {
    codec::HttpMessage message;
    message.status = 200;
    message.method = "GET";
    SECTION("in a value") {
        message.add("X", GENERATE(as<std::string>{}, "a\r\nB: c", "a\nb", "a\rb", std::string{"a\0b", 3}));
    }
    SECTION("in a name") {
        message.add(GENERATE("X\r\nY", "X Y", "", "X:"), "a");
    }
    CHECK_FALSE(answer_head(message, {}).has_value());
    CHECK_FALSE(request_head(message, "/", "h").has_value());
}

TEST_CASE("a request's head is refused where a part would break it", "[http][security]") {
    codec::HttpMessage request;
    request.method = "GET";
    CHECK(request_head(request, "/a", "h").has_value());
    CHECK_FALSE(request_head(request, "/a b", "h").has_value());
    CHECK_FALSE(request_head(request, "/a\r\nX: y", "h").has_value());
    CHECK_FALSE(request_head(request, "", "h").has_value());
    CHECK_FALSE(request_head(request, "/a", "h\r\n").has_value());
    request.method = "GE T";
    CHECK_FALSE(request_head(request, "/a", "h").has_value());
}

TEST_CASE("a status that is none is not written", "[http]") {
    codec::HttpMessage answer;
    answer.status = GENERATE(0, 99, 100, 101, 600, -1);
    CHECK_FALSE(answer_head(answer, {}).has_value());
}

TEST_CASE("a URL has scheme, host, port and a plain path", "[http]") {
    const auto url = parse_url("https://land.example/ws/v2/");
    REQUIRE(url.has_value());
    CHECK(url->tls);
    CHECK(url->host == "land.example");
    CHECK(url->port == 443);
    CHECK(url->authority == "land.example");
    CHECK(url->path == "/ws/v2");
    const auto address = parse_url("http://[::1]:8080");
    REQUIRE(address.has_value());
    CHECK_FALSE(address->tls);
    CHECK(address->host == "::1");
    CHECK(address->port == 8080);
    CHECK(address->authority == "[::1]:8080");
    CHECK(address->path.empty());
    CHECK(parse_url("http://h:80")->authority == "h");
}

TEST_CASE("what is no such URL is refused", "[http][security]") {
    const std::string text = GENERATE("", "land.example", "ftp://h", "http://", "http:///a", "http://user@h",
                                      "http://h:0", "http://h:65536", "http://h:", "http://h:x", "http://h/a?b",
                                      "http://h/a#b", "http://h/../a", "http://[::1", "http://h h");
    CAPTURE(text);
    CHECK_FALSE(parse_url(text).has_value());
}
