#include "core/crypto/time_stamp.h"

#include <chrono>
#include <fstream>
#include <sstream>

#include "core/crypto/digest.h"
#include "examples/tsa/authority.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::crypto;
using tsa::Authority;

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return std::move(bytes).str();
}

/// What openssl's own time-stamping authority answers.
std::string token_by(const Authority& authority, const TimeStampAsk& ask) {
    const auto request = make_time_stamp_request(ask);
    REQUIRE(request);
    const auto reply = authority.reply(*request);
    REQUIRE(reply);
    const auto token = token_in_response(*reply);
    REQUIRE(token);
    return *token;
}

const std::string kImprint = sha256("a seal");
const std::string kNonce = "0123456789abcdef";

}  // namespace

TEST_CASE("a token by openssl ts holds over its imprint, and says when and by whom", "[crypto]") {
    const support::ScratchFolder folder;
    const Authority authority{{.folder = folder.path()}};
    const auto before = std::chrono::system_clock::now() - std::chrono::seconds{2};
    const std::string token = token_by(authority, {.imprint = kImprint, .nonce = kNonce, .policy = ""});
    const auto facts =
        check_time_stamp(token, {.imprint = kImprint, .anchors = {read_file(authority.anchor())}, .nonce = kNonce});
    REQUIRE(facts);
    CHECK(facts->at >= before);
    CHECK(facts->at <= std::chrono::system_clock::now() + std::chrono::seconds{2});
    CHECK(facts->policy == "1.2.3.4.1");
    CHECK(facts->authority == "CN=datong demo TSA");
    CHECK_FALSE(facts->serial.empty());
    SECTION("with its own certificate pinned too") {
        CHECK(check_time_stamp(
            token, {.imprint = kImprint, .anchors = {read_file(folder.path() + "/tsa.pem")}, .policy = "1.2.3.4.1"}));
    }
    SECTION("and openssl takes what we asked for") {
        std::ofstream{folder.path() + "/token.der", std::ios::binary} << token;
        const std::string hex = "f7b7d5ad2d8b56ac9b6ba1d9a4b8a4b4e5ab1e7c1d5e2b1f1d5ee60bb4b9aa11";
        CHECK(tsa::run_openssl({"ts", "-verify", "-queryfile", folder.path() + "/query.tsq", "-in",
                                folder.path() + "/token.der", "-token_in", "-CAfile", authority.anchor()}) == 0);
        CHECK(tsa::run_openssl({"ts", "-verify", "-digest", hex, "-in", folder.path() + "/token.der", "-token_in",
                                "-CAfile", authority.anchor()}) != 0);
    }
}

TEST_CASE("a token that was altered, or is over something else, does not hold", "[crypto][security]") {
    const support::ScratchFolder folder;
    const Authority authority{{.folder = folder.path()}};
    const std::string token = token_by(authority, {.imprint = kImprint, .nonce = kNonce, .policy = ""});
    const std::vector<std::string> anchors{read_file(authority.anchor())};
    const auto refused = [](const Result<TimeStampFacts>& facts) {
        REQUIRE_FALSE(facts);
        CHECK(facts.error().fault() == Fault::signature_invalid);
    };
    refused(check_time_stamp(token, {.imprint = sha256("another seal"), .anchors = anchors}));
    refused(check_time_stamp(token, {.imprint = kImprint, .anchors = anchors, .policy = "1.2.3.4.2"}));
    refused(check_time_stamp(token, {.imprint = kImprint, .anchors = anchors, .nonce = "fedcba9876543210"}));
    CHECK(check_time_stamp(token, {.imprint = kImprint, .anchors = {}}).error().fault() == Fault::bad_request);
    CHECK(check_time_stamp("", {.imprint = kImprint, .anchors = anchors}).error().fault() == Fault::bad_request);
    CHECK(check_time_stamp(token + "x", {.imprint = kImprint, .anchors = anchors}).error().fault() ==
          Fault::bad_request);
    SECTION("no altered octet leaves its time, imprint or signature good") {
        // the certificates that travel with a token have octets that nothing depends on, such as their own signature's
        const std::size_t imprint = token.find(kImprint);
        REQUIRE(imprint != std::string::npos);
        for (std::size_t at = imprint - 40; at < imprint + 70; ++at) {
            std::string altered = token;
            altered[at] = static_cast<char>(altered[at] ^ 1);
            CAPTURE(at);
            CHECK_FALSE(check_time_stamp(altered, {.imprint = kImprint, .anchors = anchors, .nonce = kNonce}));
        }
        for (std::size_t at = token.size() - 60; at < token.size(); ++at) {
            std::string altered = token;
            altered[at] = static_cast<char>(altered[at] ^ 1);
            CAPTURE(at);
            CHECK_FALSE(check_time_stamp(altered, {.imprint = kImprint, .anchors = anchors, .nonce = kNonce}));
        }
    }
}

TEST_CASE("a token of a time that no clock tells is none", "[crypto][security]") {
    const support::ScratchFolder folder;
    const Authority authority{{.folder = folder.path()}};
    std::string token = token_by(authority, {.imprint = kImprint, .nonce = kNonce, .policy = ""});
    REQUIRE(signer_of_token(token));
    const std::string begin{
        "\x18\x0f"
        "20",
        4};  // GeneralizedTime of seconds
    const auto at = token.find(begin);
    REQUIRE(at != std::string::npos);
    token.replace(at + 2, 4, "9999");
    CHECK_FALSE(signer_of_token(token));
}

TEST_CASE("only an authority that is trusted, for time-stamping, and in its time is believed", "[crypto][security]") {
    const support::ScratchFolder folder;
    const support::ScratchFolder others;
    std::string reason;
    tsa::AuthorityOptions options{.folder = folder.path()};
    std::vector<std::string> anchors;
    SECTION("another authority's token") {
        const Authority other{{.folder = others.path()}};
        anchors = {read_file(other.anchor())};
        reason = "certificate";
    }
    SECTION("an expired certificate") {
        options.days = -1;
        reason = "expired";
    }
    const Authority authority{options};
    anchors = anchors.empty() ? std::vector{read_file(authority.anchor())} : anchors;
    const std::string token = token_by(authority, {.imprint = kImprint, .nonce = kNonce, .policy = ""});
    const auto facts = check_time_stamp(token, {.imprint = kImprint, .anchors = anchors});
    REQUIRE_FALSE(facts);
    CHECK(facts.error().fault() == Fault::signature_invalid);
    CHECK_THAT(facts.error().detail(), ContainsSubstring(reason));
}

TEST_CASE("a token signed by a certificate of the same authority for something else is refused", "[crypto][security]") {
    const support::ScratchFolder folder;
    const Authority authority{{.folder = folder.path()}};
    const std::string extension =
        GENERATE("extendedKeyUsage=critical,timeStamping", "extendedKeyUsage=clientAuth",
                 "extendedKeyUsage=timeStamping", "extendedKeyUsage=critical,timeStamping,clientAuth");
    CAPTURE(extension);
    folder.write("other.ext", "keyUsage=critical,digitalSignature\n" + extension + '\n');
    REQUIRE(tsa::run_openssl({"x509", "-req", "-in", folder / "tsa.csr.pem", "-CA", folder / "ca.pem", "-CAkey",
                              folder / "ca.key.pem", "-set_serial", "77", "-days", "5", "-extfile",
                              folder / "other.ext", "-out", folder / "other.pem"}) == 0);
    folder.write("token.der", token_by(authority, {.imprint = kImprint, .nonce = kNonce, .policy = ""}));
    REQUIRE(tsa::run_openssl({"cms", "-verify", "-noverify", "-inform", "DER", "-in", folder / "token.der", "-binary",
                              "-out", folder / "info.der"}) == 0);
    REQUIRE(tsa::run_openssl({"cms", "-sign", "-econtent_type", "id-smime-ct-TSTInfo", "-in", folder / "info.der",
                              "-nodetach", "-binary", "-outform", "DER", "-signer", folder / "other.pem", "-inkey",
                              folder / "tsa.key.pem", "-md", "sha256", "-cades", "-out", folder / "forged.der"}) == 0);
    const auto facts =
        check_time_stamp(folder.read("forged.der"), {.imprint = kImprint, .anchors = {read_file(authority.anchor())}});
    CAPTURE(facts ? "" : facts.error().detail());
    CHECK(facts.has_value() == (extension == "extendedKeyUsage=critical,timeStamping"));
}

TEST_CASE("an authority that grants nothing says why, and what is no answer is refused", "[crypto][security]") {
    const support::ScratchFolder folder;
    const Authority authority{{.folder = folder.path()}};
    const auto request = make_time_stamp_request({.imprint = kImprint, .nonce = kNonce, .policy = "1.2.3.4.99"});
    REQUIRE(request);
    const auto reply = authority.reply(*request);
    REQUIRE(reply);
    const auto token = token_in_response(*reply);
    REQUIRE_FALSE(token);
    CHECK(token.error().fault() == Fault::unavailable);
    CHECK_THAT(token.error().detail(), ContainsSubstring("not granted"));
    for (const std::string& bad : {std::string{}, std::string{"<html>"}, *reply + "x", reply->substr(0, 5)}) {
        CHECK(token_in_response(bad).error().fault() == Fault::bad_request);
    }
    CHECK_FALSE(make_time_stamp_request({.imprint = "short", .nonce = kNonce, .policy = ""}));
    CHECK_FALSE(make_time_stamp_request({.imprint = kImprint, .nonce = "short", .policy = ""}));
    CHECK_FALSE(make_time_stamp_request({.imprint = kImprint, .nonce = kNonce, .policy = "no.oid"}));
}
