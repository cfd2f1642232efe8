#include "examples/clients/cpp/trust.h"

#include <utility>

#include "core/codec/json.h"
#include "examples/clients/cpp/judge.h"

namespace datong::client {
namespace {

using record::Record;

bool is_ours(const Record& jwk) {
    const std::string kind = jwk.text_of("kty");
    const std::string curve = jwk.text_of("crv");
    return kind == "RSA" || (kind == "EC" && curve == "P-256") || (kind == "OKP" && curve == "Ed25519");
}

}  // namespace

Result<Trust> Trust::from_text(std::string_view jwks) {
    const auto read = codec::read_json(jwks, kAnswerLimits);
    return read ? from_jwks(*read) : fail(Error{read.error()}.within("trust"));
}

Result<Trust> Trust::from_jwks(const Record& jwks) {
    const Record* keys = jwks.find("keys");
    if (keys == nullptr || !keys->is_list()) {
        return fail(Fault::bad_request, "trust: no JWKS (an object with \"keys\")");
    }
    Trust trust;
    for (const Record& jwk : keys->items()) {
        const std::string keyid = jwk.text_of("kid");
        const bool is_retired = jwk.find("datong_to") != nullptr;
        if (keyid.empty() || !is_ours(jwk) || is_retired) {
            continue;
        }
        auto key = crypto::VerifyingKey::from_jwk(jwk);
        if (!key) {
            return fail(std::move(key.error()).within("trust: key " + keyid));
        }
        if (trust.find(keyid) != nullptr) {
            return fail(Fault::bad_request, "trust: two keys with id " + keyid);
        }
        trust.entries_.push_back({keyid, jwk.text_of("datong_owner"), jwk.text_of("iss"), std::move(*key)});
    }
    return trust;
}

const Trust::Entry* Trust::find(std::string_view keyid) const {
    for (const Entry& entry : entries_) {
        if (entry.keyid == keyid) {
            return &entry;
        }
    }
    return nullptr;
}

const crypto::VerifyingKey* Trust::gateway_key(std::string_view keyid) const {
    const Entry* entry = find(keyid);
    const bool fits = entry != nullptr && (entry->owner.empty() || entry->owner == "gateway");
    return fits ? &entry->key : nullptr;
}

std::optional<crypto::VerifyingKey> Trust::issuer_key(const signing::Issuer& issuer, std::string_view keyid) const {
    const Entry* entry = find(keyid);
    if (entry == nullptr || (!entry->iss.empty() && entry->iss != issuer.iss) ||
        (!entry->owner.empty() && entry->owner != "department:" + issuer.id)) {
        return std::nullopt;
    }
    return entry->key;
}

}  // namespace datong::client
