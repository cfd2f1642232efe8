#include "core/envelope/signature.h"

#include <cstdlib>

#include "core/codec/soap.h"
#include "core/crypto/x509.h"
#include "core/envelope/security.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using crypto::Algorithm;
using envelope::Signer;
using envelope::Tree;

namespace {

Signer make_signer(Algorithm algorithm) {
    auto key = crypto::SigningKey::generate(algorithm).value();
    auto pem = crypto::make_ca(key, "datong", {.not_before = std::chrono::system_clock::now(), .days = 2}).value();
    return {std::move(key), std::move(pem)};
}

/// An envelope with what a mapping may leave in it: another prefix, CDATA, attributes, a QName as a value.
std::string signed_message(std::string_view uri, const Signer& signer) {
    auto tree =
        Tree::read(
            "<e:Envelope xmlns:e=\"" + std::string{uri} +
            "\" xmlns:unused=\"urn:u\" xmlns:x=\"urn:x\"><e:Header><h/></e:Header><e:Body><m:q "
            "xmlns:m=\"urn:m\" b='2' a=\"x:q&#10;\"><XM><![CDATA[示例甲 <&]]></XM>\n</m:q></e:Body></e:Envelope>")
            .value();
    envelope::Security security;
    security.lifetime = std::chrono::seconds{300};
    security.token_der = envelope::token_of(signer.x509_pem);
    const auto block =
        envelope::security_block(security, tree.uri(), {.at = std::chrono::system_clock::now(), .nonce = "n"});
    REQUIRE(block.has_value());
    REQUIRE(tree.add_header(*block).has_value());
    REQUIRE(envelope::sign(tree, signer).has_value());
    return tree.write();
}

/// What xmlsec1 says; it is told which attributes are ids, for it knows none by itself.
bool xmlsec1_verifies(const std::string& bytes, const Signer& signer) {
    const support::ScratchFolder folder;
    folder.write("message.xml", bytes);
    folder.write("signer.pem", signer.x509_pem);
    const std::string command =
        "xmlsec1 --verify --id-attr:Id Body --id-attr:Id Timestamp --id-attr:Id BinarySecurityToken "
        "--pubkey-cert-pem " +
        (folder / "signer.pem") + " " + (folder / "message.xml") + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("xmlsec1 verifies Body and Timestamp that we signed, and nothing that was changed", "[envelope][security]") {
    const auto uri = GENERATE(codec::kSoap11, codec::kSoap12);
    const auto algorithm = GENERATE(Algorithm::ecdsa_p256_sha256, Algorithm::rsa_v1_5_sha256);
    const Signer signer = make_signer(algorithm);
    const std::string message = signed_message(uri, signer);
    CHECK(xmlsec1_verifies(message, signer));
    CHECK_FALSE(xmlsec1_verifies(replaced(message, "示例甲", "示例乙"), signer));
    CHECK_FALSE(xmlsec1_verifies(replaced(message, "<wsu:Expires>2", "<wsu:Expires>3"), signer));
    CHECK_FALSE(xmlsec1_verifies(message, make_signer(algorithm)));
    const auto read = codec::read_soap(message, false);
    REQUIRE(read.has_value());
    CHECK(read->body.find_path({"XM"})->scalar() == "示例甲 <&");
    CHECK(read->header.find_path({"Security", "Signature", "SignedInfo", "Reference"})->items().size() == 2);
}

TEST_CASE("an envelope without a Timestamp is not signed", "[envelope]") {
    const Signer signer = make_signer(Algorithm::ecdsa_p256_sha256);
    auto tree =
        Tree::read("<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body/></e:Envelope>").value();
    const auto done = envelope::sign(tree, signer);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().fault() == Fault::internal);
    CHECK(envelope::token_of("no certificate").empty());
}
