#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/crypto/key.h"
#include "core/crypto/openssl.h"

namespace datong::crypto {

/// What a key is; it alone decides which algorithms it serves.
enum class KeyKind { p256, ed25519, rsa, rsa_pss, sm2, secret };

[[nodiscard]] bool fits(KeyKind kind, Algorithm algorithm);
[[nodiscard]] Algorithm default_algorithm_of(KeyKind kind);

/// The one way to a token: a thread of its own, which does one thing after the other, for not every module bears two
/// callers, and PKCS#11 knows no deadline. A module that does not come back (an HSM whose network is gone) holds that
/// thread, and who waits for it no longer than `most`. May be used from many threads; lives as long as the process.
class TokenLine {
public:
    /// @param work  owns all that it needs, for it may end after its caller has gone. Must not throw.
    /// @return whether it was done in time. Whoever comes while something hangs is told so at once.
    [[nodiscard]] bool run(std::function<void()> work, std::chrono::milliseconds most);
    /// The same for who waits elsewhere, and not here: so many wait at most.
    /// @param work  looks itself whether anybody still waits for it.
    /// @return whether it will be done. Not when something hangs for as long as `most`, or too many wait.
    [[nodiscard]] bool start(std::function<void()> work, std::chrono::milliseconds most);
    /// The process ends: nothing begins any more, and what the thread is at is waited for, so that no module is ended
    /// while it works. One that hangs is left.
    void end(std::chrono::milliseconds most);
    /// Held by the thread while it works; for who uses the token beside it (the makers of certificates).
    [[nodiscard]] std::mutex& mutex() const;

    struct Core;
    TokenLine();

private:
    std::shared_ptr<Core> core_;  ///< shared with the thread, which nobody can end
};

/// A context that was made ready once for operations over digests: who needs it takes a copy, and leaves it to the next
/// when the operation went well, for to copy and to free one costs as much as the digest of a KiB. May be used from
/// many threads. Source: EVP_PKEY_sign(3), EVP_PKEY_verify(3): once initialised, for as many operations as one likes.
class SpareContext {
public:
    SpareContext() = default;
    SpareContext(const SpareContext&) = delete;
    SpareContext& operator=(const SpareContext&) = delete;
    ~SpareContext() { leave(nullptr); }

    /// Before it is shared. @param first  copied only.
    void start_with(KeyCtxPtr first) { first_ = std::move(first); }
    /// @return null when the library fails.
    [[nodiscard]] KeyCtxPtr take() const {
        EVP_PKEY_CTX* spare = spare_.exchange(nullptr);
        return KeyCtxPtr{spare != nullptr ? spare : EVP_PKEY_CTX_dup(first_.get())};
    }
    /// @param used  by an operation that succeeded: what one that failed left in it nobody knows.
    void leave(KeyCtxPtr used) const { const KeyCtxPtr before{spare_.exchange(used.release())}; }

private:
    KeyCtxPtr first_;
    mutable std::atomic<EVP_PKEY_CTX*> spare_{};
};

/// A key with everything prepared that does not depend on the message: a context per algorithm,
/// which each call copies. Only read after it was made, so many threads may use one.
struct VerifyingKey::State {
    KeyKind kind{};
    bool can_sign{};
    KeyPtr key;         ///< null for a secret; of a key in a token its public half
    KeyPtr token;       ///< the key in its token; null: `key` signs by itself
    TokenLine* line{};  ///< to the token; outlives every key
    Secret secret;      ///< empty for a key
    MacCtxPtr mac;      ///< keyed; null for a key

    struct Prepared {
        DigestCtxPtr verify;
        DigestCtxPtr sign;
    };
    std::array<Prepared, 7> prepared;  ///< by Algorithm; null where the kind does not fit, and of P-256:
    SpareContext verify_digest;        ///< P-256's, over SHA-256
    SpareContext sign_digest;
};

/// @return Fault::bad_request for a key of a kind or size that is not accepted.
[[nodiscard]] Result<std::shared_ptr<const VerifyingKey::State>> make_state(KeyPtr key, bool can_sign);
/// A key in a token, which signs there. @param line  outlives every key.
[[nodiscard]] Result<std::shared_ptr<const VerifyingKey::State>> make_token_state(KeyPtr pub, KeyPtr token,
                                                                                  TokenLine& line);
/// A failure of the library ends the process.
[[nodiscard]] std::shared_ptr<const VerifyingKey::State> make_secret_state(Secret secret);

/// What signs certificates and requests: the key itself, or the one in its token.
[[nodiscard]] EVP_PKEY* signer_of(const VerifyingKey::State& state);
/// While it is held nobody else uses the key's token; of other keys nothing.
[[nodiscard]] std::unique_lock<std::mutex> hold_token(const VerifyingKey::State& state);

/// A context that signs or verifies with SM2 and SM3 for an identity; null when the library fails.
[[nodiscard]] DigestCtxPtr start_sm2(EVP_PKEY* key, std::string_view identity, bool to_sign);

[[nodiscard]] Status verify_with(const VerifyingKey::State& state, Algorithm algorithm, std::string_view message,
                                 std::string_view signature);
[[nodiscard]] Result<std::string> sign_with(const VerifyingKey::State& state, Algorithm algorithm,
                                            std::string_view message);

/// Makes ready what a P-256 key signs and verifies digests with.
[[nodiscard]] bool prepare_p256(VerifyingKey::State& state, bool to_sign);
/// @param der  the signature. @return false, with the library's errors: it does not hold.
[[nodiscard]] bool verify_p256(const VerifyingKey::State& state, std::string_view message, std::string_view der);
/// @param out   as long as the longest signature in DER.
/// @param size  of `out`; becomes that of the signature.
[[nodiscard]] bool sign_p256(const VerifyingKey::State& state, std::string_view message, std::string& out,
                             std::size_t& size);

/// Whether an RSA key can be broken although it is long: an exponent of 1 or an even one, or ROCA's primes.
[[nodiscard]] bool is_weak_rsa(const EVP_PKEY* key);

/// Public JWK with the required members only, in the order of RFC 7638, 3.2; null for a secret.
[[nodiscard]] record::Record write_jwk(const VerifyingKey::State& state);
/// @return the public key, or Fault::bad_request. Symmetric keys are read by VerifyingKey::from_jwk.
[[nodiscard]] Result<KeyPtr> read_jwk(const record::Record& jwk);

}  // namespace datong::crypto
