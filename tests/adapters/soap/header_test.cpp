#include "adapters/soap/soap_adapter.h"
#include "core/base/text.h"
#include "core/codec/soap.h"
#include "core/crypto/x509.h"
#include "core/envelope/security.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/http_department.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using support::AdapterBench;
using support::HttpDepartment;

namespace {

const std::string kOperations = "operations: {q: {action: a}}\n";

/// What the department receives of an envelope with <XM> in `charset`, or the error.
std::string sent(const std::string& settings, std::string envelope) {
    HttpDepartment server;
    server.answer("200 OK", "<ok/>");
    AdapterBench bench;
    const auto made = bench.make(adapters::soap::kind(), "url: " + server.url() + "\n" + kOperations + settings);
    adapter::Ask ask;
    ask.operation = "q";
    ask.body = std::move(envelope);
    const auto reply = bench.ask(*made, ask);
    if (!reply) {
        return std::string{row_of(reply.error().fault()).code} + ": " + reply.error().detail();
    }
    const std::string all = server.last();
    return all.substr(all.find("\r\n\r\n") + 4);
}

std::string asking_for(const std::string& name) {
    record::Record content = record::Record::object();
    content.put("XM", record::Record::text(name));
    return codec::write_soap("1.1", "q", "urn:q", content).value();
}

}  // namespace

TEST_CASE("constant blocks stand in the header, and the body stays as the mapping made it", "[adapters][soap]") {
    const std::string got = sent(
        "soap_headers: {AuthHeader: {uri: \"http://tempuri.org/\", values: {UserName: datong, Password: \"p<&\"}}}\n",
        asking_for("示例甲"));
    CHECK(got ==
          "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
          "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header>"
          "<AuthHeader "
          "xmlns=\"http://tempuri.org/\"><UserName>datong</UserName><Password>p&lt;&amp;</Password></AuthHeader>"
          "</soap:Header><soap:Body><m:q xmlns:m=\"urn:q\"><XM>示例甲</XM></m:q></soap:Body></soap:Envelope>");
}

TEST_CASE("without header settings the envelope is sent octet by octet", "[adapters][soap]") {
    CHECK(sent("", "not even <an envelope") == "not even <an envelope");
}

TEST_CASE("an envelope in GBK gets its header in GBK", "[adapters][soap]") {
    const std::string gbk =
        "<?xml version=\"1.0\" encoding=\"GBK\"?><e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">"
        "<e:Body><q>\xD5\xC5</q></e:Body></e:Envelope>";
    const std::string got = sent("charset: gbk\nsoap_headers: {h: {values: {v: 张}}}\n", gbk);
    CHECK_THAT(got, ContainsSubstring("encoding=\"gbk\"?>"));
    CHECK_THAT(got, ContainsSubstring("<e:Header><h><v>\xD5\xC5</v></h></e:Header><e:Body><q>\xD5\xC5</q></e:Body>"));
    CHECK(sent("charset: gbk\nsoap_headers: {h: {values: {v: 😀}}}\n", gbk).starts_with("internal: "));
}

TEST_CASE("each call has a nonce and a digest of its own that verify", "[adapters][soap][security]") {
    const std::string settings = "wss_username: datong\nwss_password: demo-wss-pass\nwss_lifetime_s: 300\n";
    std::string before;
    for (int call = 0; call < 2; ++call) {
        const auto message = codec::read_soap(sent(settings, asking_for("示例甲")), false);
        REQUIRE(message.has_value());
        CHECK(message->body.text_of("XM") == "示例甲");
        const record::Record* token = message->header.find_path({"Security", "UsernameToken"});
        REQUIRE(token != nullptr);
        CHECK(token->text_of("Username") == "datong");
        const std::string nonce{token->find_path({"Nonce", "#text"})->scalar()};
        CHECK(nonce != before);
        before = nonce;
        CHECK(from_base64(nonce).value().size() == 16);
        CHECK(envelope::password_digest(from_base64(nonce).value(), token->text_of("Created"),
                                        Secret{"demo-wss-pass"}) == token->find_path({"Password", "#text"})->scalar());
        CHECK(message->header.find_path({"Security", "@mustUnderstand"})->scalar() == "1");
        CHECK(message->header.find_path({"Security", "Timestamp", "Expires"}) != nullptr);
    }
}

TEST_CASE("a call is signed with the certificate's key, Body and Timestamp", "[adapters][soap]") {
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    const auto other = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    const support::ScratchFolder folder;
    folder.write("key.pem", std::string{key.to_pem().value().reveal()});
    folder.write("other.pem", std::string{other.to_pem().value().reveal()});
    folder.write("open.pem", std::string{key.to_pem().value().reveal()});
    for (const char* name : {"key.pem", "other.pem"}) {
        std::filesystem::permissions(folder / name, std::filesystem::perms{0600});
    }
    std::filesystem::permissions(folder / "open.pem", std::filesystem::perms{0644});  // others may read it
    folder.write("x509.pem",
                 crypto::make_ca(key, "datong", {.not_before = std::chrono::system_clock::now(), .days = 2}).value());
    const auto settings = [&](const std::string& name) {
        return "wss_key: " + (folder / name) + "\nwss_certificate: " + (folder / "x509.pem") + "\n";
    };
    const auto message = codec::read_soap(sent(settings("key.pem"), asking_for("示例甲")), false);
    REQUIRE(message.has_value());
    const record::Record* security = message->header.find("Security");
    REQUIRE(security != nullptr);
    CHECK(security->find_path({"Signature", "SignedInfo", "Reference"})->items().size() == 2);
    CHECK(security->find_path({"Timestamp", "Expires"}) != nullptr);
    CHECK(security->find_path({"BinarySecurityToken", "#text"}) != nullptr);
    AdapterBench bench;
    for (const std::string& bad :
         {settings("other.pem"), settings("open.pem"), "wss_key: " + (folder / "key.pem") + "\n",
          "wss_certificate: " + (folder / "x509.pem") + "\n", settings("none.pem")}) {
        Mistakes mistakes;
        CHECK(bench.try_make(adapters::soap::kind(), "url: http://h\n" + kOperations + bad, mistakes) == nullptr);
        CHECK_FALSE(mistakes.empty());
    }
}

TEST_CASE("a mapping that made no envelope can't get a header", "[adapters][soap][security]") {
    const auto body = GENERATE(as<std::string>{}, "", "<a/>", "<!DOCTYPE a><a/>", "\xFF");
    const std::string got = sent("soap_headers: {h: {values: {v: x}}}\n", body);
    CHECK(got.starts_with("internal: "));
}

TEST_CASE("a password as text over http is warned of", "[adapters][soap][security]") {
    AdapterBench bench;
    const auto warnings = [&](const std::string& type) {
        return bench
            .make(adapters::soap::kind(),
                  "url: http://h\nwss_username: a\nwss_password: b\nwss_password_type: " + type + "\n" + kOperations)
            ->warnings()
            .size();
    };
    CHECK(warnings("text") == 1);
    CHECK(warnings("digest") == 0);
}

TEST_CASE("mistakes in the header's settings are found when they are read", "[adapters][soap]") {
    const auto [settings, says] = GENERATE(table<const char*, const char*>({
        {"wss_username: a\n", "go together"},
        {"wss_password: a\n", "go together"},
        {"wss_username: a\nwss_password: b\nwss_password_type: plain\n", "wss_password_type"},
        {"soap_headers: {\"a b\": {values: {v: x}}}\n", "can't be written as XML"},
        {"soap_headers: {a: {values: {\"v/><x\": x}}}\n", "can't be written as XML"},
        {"soap_headers: {a: {value: {v: x}}}\n", "value"},
    }));
    CAPTURE(settings);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::soap::kind(), "url: http://h\n" + kOperations + settings, mistakes) == nullptr);
    REQUIRE_FALSE(mistakes.empty());
    CHECK_THAT(to_line(mistakes.front()), ContainsSubstring(says));
}
