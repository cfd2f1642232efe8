#include "core/app/demo_keys.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "core/crypto/x509.h"

namespace datong::app {
namespace {

using record::Record;

/// Who has a key in the demo, and the id that it is known by.
struct Holder {
    std::string_view name;
    std::string_view owner;  ///< what the key may speak for: an issuer's key is no consumer's
};
constexpr Holder kHolders[] = {{"gateway", "gateway"},
                               {"land", "department:land"},
                               {"tax", "department:tax"},
                               {"fund", "department:fund"},
                               {"market", "department:market"},
                               {"cases", "department:cases"},
                               {"social", "department:social"},
                               {"civil", "department:civil"},
                               {"medical", "department:medical"},
                               {"health", "department:health"},
                               {"disabled", "department:disabled"},
                               {"talent", "department:talent"},
                               {"construction", "department:construction"},
                               {"planning", "department:planning"},
                               {"ndrc", "department:ndrc"},
                               {"environment", "department:environment"},
                               {"finance", "department:finance"},
                               {"utilities", "department:utilities"},
                               {"commerce", "department:commerce"},
                               {"enforcement", "department:enforcement"},
                               {"filing", "department:filing"},
                               {"items", "department:items"},
                               {"one-window", "consumer:one-window"},
                               {"portal", "consumer:portal"},
                               {"city-consent", "consent_issuer:city-consent"}};

Status write(const std::string& path, const std::string& text) {
    std::ofstream out{path, std::ios::binary};
    out << text;
    out.close();
    ::chmod(path.c_str(), 0600);
    return out ? Status{} : fail(Fault::internal, "can't write " + path);
}

Status write_pair(const std::string& path, const crypto::SigningKey& key) {
    const auto secret = key.to_pem();
    const auto pem = key.public_pem();
    if (!secret || !pem) {
        return fail(secret ? pem.error() : secret.error());
    }
    if (auto written = write(path + ".key.pem", secret->reveal()); !written) {
        return written;
    }
    return write(path + ".pub.pem", *pem);
}

Status make_signing_keys(const std::string& folder) {
    Record keys = Record::list();
    for (const Holder& holder : kHolders) {
        const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
        if (!key) {
            return fail(key.error());
        }
        if (auto written = write_pair(folder + '/' + std::string{holder.name}, *key); !written) {
            return written;
        }
        Record jwk = key->verifying_key().to_jwk();
        jwk.put("kid", Record::text(std::string{holder.name} + "-2026"));
        jwk.put("datong_owner", Record::text(std::string{holder.owner}));
        keys.add(std::move(jwk));
    }
    Record jwks = Record::object();
    jwks.put("keys", std::move(keys));
    return write(folder + "/trust.jwks", codec::write_json(jwks));
}

Status make_tls(const std::string& folder) {
    const auto ca_key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    const auto tls_key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    if (!ca_key || !tls_key) {
        return fail(Fault::internal, "can't generate keys");
    }
    const crypto::Validity validity{.not_before = std::chrono::system_clock::now() - std::chrono::hours{1}, .days = 30};
    const auto ca = crypto::make_ca(*ca_key, "datong demo CA", validity);
    if (!ca) {
        return fail(ca.error());
    }
    const auto chain = crypto::make_x509(
        {.pem = *ca, .key = *ca_key}, *tls_key,
        {.common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1"}, .validity = validity});
    if (!chain) {
        return fail(chain.error());
    }
    for (const auto& [name, text] : {std::pair{"/ca.pem", *ca}, std::pair{"/tls.chain.pem", *chain}}) {
        if (auto written = write(folder + name, text); !written) {
            return written;
        }
    }
    return write_pair(folder + "/tls", *tls_key);
}

}  // namespace

Status make_demo_keys(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (auto made = make_signing_keys(folder); !made) {
        return made;
    }
    if (auto made = make_tls(folder); !made) {
        return made;
    }
    return write(folder + "/subject.key", crypto::random_bytes(32));
}

}  // namespace datong::app
