#include <optional>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "core/base/text.h"
#include "core/crypto/key_state.h"

namespace datong::crypto {
namespace {

using record::Record;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using ParamsMakerPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;

constexpr std::size_t kCoordinate = 32;

Error bad(std::string_view what) {
    return Error{Fault::bad_request, "jwk: " + std::string{what}};
}

/// A member in base64url; nullopt when it is absent, no text or malformed.
std::optional<std::string> octets_of(const Record& jwk, std::string_view name) {
    const Record* member = jwk.find(name);
    if (member == nullptr || !member->is_text() || member->scalar().empty()) {
        return std::nullopt;
    }
    return from_base64url(member->scalar());
}

Result<KeyPtr> make_key(const char* kind, OSSL_PARAM_BLD* maker) {
    const ParamsPtr parameters{OSSL_PARAM_BLD_to_param(maker)};
    const KeyCtxPtr context{EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr)};
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        static_cast<void>(take_openssl_errors());
        return fail(bad("no public key"));
    }
    return KeyPtr{key};
}

Result<KeyPtr> read_curve(const Record& jwk) {
    const auto x = octets_of(jwk, "x");
    const auto y = octets_of(jwk, "y");
    const bool is_sm2 = jwk.text_of("crv") == "SM2";
    if ((!is_sm2 && jwk.text_of("crv") != "P-256") || !x || !y || x->size() != kCoordinate ||
        y->size() != kCoordinate) {
        return fail(bad("EC needs crv P-256 or SM2, and x and y of 32 octets"));
    }
    const std::string point = "\x04" + *x + *y;
    const ParamsMakerPtr maker{OSSL_PARAM_BLD_new()};
    if (!maker ||
        OSSL_PARAM_BLD_push_utf8_string(maker.get(), OSSL_PKEY_PARAM_GROUP_NAME, is_sm2 ? "SM2" : "prime256v1", 0) !=
            1 ||
        OSSL_PARAM_BLD_push_octet_string(maker.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
        return fail(Fault::internal, "jwk: " + take_openssl_errors());
    }
    return make_key(is_sm2 ? "SM2" : "EC", maker.get());
}

Result<KeyPtr> read_rsa(const Record& jwk) {
    const auto n = octets_of(jwk, "n");
    const auto e = octets_of(jwk, "e");
    if (!n || !e || n->size() > 1024 || e->size() > 8) {
        return fail(bad("RSA needs n and e"));
    }
    const NumberPtr modulus{BN_bin2bn(octets(std::string_view{*n}), static_cast<int>(n->size()), nullptr)};
    const NumberPtr exponent{BN_bin2bn(octets(std::string_view{*e}), static_cast<int>(e->size()), nullptr)};
    const ParamsMakerPtr maker{OSSL_PARAM_BLD_new()};
    if (!modulus || !exponent || !maker ||
        OSSL_PARAM_BLD_push_BN(maker.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(maker.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
        return fail(Fault::internal, "jwk: " + take_openssl_errors());
    }
    return make_key("RSA", maker.get());
}

/// Source: RFC 8037, 2.
Result<KeyPtr> read_ed25519(const Record& jwk) {
    const auto x = octets_of(jwk, "x");
    if (jwk.text_of("crv") != "Ed25519" || !x || x->size() != kCoordinate) {
        return fail(bad("OKP needs crv Ed25519 and x of 32 octets"));
    }
    KeyPtr key{EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, octets(std::string_view{*x}), x->size())};
    if (!key) {
        static_cast<void>(take_openssl_errors());
        return fail(bad("no public key"));
    }
    return key;
}

/// A number of the key in base64url, padded to `least` octets.
std::string number_of(const EVP_PKEY* key, const char* name, int least) {
    BIGNUM* taken = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &taken) != 1) {
        return {};
    }
    const NumberPtr number{taken};
    std::string bytes(static_cast<std::size_t>(std::max(least, BN_num_bytes(taken))), '\0');
    const int size = BN_bn2binpad(taken, octets(bytes), static_cast<int>(bytes.size()));
    return size > 0 ? to_base64url(bytes) : std::string{};
}

std::string raw_of(const EVP_PKEY* key) {
    std::string bytes(kCoordinate, '\0');
    std::size_t size = bytes.size();
    return EVP_PKEY_get_raw_public_key(key, octets(bytes), &size) == 1 ? to_base64url(bytes) : std::string{};
}

}  // namespace

Result<KeyPtr> read_jwk(const Record& jwk) {
    const std::string kind = jwk.text_of("kty");
    if (jwk.find("d") != nullptr) {
        return fail(bad("a private key stands where a public one is wanted"));
    }
    if (kind == "EC") {
        return read_curve(jwk);
    }
    if (kind == "OKP") {
        return read_ed25519(jwk);
    }
    if (kind == "RSA") {
        return read_rsa(jwk);
    }
    return fail(bad("kty must be EC, OKP or RSA"));
}

Record write_jwk(const VerifyingKey::State& state) {
    Record jwk = state.kind == KeyKind::secret ? Record{} : Record::object();
    const EVP_PKEY* key = state.key.get();
    switch (state.kind) {
        case KeyKind::p256:
        case KeyKind::sm2:
            jwk.put("crv", Record::text(state.kind == KeyKind::sm2 ? "SM2" : "P-256"));
            jwk.put("kty", Record::text("EC"));
            jwk.put("x", Record::text(number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, kCoordinate)));
            jwk.put("y", Record::text(number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinate)));
            break;
        case KeyKind::ed25519:
            jwk.put("crv", Record::text("Ed25519"));
            jwk.put("kty", Record::text("OKP"));
            jwk.put("x", Record::text(raw_of(key)));
            break;
        case KeyKind::rsa:
        case KeyKind::rsa_pss:
            jwk.put("e", Record::text(number_of(key, OSSL_PKEY_PARAM_RSA_E, 1)));
            jwk.put("kty", Record::text("RSA"));
            jwk.put("n", Record::text(number_of(key, OSSL_PKEY_PARAM_RSA_N, 1)));
            break;
        case KeyKind::secret:
            break;
    }
    return jwk;
}

}  // namespace datong::crypto
