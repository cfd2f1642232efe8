#include <cstdlib>
#include <fstream>
#include <iostream>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using commands::Ran;
using record::Record;

namespace {

constexpr const char* kData = DATONG_TEST_DATA "/";

std::string data(const std::string& name) {
    std::ifstream in{kData + name, std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    REQUIRE(in);
    return std::move(all).str();
}

Record json(const std::string& name) {
    return codec::read_json(data(name)).value();
}

/// The published keys of RFC 9421 as a set; each under its own name, the secret in one of its own.
std::string rfc_keys(const support::ScratchFolder& folder, const std::string& keyid) {
    Record key = Record::object();
    if (keyid == "test-shared-secret") {
        key.put("kty", Record::text("oct"));
        const std::string text = data("rfc9421/keys/test-shared-secret.b64");
        const auto secret = from_base64(text.substr(0, text.find_last_not_of("\r\n") + 1));
        key.put("k", Record::text(to_base64url(secret.value())));
    } else {
        const Record printed = json("rfc9421/keys/" + keyid + ".jwk.json");
        for (const std::string part : {"kty", "crv", "x", "y", "n", "e"}) {
            if (const Record* member = printed.find(part)) {
                key.put(part, *member);
            }
        }
    }
    key.put("kid", Record::text(keyid));
    folder.write("keys.jwks", codec::write_json(key));
    return folder / "keys.jwks";
}

}  // namespace

TEST_CASE("verify-http gives every signed message of RFC 9421 the right verdict", "[commands][signing]") {
    const Record all = json("rfc9421/appendix-b.json");
    int right = 0;
    for (const std::string part : {"cases", "section_examples"}) {
        for (const Record& one : all.find(part)->items()) {
            CAPTURE(one.text_of("id"));
            const support::ScratchFolder folder;
            std::vector<std::string> words{"verify-http", kData + ("rfc9421/" + one.text_of("message")), "--keys",
                                           rfc_keys(folder, one.text_of("keyid"))};
            if (const std::string label = one.text_of("label"); !label.empty()) {
                words.insert(words.end(), {"--label", label});
            }
            if (const std::string request = one.text_of("request_message"); !request.empty()) {
                words.insert(words.end(), {"--request", kData + ("rfc9421/" + request)});
            }
            const Ran ran = commands::datong(words);
            INFO(ran.out << ran.err);
            const bool valid = one.text_of("expect") == "valid";
            CHECK(ran.code == (valid ? 0 : 1));
            right += ran.code == (valid ? 0 : 1) ? 1 : 0;
        }
    }
    std::cout << "rfc9421 by verify-http: passed " << right << ", refused by policy 0, failed " << 19 - right << '\n';
    CHECK(right == 19);
}

TEST_CASE("verify-http says what a signed message must cover here, and what was altered", "[commands][security]") {
    const support::ScratchFolder folder;
    const std::string keys = rfc_keys(folder, "test-key-ed25519");
    const std::string good = data("rfc9421/messages/sig-b26.http");
    folder.write("good.http", good);
    const Ran ran = commands::datong({"verify-http", folder / "good.http", "--keys", keys});
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("signature: valid") && ContainsSubstring("covered: \"date\" \"@method\"") &&
                            ContainsSubstring("this gateway would refuse the request: it wants") &&
                            ContainsSubstring("\"content-digest\""));
    // the body is not what the digest says, though the signature over the digest holds
    std::string altered = good;
    altered.replace(altered.rfind("world"), 5, "World");
    folder.write("altered.http", altered);
    const Ran refused = commands::datong({"verify-http", folder / "altered.http", "--keys", keys});
    CHECK(refused.code == 1);
    CHECK_THAT(refused.out, ContainsSubstring("signature: INVALID"));
}

TEST_CASE("verify-http refuses what is no whole message, and says which file can't be read", "[commands]") {
    const support::ScratchFolder folder;
    const std::string keys = rfc_keys(folder, "test-key-ed25519");
    folder.write("cut.http", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    CHECK(commands::datong({"verify-http", folder / "cut.http", "--keys", keys}).code == 1);
    const Ran nowhere = commands::datong({"verify-http", folder / "nowhere", "--keys", keys});
    CHECK(nowhere.code == 2);
    CHECK_THAT(nowhere.err, ContainsSubstring("can't read"));
    folder.write("no.jwks", "[]");
    CHECK(commands::datong({"verify-http", folder / "cut.http", "--keys", folder / "no.jwks"}).code == 2);
}

TEST_CASE("verify-http, verify-jws and jcs say of a wrong file what it should be", "[commands]") {
    const support::ScratchFolder folder;
    const std::string keys = rfc_keys(folder, "test-key-ed25519");
    const std::string message = kData + std::string{"rfc9421/messages/sig-b26.http"};
    folder.write("empty", "");
    folder.write("answer.json", R"({"certificate":"a.b.c"})");
    const std::string pem = kData + std::string{"rfc9421/keys/test-key-ed25519.spki.pem"};
    const std::string other = kData + std::string{"rfc9421/keys/test-key-ecc-p256.spki.pem"};
    struct Row {
        const char* why;
        std::vector<std::string> words;
        int code;
        const char* says;
    };
    const std::vector<Row> rows{
        {"no such message", {"verify-http", folder / "no", "--keys", keys}, 2, "a whole HTTP message"},
        {"a folder", {"verify-http", folder / ".", "--keys", keys}, 2, "a folder"},
        {"an empty message", {"verify-http", folder / "empty", "--keys", keys}, 2, "nothing in"},
        {"JSON for a message", {"verify-http", folder / "answer.json", "--keys", keys}, 1, "a whole HTTP message"},
        {"an empty request", {"verify-http", message, "--keys", keys, "--request", folder / "empty"}, 2, "nothing in"},
        {"empty keys", {"verify-http", message, "--keys", folder / "empty"}, 2, "datong keys > trust.jwks"},
        {"a message for keys", {"verify-http", message, "--keys", message}, 2, "datong keys > trust.jwks"},
        {"both from input", {"verify-http", "-", "--keys", "-"}, 2, "standard input can be one"},
        {"no such scheme", {"verify-http", message, "--keys", keys, "--scheme", "ftp"}, 2, "ftp not in"},
        {"a key in PEM", {"verify-http", message, "--keys", pem}, 0, "signature: valid"},
        {"a key of another kind", {"verify-http", message, "--keys", other}, 1, "(ecdsa-p256-sha256)"},
        {"no such JWS", {"verify-jws", folder / "no", "--keys", keys}, 2, "a compact JWS"},
        {"an empty JWS", {"verify-jws", folder / "empty", "--keys", keys}, 2, "a compact JWS"},
        {"an answer for a JWS", {"verify-jws", folder / "answer.json", "--keys", keys}, 1, "jq -r .certificate"},
        {"both from input", {"verify-jws", "-", "--keys", "-"}, 2, "standard input can be one"},
        {"no such JSON", {"jcs", folder / "no"}, 2, "JSON (RFC 8259"},
        {"a folder", {"jcs", folder / "."}, 2, "a folder"},
        {"empty JSON", {"jcs", folder / "empty"}, 2, "nothing in"},
        {"no JSON", {"jcs", message}, 1, "JSON at byte"}};
    for (const Row& row : rows) {
        CAPTURE(row.why, row.words);
        const Ran ran = commands::datong(row.words);
        CHECK(ran.code == row.code);
        CHECK_THAT(ran.out + ran.err, ContainsSubstring(row.says));
    }
    std::string renamed = folder.read("keys.jwks");
    folder.write("other.jwks", renamed.replace(renamed.find("test-key-ed25519"), 16, "another"));
    const Ran unknown = commands::datong({"verify-http", message, "--keys", folder / "other.jwks"});
    CHECK(unknown.code == 1);
    CHECK_THAT(unknown.out, ContainsSubstring("test-key-ed25519; ") && ContainsSubstring("the file has: another"));
}

TEST_CASE("verify-jws verifies the JOSE cookbook, detached ones too, where the algorithm is ours",
          "[commands][signing]") {
    struct Row {
        const char* file;
        int code;
        const char* why;
    };
    int passed = 0;
    int by_policy = 0;
    for (const Row& row :
         {Row{"jws/4_1.rsa_v15_signature", 0, ""}, Row{"jws/4_2.rsa-pss_signature", 1, "alg"},
          Row{"jws/4_3.ecdsa_signature", 1, "P-521"}, Row{"jws/4_4.hmac-sha2_integrity_protection", 0, ""},
          Row{"jws/4_5.signature_with_detached_content", 0, ""}, Row{"curve25519/jws", 0, ""}}) {
        CAPTURE(row.file);
        const support::ScratchFolder folder;
        const Record one = json(std::string{"jose/"} + row.file + ".json");
        Record key = Record::object();
        for (const record::Member& member : one.find_path({"input", "key"})->members()) {
            if (member.name != "d" && member.name.size() <= 3 && member.name != "dp" && member.name != "dq" &&
                member.name != "qi" && member.name != "p" && member.name != "q") {
                key.put(member.name, member.value);
            }
        }
        folder.write("key.jwk", codec::write_json(key));
        folder.write("it.jws", std::string{one.find_path({"output", "compact"})->scalar()} + "\n");
        const std::string payload{one.find_path({"input", "payload"})->scalar()};
        folder.write("payload", payload);
        std::vector<std::string> words{"verify-jws", folder / "it.jws", "--keys", folder / "key.jwk"};
        if (std::string{row.file}.find("detached") != std::string::npos) {
            words.insert(words.end(), {"--payload", folder / "payload"});
        }
        const Ran ran = commands::datong(words);
        INFO(ran.out << ran.err);
        if (row.code == 0) {
            CHECK(ran.code == 0);
            words.emplace_back("--show");
            CHECK(commands::datong(words).out == payload);
            ++passed;
        } else {
            CHECK(ran.code != 0);
            ++by_policy;
        }
    }
    std::cout << "jose by verify-jws: passed " << passed << ", refused by policy " << by_policy
              << " [P-521: 1] [PS384: 1], failed 0\n";
    CHECK(passed == 4);
}

TEST_CASE("jcs prints the test suite's documents in their canonical form", "[commands][signing]") {
    for (const std::string name : {"arrays", "french", "structures", "unicode", "values", "weird"}) {
        CAPTURE(name);
        const Ran ran = commands::datong({"jcs", kData + ("jcs/input/" + name + ".json")});
        CHECK(ran.code == 0);
        CHECK(ran.out == data("jcs/output/" + name + ".json"));
    }
    const support::ScratchFolder folder;
    folder.write("twice.json", R"({"a":1,"a":2})");
    const Ran twice = commands::datong({"jcs", folder / "twice.json"});
    CHECK(twice.code == 1);
    CHECK_THAT(twice.err, ContainsSubstring("can't be canonicalised"));
}

TEST_CASE("verify-xml says which elements are signed, and tells invalid from refused by a rule",
          "[commands][signing]") {
    const std::string folder = kData + std::string{"xmldsig-interop/"};
    const Ran valid = commands::datong({"verify-xml", folder + "aleksey-xmldsig-01/enveloping-sha256-ecdsa-sha256.xml",
                                        "--key-in-message", "--report"});
    INFO(valid.out << valid.err);
    CHECK(valid.code == 0);
    const Record report = codec::read_json(valid.out).value();
    const Record& first = report.find("signatures")->items().front();
    CHECK(first.text_of("verdict") == "valid");
    CHECK(first.text_of("algorithm") == "ecdsa-p256-sha256");
    CHECK(first.find("signed")->items().front().text_of("element") == "/Signature/Object");

    const Ran refused = commands::datong(
        {"verify-xml", folder + "merlin-xmldsig-twenty-three/signature-enveloping-rsa.xml", "--key-in-message"});
    CHECK(refused.code == 1);
    CHECK_THAT(refused.out, ContainsSubstring("REFUSED") && ContainsSubstring("rsa-sha1"));

    const std::string mac = folder + "aleksey-xmldsig-01/enveloping-sha256-hmac-sha256.xml";
    CHECK(commands::datong({"verify-xml", mac, "--secret", folder + "keys/hmackey.bin"}).code == 0);
    const support::ScratchFolder scratch;
    scratch.write("wrong.bin", std::string(32, 'x'));
    const Ran wrong = commands::datong({"verify-xml", mac, "--secret", scratch / "wrong.bin"});
    CHECK(wrong.code == 1);
    CHECK_THAT(wrong.out, ContainsSubstring("INVALID"));
    CHECK(commands::datong({"verify-xml", mac}).code == 2);
    scratch.write("unsigned.xml", "<a/>");
    CHECK(commands::datong({"verify-xml", scratch / "unsigned.xml", "--key-in-message"}).code == 1);
}
