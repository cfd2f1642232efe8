#include "core/envelope/multipart.h"

#include "tests/support/catch.h"

using namespace datong;
using envelope::read_multipart;

namespace {

const std::string kType = "multipart/related; type=\"application/xop+xml\"; start=\"<root>\"; boundary=\"=-b\"";
const std::string kMessage =
    "preamble\r\n--=-b\r\nContent-ID: <file>\r\nContent-Transfer-Encoding: binary\r\n\r\n\xFF\r\n--=-bx\r\n--=-b \r\n"
    "Content-Type: application/xop+xml; charset=UTF-8\r\ncontent-id: <root>\r\n\r\n<e/>\r\n--=-b--\r\nepilogue";

}  // namespace

TEST_CASE("a message is taken apart at its own boundary, octet by octet", "[envelope]") {
    std::string body = kMessage;
    body.insert(body.find('\xFF'), 1, '\0');
    const auto message = read_multipart(kType, body);
    REQUIRE(message.has_value());
    REQUIRE(message->parts.size() == 2);
    CHECK(message->root == 1);
    CHECK(message->parts[0].content_id == "file");
    CHECK(message->parts[0].body == std::string{"\0\xFF\r\n--=-bx", 10});
    CHECK(message->parts[1].content_type == "application/xop+xml; charset=UTF-8");
    CHECK(message->parts[1].body == "<e/>");
}

TEST_CASE("bare line feeds, no start, Base64 parts and an empty part are read", "[envelope]") {
    const auto message = read_multipart("Multipart/Related;boundary=b",
                                        "--b\nContent-Type: text/xml\n\n<e/>\n--b\nContent-Transfer-Encoding: "
                                        "BASE64\n\naGVs\r\nbG8=\n--b\n\n\n--b--");
    REQUIRE(message.has_value());
    REQUIRE(message->parts.size() == 3);
    CHECK(message->root == 0);
    CHECK(message->parts[1].body == "hello");
    CHECK(message->parts[2].body.empty());
}

TEST_CASE("parameters of a Content-Type are read with and without quotes", "[envelope]") {
    CHECK(envelope::parameter_of("a/b; x=\"q;\\\"r\" ; Boundary = z", "x") == "q;\"r");
    CHECK(envelope::parameter_of("a/b; x=\"q;r\"; Boundary = z", "boundary") == "z");
    CHECK(envelope::parameter_of("a/b; x; boundary=\"open", "boundary") == "open");
    CHECK(envelope::parameter_of("a/b", "boundary").empty());
    CHECK(envelope::is_multipart("multipart/RELATED ; boundary=x"));
    CHECK_FALSE(envelope::is_multipart("multipart/mixed; boundary=x"));
    CHECK_FALSE(envelope::is_multipart("text/xml"));
}

TEST_CASE("every message that is cut short is refused", "[envelope][security]") {
    const std::string whole = kMessage.substr(0, kMessage.find("\r\nepilogue"));
    REQUIRE(read_multipart(kType, whole).has_value());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        const auto message = read_multipart(kType, whole.substr(0, size));
        REQUIRE_FALSE(message.has_value());
        REQUIRE(message.error().fault() == Fault::department_invalid);
    }
}

TEST_CASE("a message beyond its limits or without its root is refused", "[envelope][security]") {
    std::string many;
    for (int i = 0; i < 65; ++i) {
        many += "--b\r\n\r\nx\r\n";
    }
    struct Row {
        const char* why;
        std::string type;
        std::string body;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"65 parts", "multipart/related; boundary=b", many + "--b--"},
        {"no boundary", "multipart/related", "--b\r\n\r\nx\r\n--b--"},
        {"a boundary of 71", "multipart/related; boundary=" + std::string(71, 'b'), "x"},
        {"a head without end", "multipart/related; boundary=b",
         "--b\r\n" + std::string(20'000, 'x') + "\r\n\r\nx\r\n--b--"},
        {"no such root", "multipart/related; boundary=b; start=\"<r>\"", "--b\r\n\r\nx\r\n--b--"},
        {"no part", "multipart/related; boundary=b", "--b--"},
        {"no Base64", "multipart/related; boundary=b", "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n?\r\n--b--"},
        {"another encoding", "multipart/related; boundary=b",
         "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nx\r\n--b--"},
    }));
    CAPTURE(row.why);
    const auto message = read_multipart(row.type, row.body);
    REQUIRE_FALSE(message.has_value());
    CHECK(message.error().fault() == Fault::department_invalid);
}
