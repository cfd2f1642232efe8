#include "core/signing/jwk_set.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace datong::signing {
namespace {

using record::Record;

bool may_verify(const Record& jwk) {
    const Record* operations = jwk.find("key_ops");
    if (operations == nullptr) {
        return true;
    }
    const auto& all = operations->items();
    return std::any_of(all.begin(), all.end(), [](const Record& one) { return one.scalar() == "verify"; });
}

/// Of all keys, those that are passed over too: a signature's kid must say one thing.
bool names_are_unique(const Record::List& keys) {
    std::set<std::string, std::less<>> names;
    return std::all_of(keys.begin(), keys.end(), [&names](const Record& key) {
        const Record* name = key.find("kid");
        return name == nullptr || names.emplace(name->scalar()).second;
    });
}

Result<JwkSet::Key> read_key(const Record& jwk) {
    if (!jwk.is_object()) {
        return fail(Fault::bad_request, "jwk: no object");
    }
    if (!may_verify(jwk)) {
        return fail(Fault::bad_request, "jwk: key_ops has no verify");
    }
    auto key = crypto::VerifyingKey::from_jwk(jwk);
    if (!key) {
        return fail(std::move(key.error()));
    }
    return JwkSet::Key{
        .id = jwk.text_of("kid"), .only = crypto::algorithm_by_jws_name(jwk.text_of("alg")), .key = std::move(*key)};
}

}  // namespace

Result<JwkSet> JwkSet::read(const Record& jwks) {
    const Record* listed = jwks.find("keys");
    const Record::List keys = listed != nullptr ? listed->items() : Record::List{jwks};
    if (!names_are_unique(keys)) {
        return fail(Fault::bad_request, "jwks: two keys with one kid");
    }
    JwkSet set;
    std::size_t secrets = 0;
    for (const Record& jwk : keys) {
        auto key = read_key(jwk);
        if (!key) {
            set.passed_over_.push_back(key.error().detail());
            continue;
        }
        secrets += jwk.text_of("kty") == "oct" ? 1 : 0;
        set.keys_.push_back(std::move(*key));
    }
    if (secrets > 0 && secrets < set.keys_.size()) {
        return fail(Fault::bad_request, "jwks: secrets stand beside public keys");
    }
    if (set.keys_.empty()) {
        return fail(Fault::bad_request, "jwks: no key that verifies signatures" +
                                            (set.passed_over_.empty() ? std::string{} : ": " + set.passed_over_[0]));
    }
    return set;
}

const JwkSet::Key* JwkSet::find(std::string_view id) const {
    if (id.empty()) {
        return keys_.size() == 1 ? keys_.data() : nullptr;
    }
    const auto found = std::find_if(keys_.begin(), keys_.end(), [id](const Key& key) { return key.id == id; });
    // a key without a name is whatever a signature calls it, when it is the only one
    const bool alone = keys_.size() == 1 && keys_.front().id.empty();
    return found != keys_.end() ? &*found : alone ? keys_.data() : nullptr;
}

Result<const JwkSet::Key*> verify_jws(const Jws& jws, const JwkSet& set) {
    const JwkSet::Key* key = set.find(jws.keyid());
    if (key == nullptr) {
        return fail(Fault::signature_invalid, "jws: no key by that kid");
    }
    if (key->only && crypto::jws_name_of(*key->only) != jws.header.text_of("alg")) {
        return fail(Fault::signature_invalid, "jws: the key is for another alg");
    }
    if (auto good = verify_jws(jws, key->key); !good) {
        return fail(std::move(good.error()));
    }
    return key;
}

}  // namespace datong::signing
