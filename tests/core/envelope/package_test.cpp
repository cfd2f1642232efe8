#include "core/envelope/package.h"

#include "core/envelope/attachments.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

std::string joined(const envelope::Package& package) {
    std::string out = package.begin;
    for (const auto& piece : package.rest) {
        out += *piece;
    }
    return out;
}

envelope::PackagedFile file(const std::string& id, const std::string& octets) {
    return {.content_id = id, .media_type = "application/pdf", .octets = std::make_shared<const std::string>(octets)};
}

}  // namespace

TEST_CASE("what is packed is read again, octet by octet", "[envelope]") {
    const std::string version = GENERATE("1.1", "1.2");
    const std::string soap = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><r><f>" +
                             envelope::include_of("one@datong") + "</f><g>" + envelope::include_of("two@datong") +
                             "</g></r></e:Body></e:Envelope>";
    const std::string octets{"\0--\r\n\r\n--datong-\xFF", 16};
    const auto package = envelope::pack(soap, version, {file("one@datong", octets), file("two@datong", "%PDF-")});
    CHECK(envelope::parameter_of(package.content_type, "start-info") ==
          (version == "1.2" ? "application/soap+xml" : "text/xml"));
    const auto message = envelope::read_multipart(package.content_type, joined(package));
    REQUIRE(message);
    REQUIRE(message->parts.size() == 3);
    CHECK(message->parts[message->root].body == soap);
    CHECK(message->parts[1].body == octets);
    CHECK(message->parts[2].content_type == "application/pdf");
    const auto whole = envelope::inline_attachments(*message);
    REQUIRE(whole);
    CHECK_THAT(*whole, ContainsSubstring("<g>JVBERi0=</g>"));
}

TEST_CASE("files are not copied into the message", "[envelope]") {
    const auto one = file("a@datong", "%PDF-");
    const auto package = envelope::pack("<e/>", "1.1", {one});
    REQUIRE(package.rest.size() == 2);
    CHECK(package.rest.front() == one.octets);
}
