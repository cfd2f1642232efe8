#include "core/envelope/security.h"

#include "core/codec/soap.h"
#include "tests/support/catch.h"

using namespace datong;
using envelope::Security;
using envelope::UsernameToken;

namespace {

/// 2026-03-01T01:00:00.123Z
const envelope::Moment kMoment{
    .at = std::chrono::system_clock::time_point{std::chrono::milliseconds{1'772'326'800'123}},
    .nonce = "0123456789abcdef"};

Security with(UsernameToken::Kind kind) {
    Security security;
    security.token = UsernameToken{.username = "datong", .password = Secret{"demo-wss-pass"}, .kind = kind};
    return security;
}

}  // namespace

TEST_CASE("the digest of a password is that of the profile", "[envelope]") {
    // printf '%s' 0123456789abcdef 2026-03-01T01:00:00.123Z demo-wss-pass | openssl dgst -sha1 -binary | base64
    CHECK(envelope::password_digest("0123456789abcdef", "2026-03-01T01:00:00.123Z", Secret{"demo-wss-pass"}) ==
          "KbkQLJQkp6Dg9jMwDvgK+eC6Fh8=");
}

TEST_CASE("a UsernameToken with digest has nonce and time and never the password", "[envelope][security]") {
    const auto block = envelope::security_block(with(UsernameToken::Kind::digest), codec::kSoap11, kMoment);
    REQUIRE(block.has_value());
    CHECK(*block ==
          "<wsse:Security "
          "xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" "
          "xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" "
          "xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" soap:mustUnderstand=\"1\">"
          "<wsse:UsernameToken wsu:Id=\"UsernameToken-1\"><wsse:Username>datong</wsse:Username><wsse:Password "
          "Type=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest\">"
          "KbkQLJQkp6Dg9jMwDvgK+eC6Fh8=</wsse:Password><wsse:Nonce "
          "EncodingType=\"http://docs.oasis-open.org/wss/2004/01/"
          "oasis-200401-wss-soap-message-security-1.0#Base64Binary\">"
          "MDEyMzQ1Njc4OWFiY2RlZg==</wsse:Nonce><wsu:Created>2026-03-01T01:00:00.123Z</wsu:Created>"
          "</wsse:UsernameToken></wsse:Security>");
    CHECK(block->find("demo-wss-pass") == std::string::npos);
}

TEST_CASE("a UsernameToken with text, a timestamp, and no mustUnderstand", "[envelope]") {
    Security security = with(UsernameToken::Kind::text);
    security.must_understand = false;
    security.lifetime = std::chrono::seconds{300};
    const auto block = envelope::security_block(security, codec::kSoap12, kMoment);
    REQUIRE(block.has_value());
    CHECK_THAT(*block, ContainsSubstring("#PasswordText\">demo-wss-pass</wsse:Password>"));
    CHECK_THAT(*block, ContainsSubstring("<wsu:Timestamp wsu:Id=\"Timestamp-1\"><wsu:Created>2026-03-01T01:00:00.123Z"
                                         "</wsu:Created><wsu:Expires>2026-03-01T01:05:00.123Z</wsu:Expires>"));
    CHECK(block->find("mustUnderstand") == std::string::npos);
}

TEST_CASE("a name or password can't become markup", "[envelope][security]") {
    Security security = with(UsernameToken::Kind::text);
    security.token->username = "a</wsse:Username><x/>";
    auto block = envelope::security_block(security, codec::kSoap11, kMoment);
    REQUIRE(block.has_value());
    CHECK_THAT(*block, ContainsSubstring("<wsse:Username>a&lt;/wsse:Username&gt;&lt;x/&gt;</wsse:Username>"));
    security.token->username = std::string{"a\0b", 3};
    block = envelope::security_block(security, codec::kSoap11, kMoment);
    REQUIRE_FALSE(block.has_value());
    CHECK(block.error().fault() == Fault::bad_request);
}
