#include "core/container/xades.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "core/codec/compression.h"
#include "core/codec/json.h"
#include "core/container/archive.h"
#include "core/container/check.h"
#include "core/crypto/x509.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using container::Part;
using container::Seat;

namespace {

const std::vector<Part> kParts{{.name = "records/intent.json", .media = "application/json", .octets = "{\"a\":1}"},
                               {.name = "b.txt", .media = "text/plain", .octets = "second"}};

Seat seat(crypto::Algorithm algorithm) {
    auto key = crypto::SigningKey::generate(algorithm, 2048);
    REQUIRE(key);
    auto pem =
        crypto::make_self_signed(*key, {.use = crypto::KeyUse::sign, .common_name = "gateway", .organization = {}},
                                 {.not_before = std::chrono::system_clock::now(), .days = 30});
    REQUIRE(pem);
    return {std::move(*key), std::move(*pem)};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

std::string read_all(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

}  // namespace

TEST_CASE("a signature over files is read as it was written, and stock xmlsec1 verifies it", "[container]") {
    const auto algorithm = crypto::Algorithm::ecdsa_p256_sha256;
    const Seat one = seat(algorithm);
    const auto xml = container::write_xades(kParts, one, "2026-11-29T08:00:00.000+08:00");
    REQUIRE(xml);
    const auto read = container::read_xades(*xml);
    INFO((read ? std::string{} : read.error().detail()));
    REQUIRE(read);
    CHECK(read->digests.size() == 2);
    CHECK(read->signing_time == "2026-11-29T08:00:00.000+08:00");
    CHECK(container::verify_xades(*read, one.key.verifying_key()));
    CHECK_FALSE(container::verify_xades(*read, seat(algorithm).key.verifying_key()));

    const support::ScratchFolder folder;
    std::filesystem::create_directories(folder / "records");
    std::filesystem::create_directories(folder / "META-INF");
    folder.write("records/intent.json", kParts[0].octets);
    folder.write("b.txt", kParts[1].octets);
    folder.write("META-INF/signatures.xml", *xml);
    folder.write("gateway.pem", one.key.public_pem().value());
    const std::string command =
        "cd " + folder.path() +
        " && xmlsec1 --verify --pubkey-pem gateway.pem --enabled-key-data key-name "
        "--id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties META-INF/signatures.xml >out 2>&1";
    const int code = std::system(command.c_str());
    INFO(folder.read("out"));
    CHECK(code == 0);
    folder.write("b.txt", "altered");
    CHECK(std::system(command.c_str()) != 0);
}

TEST_CASE("an altered signature is refused", "[container][security]") {
    const Seat one = seat(crypto::Algorithm::ecdsa_p256_sha256);
    const std::string xml = container::write_xades(kParts, one, "2026-11-29T08:00:00.000+08:00").value();
    const auto fault = [](const std::string& text) {
        const auto read = container::read_xades(text);
        return read ? std::string{"read"} : read.error().detail();
    };
    CHECK_THAT(fault(replaced(xml, "2026-11-29", "2025-11-29")), ContainsSubstring("signed properties were altered"));
    CHECK_THAT(fault(replaced(xml, "text/plain", "text/html")), ContainsSubstring("signed properties were altered"));
    CHECK_THAT(fault(replaced(xml, "xmlenc#sha256", "xmldsig#sha1")), ContainsSubstring("policy: "));
    CHECK_THAT(fault(replaced(xml, "URI=\"b.txt\"", "URI=\"records/intent.json\"")), ContainsSubstring("twice"));
    CHECK_THAT(fault(replaced(xml, "<ds:KeyInfo>", "<!-- --><ds:KeyInfo>")), ContainsSubstring("comment"));
    CHECK_THAT(fault("<!DOCTYPE x><x/>"), !ContainsSubstring("read"));
    CHECK_THAT(fault(replaced(xml, "</ds:Signature>",
                              "</ds:Signature><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/"
                              "xmldsig#\"/>")),
               ContainsSubstring("not one signature"));
    const Seat other = seat(crypto::Algorithm::ecdsa_p256_sha256);
    const std::string theirs = container::write_xades(kParts, other, "2026-11-29T08:00:00.000+08:00").value();
    const auto inner = [](const std::string& text) {
        const auto begin = text.find("<ds:X509Certificate>");
        return text.substr(begin, text.find("</ds:X509Certificate>") - begin);
    };
    CHECK_THAT(fault(replaced(xml, inner(xml), inner(theirs))), ContainsSubstring("its certificate is not the one"));
    auto renamed = container::read_xades(replaced(xml, "URI=\"b.txt\"", "URI=\"c.txt\""));
    REQUIRE(renamed);
    CHECK_FALSE(container::verify_xades(*renamed, one.key.verifying_key()));
}

// Containers of X-Road 7 (MIT; tests/data/xroad-asic/README.md). X-Road packs `mimetype`, or puts it elsewhere than
// first, which EN 319 162-1, A.1 rules out, and signs SHA-512 digests by RSA with SHA-512: none of them is of our
// profile, not even those that X-Road's verifier calls valid. Each is refused for what it is, and none is called good.
TEST_CASE("the containers of X-Road are each refused, by name and for a reason", "[container][corpus]") {
    const std::map<std::string, std::string> expected{
        {"asic-core/no-message.asice", "no META-INF/signatures.xml"},
        {"asic-core/no-mimetype.asice", "mimetype"},
        {"asic-core/no-signature.asice", "mimetype"},
        {"asic-core/not-asic.asice", "is no ZIP"},
        {"asic-core/valid-signed-message-with-attachments.asice", "mimetype"},
        {"asic-core/valid-signed-message.asice", "mimetype"},
        {"attachments.asice", "mimetype"},
        {"invalid-digest.asice", "mimetype"},
        {"invalid-hashchain-modified-message.asice", "mimetype"},
        {"invalid-incorrect-references.asice", "mimetype"},
        {"invalid-not-signed-hashchain.asice", "mimetype"},
        {"invalid-signed-hashchain.asice", "mimetype"},
        {"invalid-ts-hashchainresult.asice", "mimetype"},
        {"valid-batch-ts.asice", "mimetype"},
        {"valid-non-batch-rest.asice", "mimetype"},
        {"valid-non-batch-soap-attachments.asice", "mimetype"},
        {"valid-signed-hashchain.asice", "mimetype"},
        {"valid-signed-message.asice", "mimetype"},
        {"wrong-message.asice", "mimetype"},
    };
    std::size_t judged = 0;
    const std::filesystem::path root{DATONG_TEST_DATA "/xroad-asic"};
    const record::Record keys = codec::read_json(R"({"keys":[]})").value();
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root}) {
        if (entry.path().extension() != ".asice") {
            continue;
        }
        const std::string name = std::filesystem::relative(entry.path(), root).string();
        CAPTURE(name);
        REQUIRE(expected.contains(name));
        const auto checked = container::check_container(read_all(entry.path()), keys);
        REQUIRE_FALSE(checked);
        CHECK_THAT(checked.error().detail(), ContainsSubstring(expected.at(name)));
        ++judged;
    }
    CHECK(judged == 19);
}

TEST_CASE("the signatures of X-Road are told apart as another profile, never as good or forged",
          "[container][corpus]") {
    const std::string archive = read_all(DATONG_TEST_DATA "/xroad-asic/valid-non-batch-rest.asice");
    const auto members = codec::list_zip(archive);
    REQUIRE(members);
    for (const codec::ZipMember& member : *members) {
        if (member.name == container::kSignatures) {
            const auto read = container::read_xades(codec::unzip(member, 1U << 20U).value());
            REQUIRE_FALSE(read);
            CHECK(read.error().fault() == Fault::not_signed);
            CHECK_THAT(read.error().detail(), ContainsSubstring("policy: "));
            return;
        }
    }
    FAIL("no signatures.xml in it");
}
