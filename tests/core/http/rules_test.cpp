#include "core/http/rules.h"

#include <string>

#include "core/http/server.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::http;

namespace {

codec::HttpMessage good_request() {
    codec::HttpMessage request;
    request.method = "POST";
    request.target = "/v1/services/x?y=z";
    request.add("Host", "gateway.example:8443");
    request.add("Content-Length", "2");
    return request;
}

struct Target {
    const char* why;
    std::string text;
    bool good;
};

struct Head {
    const char* why;
    std::string text;
    bool good;
};

}  // namespace

TEST_CASE("a good request passes the rules", "[http]") {
    CHECK(check_http_rules(good_request()).has_value());
}

TEST_CASE("a target says one thing only, before and after decoding", "[http][security]") {
    const auto row = GENERATE(values<Target>({
        {"root", "/", true},
        {"query", "/a?b=c&d", true},
        {"question marks", "/a?b?c", true},
        {"unreserved escape", "/%E4%B8%8D%E5%8A%A8%E4%BA%A7", true},
        {"escaped percent is decoded once", "/a%2541", true},
        {"dots inside a name", "/a..b/...c", true},
        {"slash in the query", "/a?b=%2F..%2F", true},
        {"empty", "", false},
        {"absolute form", "http://host/a", false},
        {"asterisk", "*", false},
        {"authority form", "host:443", false},
        {"fragment", "/a#b", false},
        {"blank", "/a b", false},
        {"control character", "/a\x01", false},
        {"delete character", "/a\x7f", false},
        {"UTF-8 not encoded", "/\xe4\xb8\x8d", false},
        {"dot segment", "/a/./b", false},
        {"dot-dot segment", "/a/../b", false},
        {"dot-dot at the end", "/a/..", false},
        {"encoded dot-dot", "/a/%2e%2E/b", false},
        {"half encoded dot-dot", "/a/.%2e", false},
        {"encoded slash", "/a%2fb", false},
        {"encoded backslash", "/a%5Cb", false},
        {"backslash", "/a\\..\\b", false},
        {"encoded NUL", "/a%00", false},
        {"encoded NUL in the query", "/a?b=%00", false},
        {"encoded line feed", "/a%0a", false},
        {"broken escape", "/a%2", false},
        {"broken escape in the query", "/a?b=100%", false},
        {"escape of no digits", "/a%zz", false},
        {"escape that is no UTF-8", "/%b2%bb", false},
    }));
    CAPTURE(row.why);
    const auto checked = check_target(row.text);
    CHECK(checked.has_value() == row.good);
    if (!checked) {
        CHECK(checked.error().fault() == Fault::bad_request);
    }
}

TEST_CASE("a head is judged on its bytes", "[http][security]") {
    const auto row = GENERATE(values<Head>({
        {"smallest", "GET / HTTP/1.1\r\n\r\n", true},
        {"fields", "GET / HTTP/1.0\r\nHost: a\r\nX:\r\nY: \xff\t b\r\n\r\n", true},
        {"folded with a blank", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", false},
        {"folded with a tab", "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", false},
        {"blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", false},
        {"blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", false},
        {"no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", false},
        {"no name", "GET / HTTP/1.1\r\n: a\r\n\r\n", false},
        {"bare line feed", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", false},
        {"bare carriage return", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", false},
        {"NUL", std::string{"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 27}, false},
        {"two blanks", "GET  / HTTP/1.1\r\n\r\n", false},
        {"blank at the end", "GET / HTTP/1.1 \r\n\r\n", false},
        {"tab between", "GET\t/ HTTP/1.1\r\n\r\n", false},
        {"no version", "GET /\r\n\r\n", false},
        {"version 2", "GET / HTTP/2.0\r\n\r\n", false},
        {"version 1.2", "GET / HTTP/1.2\r\n\r\n", false},
        {"lower-case version", "GET / http/1.1\r\n\r\n", false},
        {"not ASCII in the target", "GET /\xe4 HTTP/1.1\r\n\r\n", false},
        {"no end", "GET / HTTP/1.1\r\nA: b\r\n", false},
    }));
    CAPTURE(row.why);
    CHECK(check_raw_head(row.text, 64).has_value() == row.good);
}

TEST_CASE("lines are counted", "[http]") {
    const std::string head = "GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n";
    CHECK(check_raw_head(head, 3).has_value());
    const auto over = check_raw_head(head, 2);
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().fault() == Fault::header_too_large);
}

TEST_CASE("there is exactly one Host and it is a host", "[http][security]") {
    auto request = good_request();
    SECTION("none") {
        std::erase_if(request.fields, [](const auto& line) { return line.name == "Host"; });
    }
    SECTION("two") {
        request.add("host", "gateway.example:8443");
    }
    SECTION("empty") {
        request.set("Host", "");
    }
    SECTION("a user") {
        request.set("Host", "user@gateway.example");
    }
    SECTION("a list") {
        request.set("Host", "a.example, b.example");
    }
    SECTION("a path") {
        request.set("Host", "a.example/b");
    }
    SECTION("far too long") {
        request.set("Host", std::string(256, 'a'));
    }
    const auto checked = check_http_rules(request);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().fault() == Fault::bad_request);
    CHECK_THAT(checked.error().detail(), ContainsSubstring("Host"));
}

TEST_CASE("a message has one length", "[http][security]") {
    auto request = good_request();
    SECTION("chunked and a length") {
        request.add("Transfer-Encoding", "chunked");
    }
    SECTION("two lengths alike") {
        request.add("Content-Length", "2");
    }
    SECTION("two lengths in a line") {
        request.set("Content-Length", "2, 2");
    }
    SECTION("a sign") {
        request.set("Content-Length", "+2");
    }
    SECTION("too many digits") {
        request.set("Content-Length", "99999999999999999999999");
    }
    SECTION("another coding") {
        request.set("Content-Length", "2");
        std::erase_if(request.fields, [](const auto& line) { return line.name == "Content-Length"; });
        request.add("Transfer-Encoding", GENERATE("gzip, chunked", "chunked, identity", "xchunked", "identity", ""));
    }
    SECTION("chunked twice") {
        std::erase_if(request.fields, [](const auto& line) { return line.name == "Content-Length"; });
        request.add("Transfer-Encoding", "chunked");
        request.add("Transfer-Encoding", "chunked");
    }
    const auto checked = check_http_rules(request);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().fault() == Fault::bad_request);
}

TEST_CASE("methods outside the list are not allowed", "[http]") {
    auto request = good_request();
    request.method = GENERATE("CONNECT", "TRACE", "PROPFIND", "get", "M-SEARCH");
    const auto checked = check_http_rules(request);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().fault() == Fault::method_not_allowed);
}
