#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/container/archive.h"
#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "core/crypto/sm2.h"
#include "core/crypto/x509.h"
#include "tests/commands/asked.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;
using record::Record;

namespace {

/// The lines of the document's one block of commands.
std::string lines_by_hand() {
    std::ifstream in{DATONG_SOURCE_DIR "/docs/verify-by-hand.md"};
    const std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    const auto begin = text.find("```sh\n");
    const auto end = text.find("```", begin + 6);
    REQUIRE(end != std::string::npos);
    return text.substr(begin + 6, end - begin - 6);
}

/// What a verifier has from elsewhere: every consumer's and department's public key, below its owner and by its id.
std::string own_keys(const Installation& installation) {
    const std::string folder = installation.path("own-keys");
    const auto jwks = codec::read_json(installation.read("keys/trust.jwks"));
    REQUIRE(jwks);
    for (const Record& jwk : jwks->find("keys")->items()) {
        std::string owner{jwk.text_of("datong_owner")};
        std::replace(owner.begin(), owner.end(), ':', '/');
        std::filesystem::create_directories(folder + '/' + owner);
        const auto key = crypto::VerifyingKey::from_jwk(jwk);
        REQUIRE(key);
        std::ofstream{folder + '/' + owner + '/' + std::string{jwk.text_of("kid")} + ".pem"}
            << crypto::public_pem_of(*key).value();
    }
    return folder;
}

Ran by_hand(const Installation& installation, const std::string& container,
            const std::string& gateway_key = "gateway") {
    std::filesystem::remove_all(installation.path("by-hand"));
    std::filesystem::create_directories(installation.path("by-hand"));
    const std::string keys = installation.path("keys");
    return run({"/bin/sh", "-ec", "cd '" + installation.path("by-hand") + "'\n" + lines_by_hand()},
               {{"CONTAINER", container},
                {"KEYS", own_keys(installation)},
                {"GATEWAY_KEY", keys + '/' + gateway_key + ".pub.pem"},
                {"TSA_CA", keys + "/tsa.pem"}});
}

using Files = std::map<std::string, std::string>;

crypto::SigningKey key_of(const Installation& installation, const std::string& name) {
    return crypto::SigningKey::from_pem(installation.read("keys/" + name + ".key.pem")).value();
}

/// A container of these files, as whoever holds the gateway's key makes it: digests and signature are right.
std::string resigned(const Installation& installation, Files files) {
    files.erase("digests.txt");
    files.erase("mimetype");
    files.erase(std::string{container::kSignatures});
    std::vector<container::Part> parts;
    std::string digests;
    for (const auto& [name, octets] : files) {
        parts.push_back({.name = name, .media = "application/octet-stream", .octets = octets});
        digests += to_hex(crypto::sha256(octets)) + "  " + name + '\n';
    }
    parts.push_back({.name = "digests.txt", .media = "text/plain", .octets = digests});
    const auto key = key_of(installation, "gateway");
    const auto now = std::chrono::system_clock::now();
    const auto x509 =
        crypto::make_self_signed(key, {.use = crypto::KeyUse::sign, .common_name = "gateway", .organization = {}},
                                 {.not_before = now - std::chrono::hours{1}, .days = 30});
    REQUIRE(x509);
    const auto signatures = container::write_xades(parts, {.key = key, .x509_pem = *x509}, to_rfc3339(now));
    REQUIRE(signatures);
    const auto made = container::write_asic(parts, *signatures, now);
    REQUIRE(made);
    std::ofstream{installation.path("resigned.asice"), std::ios::binary} << *made;
    return installation.path("resigned.asice");
}

/// The request signed by another key, and the record made to fit.
void sign_request(Files& files, const crypto::SigningKey& key, const std::string& keyid) {
    Record intent = codec::read_json(files.at("records/intent.json")).value();
    Record seen = *intent.find("request");
    const auto algorithm = crypto::algorithm_by_name(seen.text_of("alg")).value();
    const auto signature = key.sign(algorithm, files.at("request/signature-base.txt")).value();
    seen.put("signature", Record::text(to_base64(signature)));
    seen.put("keyid", Record::text(keyid));
    intent.put("request", seen);
    files["records/intent.json"] = codec::write_json(intent);
    files["request/signature.bin"] = signature;
    files["request/signature.der"] = crypto::signature_for_openssl(algorithm, signature).value();
    const auto pem = crypto::public_pem_of(key.verifying_key());
    files["request/key.pem"] = pem.value();
    std::erase_if(files, [](const auto& file) { return file.first.starts_with("intent-seal/"); });
}

bool holds(const Installation& installation, const Files& files) {
    return by_hand(installation, resigned(installation, files)).code == 0;
}

}  // namespace

TEST_CASE("the ten lines prove an exchange of a chain in SM3, and no other hash passes for it",
          "[commands][container]") {
    Installation installation;
    installation.replace("config/gateway.yaml", "evidence:\n", "evidence:\n  hash: sm3\n");
    Serving serving{installation};
    REQUIRE(serving.call().code == 0);
    REQUIRE(serving.end() == 0);
    const auto evidence = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "evidence");
        words.insert(words.end(), {"--config", installation.config()});
        return datong::commands::datong(words, installation.environment);
    };
    const auto listed = codec::read_json(evidence({"list", "--json"}).out);
    REQUIRE(listed);
    const std::string id = listed->find("exchanges")->items().front().text_of("exchange");
    const std::string file = installation.path(id + ".asice");
    REQUIRE(evidence({"export", id, "-o", file}).code == 0);
    const Ran hand = by_hand(installation, file);
    CAPTURE(hand.out, hand.err);
    CHECK(hand.code == 0);
    const auto verify = [&](const std::string& what) {
        return datong::commands::datong({"verify", what, "--keys", installation.path("keys/trust.jwks")});
    };
    const Ran ran = verify(file);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK(verify(installation.path("evidence")).code == 0);
    Files files = container::read_asic(installation.read(id + ".asice")).value();
    REQUIRE(holds(installation, files));
    REQUIRE(files.at("seal/place.json").find(R"("hash":"sm3")") != std::string::npos);
    files["seal/path.txt"] = files["seal/path.txt"] + "R " + std::string(64, 'a') + '\n';
    CHECK_FALSE(holds(installation, files));
}

TEST_CASE("the ten lines of docs/verify-by-hand.md prove every exchange of a run, and nothing that was altered",
          "[commands][container]") {
    const std::string lines = lines_by_hand();
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 10);
    const Asked asked;
    const auto exchanges = asked.list();
    REQUIRE(exchanges.size() >= 25);
    std::vector<std::string> words{"export", "-o", asked.installation.path("containers")};
    std::filesystem::create_directories(asked.installation.path("containers"));
    for (const Record& one : exchanges) {
        words.push_back(one.text_of("exchange"));
    }
    const Ran made = asked.evidence(words);
    CAPTURE(made.out, made.err);
    REQUIRE(made.code == 0);
    std::string last;
    for (const Record& one : exchanges) {
        const std::string id = one.text_of("exchange");
        CAPTURE(id, one.text_of("service"), one.text_of("outcome"));
        last = asked.installation.path("containers/" + id + ".asice");
        const Ran hand = by_hand(asked.installation, last);
        CAPTURE(hand.out, hand.err);
        CHECK(hand.code == 0);
        const Ran ran =
            datong::commands::datong({"verify", last, "--keys", asked.installation.path("keys/trust.jwks")});
        CAPTURE(ran.out);
        CHECK(ran.code == 0);
        CHECK_THAT(ran.out, ContainsSubstring("container: valid") && ContainsSubstring(id));
    }
    CHECK(by_hand(asked.installation, last, "tax").code != 0);
    // every file altered in turn: the lines see each
    std::filesystem::create_directories(asked.installation.path("altered"));
    const std::string folder = asked.installation.path("altered");
    REQUIRE(run({"/usr/bin/unzip", "-q", last, "-d", folder}).code == 0);
    std::size_t altered = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file() || entry.path().filename() == "mimetype") {
            continue;
        }
        const std::string name = std::filesystem::relative(entry.path(), folder).string();
        CAPTURE(name);
        std::ifstream in{entry.path(), std::ios::binary};
        std::string octets{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
        in.close();
        const std::string good = octets;
        octets[octets.size() / 2] = static_cast<char>(octets[octets.size() / 2] ^ 1);
        std::ofstream{entry.path(), std::ios::binary} << octets;
        const std::string other = asked.installation.path("other.asice");
        std::filesystem::remove(other);
        REQUIRE(run({"/bin/sh", "-c",
                     "cd '" + folder + "' && zip -q -0 -X '" + other + "' mimetype && zip -q -r -X -D '" + other +
                         "' . -x mimetype"})
                    .code == 0);
        CHECK(by_hand(asked.installation, other).code != 0);
        CHECK(datong::commands::datong({"verify", other, "--keys", asked.installation.path("keys/trust.jwks")}).code ==
              1);
        std::ofstream{entry.path(), std::ios::binary} << good;
        ++altered;
    }
    CHECK(altered >= 12);
}

TEST_CASE("the lines see what whoever holds the gateway's key signed anew", "[commands][container][security]") {
    const Asked asked;
    const Installation& there = asked.installation;
    const auto files_of = [&](const std::string& service) {
        const auto listed = asked.list({"--service", service, "--outcome", "found"});
        REQUIRE_FALSE(listed.empty());
        const std::string file = there.path("one.asice");
        REQUIRE(asked.evidence({"export", listed.front().text_of("exchange"), "-o", file}).code == 0);
        return container::read_asic(there.read("one.asice")).value();
    };
    const Files good = files_of("tax-clearance");
    const Files other = files_of("fund-deposit-certificate");
    REQUIRE(holds(there, good));
    const auto with = [&](const std::string& stem, const std::vector<std::string>& ends, const std::string& from) {
        Files files = good;
        for (const std::string& end : ends) {
            files[stem + end] = other.at(from + end);
        }
        return holds(there, files);
    };
    {
        // a key of nobody's, with a line before its BEGIN that every PEM has, or an empty one
        const auto nobody = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
        Files files = good;
        const std::string keyid{codec::read_json(good.at("records/intent.json"))->find("request")->text_of("keyid")};
        sign_request(files, nobody, keyid);
        files["request/key.pem"] = "-----\n\n" + files.at("request/key.pem");
        CHECK_FALSE(holds(there, files));
        sign_request(files, nobody, "../../by-hand/proof/request/key");
        CHECK_FALSE(holds(there, files));
    }
    {
        Files files = good;  // a department's key in the consumer's place
        sign_request(files, key_of(there, "tax"), "tax-2026");
        CHECK_FALSE(holds(there, files));
        sign_request(files, key_of(there, "one-window"), "one-window-2026");
        files["request/body.json"] = other.at("request/body.json");
        CHECK_FALSE(holds(there, files));
    }
    // genuine signatures of another exchange
    CHECK_FALSE(with("request/", {"signature-base.txt", "signature.bin", "signature.der"}, "request/"));
    CHECK_FALSE(with("answer/", {"signature-base.txt", "signature.bin", "signature.der"}, "answer/"));
    CHECK_FALSE(with("certificates/1", {".txt", ".der", ".pem"}, "certificates/1"));
    CHECK_FALSE(with("certificates/1", {".jws", ".txt", ".der", ".pem"}, "certificates/1"));
    CHECK_FALSE(with("records/", {"intent.json"}, "records/"));
    {
        Files files = good;
        files["answer/body.xml"] = "<other/>";
        CHECK_FALSE(holds(there, files));
        files = good;
        files["seal/record.txt"] = "records/intent.json";
        for (const char* end : {"path.txt", "seal.jws", "seal.txt", "seal.der"}) {
            files[std::string{"seal/"} + end] = good.at(std::string{"intent-seal/"} + end);
        }
        CHECK_FALSE(holds(there, files));
        files = good;
        files["seal/seal.txt"] += "\n";
        CHECK_FALSE(holds(there, files));
    }
}
