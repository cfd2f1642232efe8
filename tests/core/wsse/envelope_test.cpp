#include "core/wsse/envelope.h"

#include <cstdlib>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "tests/core/wsse/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::wsse;
using crypto::Algorithm;
using crypto::SigningKey;

namespace {

/// A consumer's key with its certificate.
struct Signer {
    explicit Signer(Algorithm how) : algorithm{how}, key{SigningKey::generate(how).value()} {
        const SigningKey ca = SigningKey::generate(Algorithm::ecdsa_p256_sha256).value();
        const crypto::Validity validity{std::chrono::system_clock::now(), 30};
        ca_pem = crypto::make_ca(ca, "wsse test", validity).value();
        pem = crypto::make_x509({ca_pem, ca}, key,
                                {.common_name = "one-window",
                                 .dns_names = {},
                                 .addresses = {},
                                 .for_client = true,
                                 .validity = validity})
                  .value();
    }
    Algorithm algorithm;
    SigningKey key;
    std::string ca_pem;
    std::string pem;
};

EnvelopeParts parts_of(const Signer& signer, const std::string& version = "1.1") {
    return {.version = version,
            .token_pem = signer.pem,
            .created = "2026-11-29T06:00:00Z",
            .expires = "2026-11-29T06:05:00Z",
            .call_id = "call-1",
            .exchange = {},
            .payload =
                "<call xmlns=\"urn:datong:service:x:1\"><name>\xe7\x94\xb2 &amp; "
                "\xe0\xbd\x96\xe0\xbd\xa6\xe0\xbe\x90\xe0\xbe\xb1</name></call>"};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

Fault fault_of(const std::string& bytes, const SigningKey& key) {
    const auto read = read_signed_envelope(bytes);
    if (!read) {
        return read.error().fault();
    }
    const auto good = read->verify(key.verifying_key());
    REQUIRE_FALSE(good.has_value());
    return good.error().fault();
}

/// What xmlsec1 says of a message; it is told which attributes are ids, for it knows none by itself.
bool xmlsec1_verifies(const std::string& bytes, const Signer& signer) {
    const support::ScratchFolder folder;
    folder.write("message.xml", bytes);
    folder.write("signer.pem", signer.pem);
    std::string ids;
    for (const std::string element : {"Body", "Timestamp", "Call", "SignatureConfirmation", "BinarySecurityToken"}) {
        ids += " --id-attr:Id " + element;
    }
    const std::string command = "xmlsec1 --verify" + ids + " --pubkey-cert-pem " + (folder / "signer.pem") + " " +
                                (folder / "message.xml") + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

}  // namespace

TEST_CASE("a message written by us is read by us, whatever kind of key signed it", "[wsse]") {
    for (const Algorithm algorithm : {Algorithm::ecdsa_p256_sha256, Algorithm::ed25519, Algorithm::rsa_pss_sha512,
                                      Algorithm::rsa_pss_sha256, Algorithm::rsa_v1_5_sha256}) {
        CAPTURE(std::string{crypto::name_of(algorithm)});
        const Signer signer{algorithm};
        const auto written = write_signed_envelope(parts_of(signer, "1.2"), algorithm, signer.key);
        REQUIRE(written);
        const auto read = read_signed_envelope(written->bytes);
        REQUIRE(read);
        CHECK(read->verify(signer.key.verifying_key()));
        CHECK(read->version == "1.2");
        CHECK(read->call_id == "call-1");
        CHECK(read->created == 1795932000);
        CHECK(read->expires == 1795932300);
        CHECK(read->body_name == "call");
        CHECK(read->body_uri == "urn:datong:service:x:1");
        CHECK(read->body_octets == written->body_octets);
        CHECK(read->signature.signed_info == written->signed_info);
        CHECK(crypto::read_x509(read->token_pem)->sha256 == crypto::read_x509(signer.pem)->sha256);
        const Signer other{algorithm};
        CHECK(read->verify(other.key.verifying_key()).error().fault() == Fault::signature_invalid);
    }
}

TEST_CASE("xmlsec1 verifies what we write, answers with confirmations too", "[wsse]") {
    for (const Algorithm algorithm : {Algorithm::ecdsa_p256_sha256, Algorithm::rsa_v1_5_sha256}) {
        const Signer signer{algorithm};
        EnvelopeParts parts = parts_of(signer);
        parts.exchange = "01a200c9";
        parts.confirm = {"first signature value", std::string(64, '\xff')};
        const auto written = write_signed_envelope(parts, algorithm, signer.key);
        REQUIRE(written);
        CHECK(xmlsec1_verifies(written->bytes, signer));
        CHECK_FALSE(xmlsec1_verifies(replaced(written->bytes, "01a200c9", "01a200c8"), signer));
        const auto read = read_signed_envelope(written->bytes);
        REQUIRE(read);
        CHECK(read->confirmed == parts.confirm);
    }
}

TEST_CASE("a step is paid for only by who passed the one before", "[wsse][security]") {
    const Signer signer{Algorithm::ecdsa_p256_sha256};
    const std::string good = write_signed_envelope(parts_of(signer), signer.algorithm, signer.key)->bytes;
    const auto known = [&](const std::string&) -> Result<crypto::VerifyingKey> { return signer.key.verifying_key(); };
    const auto nobodys = [](const std::string&) -> Result<crypto::VerifyingKey> {
        return fail(Fault::signature_invalid, "nobody's");
    };
    REQUIRE(prove_signed_envelope(good, known).has_value());
    const std::string altered = replaced(good, "<name>", "<name>x");
    const std::string unread =
        replaced(altered, "<ds:CanonicalizationMethod Algorithm=\"", "<ds:CanonicalizationMethod Algorithm=\"urn:");
    CHECK(prove_signed_envelope(unread, nobodys).error().detail() ==
          "nobody's");  // nothing of SignedInfo was looked at
    CHECK(prove_signed_envelope(altered, known).error().detail() == "xml signature: the digest of #body does not hold");
    const Signer other{Algorithm::ecdsa_p256_sha256};
    const auto wrong = [&](const std::string&) -> Result<crypto::VerifyingKey> { return other.key.verifying_key(); };
    const Error why = prove_signed_envelope(altered, wrong).error();  // the key is judged before the digests are
    CHECK(why.fault() == Fault::signature_invalid);
    CHECK(why.detail().find("digest") == std::string::npos);
}

TEST_CASE("a SignedInfo that holds more than its references is refused before it is made canonical",
          "[wsse][security]") {
    const Signer signer{Algorithm::ecdsa_p256_sha256};
    const std::string good = write_signed_envelope(parts_of(signer), signer.algorithm, signer.key)->bytes;
    const auto known = [&](const std::string&) -> Result<crypto::VerifyingKey> { return signer.key.verifying_key(); };
    const auto detail_of = [&](const std::string& more, const char* before) {
        return prove_signed_envelope(replaced(good, before, more + before), known).error().detail();
    };
    const auto times = [](int count, const std::string& what) {
        std::string all;
        for (int i = 0; i < count; ++i) {
            all += what;
        }
        return all;
    };
    const char* kInfoEnd = "</ds:SignedInfo>";
    const char* kReferenceEnd = "</ds:Reference>";
    std::string attributes;
    for (char c = 'a'; c <= 'z'; ++c) {
        attributes.append(1, ' ').append(1, c).append("='' ").append(2, c).append("=''");
    }
    const std::string why = "policy: a SignedInfo of more than 16 references need";
    CHECK(detail_of(times(1'000, "<y/>"), kInfoEnd) == why);
    CHECK(detail_of(times(1'000, "<y/>"), kReferenceEnd) == why);
    CHECK(detail_of(times(1'000, "<!---->"), kInfoEnd) == why);
    CHECK(detail_of(times(8, "<y" + attributes + "/>"), kReferenceEnd) == why);
    CHECK(detail_of(times(40,
                          "<y xmlns:a='urn:a' xmlns:b='urn:b' xmlns:c='urn:c' xmlns:d='urn:d' xmlns:e='urn:e' "
                          "xmlns:f='urn:f' xmlns:g='urn:g' xmlns:h='urn:h' xmlns:i='urn:i' xmlns:j='urn:j'/>"),
                    kReferenceEnd) == why);
    // what is light is judged by its signature
    CHECK(prove_signed_envelope(replaced(good, kInfoEnd, std::string{"<y/>"} + kInfoEnd), known).error().fault() ==
          Fault::signature_invalid);
    CHECK(prove_signed_envelope(good, known).has_value());
}

TEST_CASE("the header says for which address a message is", "[wsse]") {
    const Signer signer{Algorithm::ecdsa_p256_sha256};
    EnvelopeParts parts = parts_of(signer);
    CHECK(read_signed_envelope(write_signed_envelope(parts, signer.algorithm, signer.key)->bytes)->to.empty());
    parts.to = "https://gateway.example:8443/soap/x?a&b";
    const std::string good = write_signed_envelope(parts, signer.algorithm, signer.key)->bytes;
    CHECK(read_signed_envelope(good)->to == parts.to);
    CHECK(read_signed_envelope(good)->body_reference == kOwnBody);
    CHECK(fault_of(replaced(good, "gateway.example", "gateway2example"), signer.key) == Fault::signature_invalid);
    parts.to = std::string(513, 'a');
    const auto long_one = read_signed_envelope(write_signed_envelope(parts, signer.algorithm, signer.key)->bytes);
    CHECK(long_one.error().fault() == Fault::bad_request);
}

TEST_CASE("what is not covered, or covered twice, or moved elsewhere, is refused", "[wsse][security]") {
    const Signer signer{Algorithm::ecdsa_p256_sha256};
    const std::string good = write_signed_envelope(parts_of(signer), signer.algorithm, signer.key)->bytes;
    REQUIRE(read_signed_envelope(good)->verify(signer.key.verifying_key()));
    const std::size_t at = good.find("<soap:Body");
    const std::string body = good.substr(at, good.find("</soap:Body>") + 12 - at);
    const std::string forged =
        "<soap:Body><call xmlns=\"urn:datong:service:x:1\"><name>other</name></call></soap:Body>";
    struct Row {
        const char* why;
        std::string message;
        Fault fault;
    };
    for (const Row& row : std::vector<Row>{
             {"one letter of the body", replaced(good, "&amp;", "+"), Fault::signature_invalid},
             {"the time", replaced(good, "06:05:00Z", "07:05:00Z"), Fault::signature_invalid},
             {"the call's id", replaced(good, "call-1", "call-2"), Fault::signature_invalid},
             {"the signature value", replaced(good, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
              Fault::signature_invalid},
             {"another body, the signed one moved into the header",
              replaced(replaced(good, body, forged), "</soap:Header>", "<wrap>" + body + "</wrap></soap:Header>"),
              Fault::not_signed},
             {"another body with the signed one's id", replaced(good, body, replaced(body, "call xmlns", "cell xmlns")),
              Fault::bad_request},
             {"two bodies", replaced(good, body, body + forged), Fault::bad_request},
             {"two bodies with one id", replaced(good, "</soap:Header>", "<x>" + body + "</x></soap:Header>"),
              Fault::signature_invalid},
             {"a document type declaration", replaced(good, "\n<soap", "\n<!DOCTYPE a><soap"), Fault::bad_request},
             {"an unknown header that must be understood",
              replaced(good, "</soap:Header>", "<x soap:mustUnderstand=\"1\"/></soap:Header>"), Fault::bad_request},
             {"a second Timestamp",
              replaced(good, "<ds:Signature xmlns",
                       "<wsu:Timestamp xmlns:wsu=\"" + std::string{kWsu} + "\"/><ds:Signature xmlns"),
              Fault::not_signed},
             {"a second Signature",
              replaced(good, "</soap:Header>", "<ds:Signature xmlns:ds=\"" + std::string{kDsig} + "\"/></soap:Header>"),
              Fault::not_signed},
             {"a comment in the call's id", replaced(good, "call-1", "call<!-- -->-1"), Fault::bad_request},
             {"no header at all",
              "<soap:Envelope xmlns:soap=\"" + std::string{kSoap11} + "\">" + forged + "</soap:Envelope>",
              Fault::not_signed},
             {"no envelope", "<call/>", Fault::bad_request}}) {
        CAPTURE(row.why);
        CHECK(fault_of(row.message, signer.key) == row.fault);
    }
}

TEST_CASE("an unsigned header block is passed over, an unsigned confirmation is not", "[wsse][security]") {
    const Signer signer{Algorithm::ecdsa_p256_sha256};
    const std::string good = write_signed_envelope(parts_of(signer), signer.algorithm, signer.key)->bytes;
    const auto with_block = read_signed_envelope(replaced(good, "</soap:Header>", "<x>y</x></soap:Header>"));
    REQUIRE(with_block);
    CHECK(with_block->verify(signer.key.verifying_key()));
    CHECK(fault_of(replaced(good, "<ds:Signature xmlns", confirmation_octets("x", 9) + "<ds:Signature xmlns"),
                   signer.key) == Fault::not_signed);
}

TEST_CASE("signed samples of WCF and of signxml get the right verdict", "[wsse]") {
    tests::Tally tally;
    for (const std::string name : {"soap12-bst-rsa-sha256", "ws.js-valid-response", "ws.js-invalid-changed-content"}) {
        CAPTURE(name);
        const auto document = Document::read(tests::data("wss-samples/" + name + ".xml"));
        REQUIRE(document);
        const auto signatures = find_all(document->root(), kDsig, "Signature");
        REQUIRE(signatures.size() == 1);
        const auto read = read_xml_signature(*document, signatures.front());
        if (!read && read.error().detail().starts_with("policy: ")) {
            ++tally.by_policy[read.error().detail().substr(8)];
            continue;
        }
        const auto pem = read ? key_in(read->key_info) : fail(Fault::bad_request, "");
        const auto key = pem ? crypto::VerifyingKey::from_pem(*pem) : fail(Fault::bad_request, "");
        const bool is_valid = read && key && verify_value(*read, *key);
        CHECK(is_valid == (name.find("invalid") == std::string::npos));
        ++(is_valid == (name.find("invalid") == std::string::npos) ? tally.passed : tally.failed);
    }
    tally.print("wss-samples");
    CHECK(tally.passed + tally.refused() == 3);
}

TEST_CASE("a message with holes is signed as if their Base64 stood there", "[wsse][security]") {
    const Signer signer{Algorithm::ecdsa_p256_sha256};
    EnvelopeParts parts = parts_of(signer);
    const std::string before = "<call xmlns=\"urn:datong:service:x:1\"><f>";
    const std::string octets(100'000, '\x7F');
    parts.payload = before + "</f><g></g></call>";
    parts.holes = {{.at = before.size(), .octets = std::make_shared<const std::string>(octets), .filling = "<one/>"},
                   {.at = before.size() + std::string{"</f><g>"}.size(),
                    .octets = std::make_shared<const std::string>("ab"),
                    .filling = "<two/>"}};
    const auto written = write_signed_envelope(parts, signer.algorithm, signer.key);
    REQUIRE(written);
    CHECK_THAT(written->bytes, ContainsSubstring("<f><one/></f><g><two/></g>"));
    CHECK(fault_of(written->bytes, signer.key) == Fault::signature_invalid);

    const std::string filled = replaced(replaced(written->bytes, "<one/>", to_base64(octets)), "<two/>", "YWI=");
    const auto read = read_signed_envelope(filled);
    REQUIRE(read);
    const auto key = crypto::VerifyingKey::from_pem(signer.pem);
    REQUIRE(key);
    CHECK(read->verify(*key).has_value());
    CHECK(crypto::sha256(read->body_octets) == written->body_digest);
    CHECK(fault_of(replaced(filled, "YWI=", "YWM="), signer.key) == Fault::signature_invalid);
}
