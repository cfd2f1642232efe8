// Files beside a SOAP answer (MTOM): signed as if their Base64 stood in it, as toolkits do.

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/envelope/multipart.h"
#include "core/signing/certificate.h"
#include "core/vault/shelf.h"
#include "examples/departments/licence_file.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

constexpr const char* kSoapPermit = "/soap/discharge-permit";
const std::string kOfd = departments::sealed_ofd("test");

FileHouse::Told ofd(const std::string& /*request*/) {
    return {.head = "200 OK\r\nContent-Type: application/ofd", .body = kOfd};
}

/// A call of the matter that the permit is a material of.
Record project_body() {
    Record body = body_of(permit_question());
    body.find("context")->put("purpose", Record::text("investment-project-approval"));
    std::erase_if(body.members_to_edit(), [](const auto& member) { return member.name.view() == "query"; });
    return body;
}

/// A message of multipart/related, taken apart: the envelope with the Base64 of the one file in the place of its
/// xop:Include, and the file.
struct Unpacked {
    codec::HttpMessage http;
    std::string file;
    std::string media_type;
};

Unpacked unpack(codec::HttpMessage answer) {
    const std::string type = answer.field("content-type").value_or("");
    CAPTURE(type, answer.body.substr(0, 1500));
    REQUIRE(envelope::is_multipart(type));
    CHECK(envelope::parameter_of(type, "type") == "application/xop+xml");
    const auto message = envelope::read_multipart(type, answer.body);
    REQUIRE(message);
    REQUIRE(message->parts.size() == 2);
    const envelope::Part& part = message->parts[1];
    std::string text = message->parts[message->root].body;
    const std::size_t begin = text.find("<xop:Include");
    const std::string end = "</xop:Include>";
    REQUIRE(begin != std::string::npos);
    CHECK(text.find("href=\"cid:" + part.content_id + '"', begin) != std::string::npos);
    answer.body = text.replace(begin, text.find(end) + end.size() - begin, to_base64(part.body));
    return {.http = std::move(answer), .file = part.body, .media_type = part.content_type};
}

}  // namespace

TEST_CASE("a SOAP caller that reads MTOM gets files beside the answer, and the signature holds over their Base64",
          "[journey][files][soap][security]") {
    const std::string version = GENERATE(as<std::string>{}, "1.1", "1.2");
    CAPTURE(version);
    FileHouse house{ofd};
    GatewayUnderTest gateway{house.options()};
    const SoapPlatform sender{gateway.platform(), gateway.folder() + "/keys", "one-window", version};
    const std::string request = sender.sign(sender.parts(kSoapPermit, body_of(permit_question())));
    const auto unpacked = unpack(sender.post(kSoapPermit, request, "multipart/related, application/xop+xml, text/xml"));
    CHECK(unpacked.http.status == 200);
    CHECK(unpacked.file == kOfd);
    CHECK(unpacked.media_type == "application/ofd");
    const auto checked = sender.check(unpacked.http, request);
    CAPTURE(checked ? "" : checked.error().detail());
    REQUIRE(checked);

    // one octet of the file altered on its way
    std::string spoilt = kOfd;
    spoilt[100] = static_cast<char>(spoilt[100] ^ 1);
    auto altered = unpacked.http;
    altered.body.replace(altered.body.find(to_base64(kOfd)), to_base64(kOfd).size(), to_base64(spoilt));
    CHECK_FALSE(sender.check(altered, request).has_value());

    // the issuer's certificate holds over the very same record
    const Record answer = record_of(unpacked.http.body);
    CHECK(answer.find_path({"content", "document", "file"})->scalar() == to_base64(kOfd));
    CHECK(answer.find("files")->items().front().text_of("sha256") == to_hex(crypto::sha256(kOfd)));
    const auto any_key = [&](const signing::Issuer& issuer, std::string_view) {
        auto key = crypto::VerifyingKey::from_pem(read_file(gateway.folder() + "/keys/" + issuer.id + ".pub.pem"));
        return key ? std::optional{std::move(*key)} : std::nullopt;
    };
    const auto certificate = signing::check_certificate(answer, any_key);
    REQUIRE(certificate);
    CHECK(certificate->is_good());
    CHECK(certificate->fields >= 10);
}

TEST_CASE("a SOAP caller that does not read MTOM gets small files inline and others by their address",
          "[journey][files][soap]") {
    FileHouse house{ofd};
    GatewayUnderTest gateway{house.options()};
    const Platform platform = gateway.platform();
    const SoapPlatform sender{platform, gateway.folder() + "/keys", "one-window", "1.1"};
    const std::string request = sender.sign(sender.parts(kSoapPermit, body_of(permit_question())));
    const auto answer = sender.post(kSoapPermit, request);
    CHECK_FALSE(envelope::is_multipart(answer.field("content-type").value_or("")));
    REQUIRE(sender.check(answer, request));
    const Record read = record_of(answer.body);
    CHECK(read.find_path({"content", "document"}) == nullptr);
    const std::string url = read.find("files")->items().front().text_of("url");
    CHECK(platform.send(platform.prepare_get(url)).body == kOfd);
}

TEST_CASE("a call that comes as MTOM itself is read, and one with attachments is none", "[journey][files][soap]") {
    FileHouse house{ofd};
    GatewayUnderTest gateway{house.options()};
    const Platform platform = gateway.platform();
    const SoapPlatform sender{platform, gateway.folder() + "/keys", "one-window", "1.1"};
    const auto packed = [&](const std::string& more) {
        const std::string envelope = sender.sign(sender.parts(kSoapPermit, body_of(permit_question())));
        auto request = platform.prepare(
            kSoapPermit, "--b\r\nContent-Type: application/xop+xml; type=\"text/xml\"\r\nContent-ID: <r>\r\n\r\n" +
                             envelope + "\r\n" + more + "--b--\r\n");
        std::erase_if(request.fields, [](const auto& field) { return field.name.starts_with("Signature"); });
        request.set("Content-Type",
                    "multipart/related; type=\"application/xop+xml\"; boundary=b; start=\"<r>\"; "
                    "start-info=\"text/xml\"");
        return platform.send(std::move(request));
    };
    CHECK(unpack(packed("")).file == kOfd);
    const auto refused = packed("--b\r\nContent-ID: <x>\r\n\r\nmore\r\n");
    CHECK(record_of(refused.body).text_of("code") == "unsupported_media");
}

TEST_CASE("a matter's materials bring their files beside the answer, too", "[journey][files][soap]") {
    FileHouse house{ofd};
    GatewayUnderTest gateway{house.options()};
    const SoapPlatform sender{gateway.platform(), gateway.folder() + "/keys", "one-window", "1.1"};
    const char* path = "/soap/matters/investment-project-approval";
    const std::string request = sender.sign(sender.parts(path, project_body()));
    const auto unpacked = unpack(sender.post(path, request, "application/xop+xml"));
    CHECK(unpacked.file == kOfd);
    CHECK(sender.check(unpacked.http, request).has_value());
}

TEST_CASE("a file of a material that is withheld is not fetched by anybody", "[journey][files][security]") {
    FileHouse house{ofd};
    GatewayUnderTest gateway{house.options()};
    const Platform platform = gateway.platform();
    const char* target = "/v1/matters/investment-project-approval/materials";
    Record body = project_body();
    const auto all = platform.call(target, body);
    const auto url_in = [](const codec::HttpMessage& answer) {
        const std::size_t at = answer.body.find("/v1/exchanges/");
        return at == std::string::npos ? std::string{} : answer.body.substr(at, answer.body.find('"', at) - at);
    };
    REQUIRE_FALSE(url_in(all).empty());
    CHECK(platform.send(platform.prepare_get(url_in(all))).body == kOfd);

    REQUIRE(gateway.city().faults().set(departments::System::market, {.trouble = departments::Trouble::reset}));
    body.put("mode", Record::text("all_or_nothing"));
    const auto nothing = platform.call(target, body);
    CAPTURE(nothing.body);
    CHECK(json_of(nothing).text_of("outcome") == "partial");
    CHECK(url_in(nothing).empty());
    const std::string guessed = "/v1/exchanges/" + json_of(nothing).text_of("exchange") + "/files/0";
    CHECK(platform.send(platform.prepare_get(guessed)).status == 404);
}

TEST_CASE("an answer by MTOM is proven by the evidence, and kept as it was signed", "[journey][files][soap]") {
    const std::string policy = GENERATE(as<std::string>{}, "none", "kept");
    FileHouse house{ofd};
    GatewayUnderTest gateway{with_evidence("  bodies: " + policy + "\n", house.options().change)};
    const SoapPlatform sender{gateway.platform(), gateway.folder() + "/keys", "one-window", "1.2"};
    const std::string request = sender.sign(sender.parts(kSoapPermit, body_of(permit_question())));
    const auto unpacked = unpack(sender.post(kSoapPermit, request, "multipart/related"));
    const auto signed_answer = wsse::read_signed_envelope(unpacked.http.body);
    REQUIRE(signed_answer);
    gateway.stop();
    const auto outcomes = records_of(gateway, "outcome");
    REQUIRE(outcomes.size() == 1);
    CHECK(outcomes.front().text_of("answer_digest") == to_hex(crypto::sha256(signed_answer->body_octets)));
    const auto shelf = vault::Shelf::open(vault::Shelf::file_of(gateway.folder() + "/evidence"));
    REQUIRE(shelf);
    const auto bodies = (*shelf)->find(outcomes.front().text_of("exchange"));
    REQUIRE(bodies);
    const auto kept =
        std::find_if(bodies->begin(), bodies->end(), [](const auto& one) { return one.name == "answer"; });
    REQUIRE((kept != bodies->end()) == (policy == "kept"));
    if (kept != bodies->end()) {
        CHECK(kept->octets == unpacked.http.body);
    }
    CHECK(gateway.verify().valid);
}
