#include "core/keyring/published.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "tests/support/catch.h"

using namespace datong;
using crypto::SigningKey;
using crypto::VerifyingKey;
using record::Record;

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

/// Every key of the corpora whose private half stands there: its SHA-256, and a file that has it.
class Corpora {
public:
    Corpora() {
        for (const char* corpus : {"crypto", "domain", "gmt", "jose", "rfc9421"}) {
            for (const auto& entry : fs::recursive_directory_iterator{fs::path{DATONG_TEST_DATA} / corpus}) {
                if (entry.is_regular_file()) {
                    take(entry.path());
                }
            }
        }
    }

    std::map<std::string, std::string> keys;

private:
    void take(const fs::path& path) {
        const std::string text = read(path);
        if (const auto key = SigningKey::from_pem(text)) {
            keys.emplace(key->verifying_key().thumbprint(), path.string());
        }
        if (path.extension() == ".b64") {
            std::string base64 = text;
            std::erase_if(base64, [](char c) { return c == '\n' || c == '\r'; });
            keys.emplace(to_base64url(crypto::sha256(from_base64(base64).value_or(""))), path.string());
        }
        if (const auto json = path.extension() == ".json" ? codec::read_json(text) : fail(Fault::bad_request, "")) {
            walk(*json, path.string());
        }
    }

    void walk(const Record& at, const std::string& file) {
        if (at.is_object() && at.find("kty") != nullptr) {
            take_jwk(at, file);
        }
        for (const std::string_view name : {"appkey", "appSecret", "secret", "token"}) {  // of a platform's vectors
            if (const std::string secret = at.text_of(name); !secret.empty()) {
                keys.emplace(to_base64url(crypto::sha256(secret)), file);
            }
        }
        for (std::size_t i = 0; at.is_object() && i < at.members().size(); ++i) {
            walk(at.members()[i].value, file);
        }
        for (std::size_t i = 0; at.is_list() && i < at.items().size(); ++i) {
            walk(at.items()[i], file);
        }
    }

    void take_jwk(const Record& jwk, const std::string& file) {
        const auto secret = from_base64url(jwk.text_of("k"));
        if (jwk.text_of("kty") == "oct" && secret && !secret->empty()) {
            keys.emplace(to_base64url(crypto::sha256(*secret)), file);
        }
        const auto key = jwk.find("d") != nullptr ? VerifyingKey::from_jwk(jwk) : fail(Fault::bad_request, "");
        if (key) {
            keys.emplace(key->thumbprint(), file);
        }
    }
};

}  // namespace

TEST_CASE("every key of the corpora whose private half is known is on the list, and nothing else is",
          "[keyring][security]") {
    const Corpora corpora;
    std::set<std::string_view> listed;
    for (const keyring::PublishedKey& one : keyring::published_keys()) {
        CAPTURE(one.sha256, one.where);
        CHECK(listed.insert(one.sha256).second);
        CHECK(corpora.keys.contains(std::string{one.sha256}));
    }
    for (const auto& [sha256, file] : corpora.keys) {
        CAPTURE(sha256, file);
        CHECK(listed.contains(sha256));
    }
}

TEST_CASE("a published key is known by its public half, and a new one is not", "[keyring][security]") {
    const auto known = VerifyingKey::from_pem(read(DATONG_TEST_DATA "/rfc9421/keys/test-key-ed25519.pub.pem"));
    REQUIRE(known.has_value());
    CHECK_THAT(std::string{keyring::published_in(*known)}, ContainsSubstring("RFC 9421"));
    CHECK(keyring::published_in(SigningKey::generate(crypto::Algorithm::ed25519)->verifying_key()).empty());
    CHECK(keyring::published_in(Secret{crypto::random_bytes(32)}).empty());
    CHECK(keyring::published_in(VerifyingKey::from_secret(Secret{std::string(32, 'x')})).empty());
}
