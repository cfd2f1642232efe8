// OpenSSL 3.0's own methods of RSA and EC keys are deprecated, and there is no other way to sign elsewhere without a
// provider of one's own.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <openssl/async.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/crypto/key_state.h"
#include "core/crypto/token.h"

namespace datong::crypto {
namespace {

/// A signature between a handshake that is put aside and the token's thread. Each holds it as long as it needs it.
class Errand {
public:
    Errand() : bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;
    ~Errand() {
        if (bell_ >= 0) {
            ::close(bell_);
        }
    }

    /// Readable once it is done.
    [[nodiscard]] int bell() const { return bell_; }
    void do_now(const std::function<std::string()>& work) {
        if (is_given_up()) {
            return;
        }
        std::string made = work();
        const std::lock_guard lock{mutex_};
        made_ = std::move(made);
        const std::uint64_t one = 1;
        static_cast<void>(::write(bell_, &one, sizeof one));
    }
    [[nodiscard]] bool is_done() const {
        const std::lock_guard lock{mutex_};
        return made_.has_value();
    }
    /// What was made, which may be nothing; nobody waits for it any more.
    [[nodiscard]] std::string take() {
        const std::lock_guard lock{mutex_};
        given_up_ = true;
        return std::exchange(made_, std::nullopt).value_or("");
    }

private:
    [[nodiscard]] bool is_given_up() const {
        const std::lock_guard lock{mutex_};
        return given_up_;
    }

    const int bell_;
    mutable std::mutex mutex_;
    std::optional<std::string> made_;
    bool given_up_{};
};

/// The key in its token, and the way there. A handshake that is put aside stands on a stack of 32 KiB that OpenSSL gave
/// it; of that 8 KiB are used by the deepest that was tried, with a client's chain of RSA keys of 8192 bits.
struct Signer {
    std::shared_ptr<EVP_PKEY> key;
    TokenLine* line;

    /// @param work  the signature, made by the token's thread; empty when it fails.
    /// @return empty when it fails or does not come in time.
    [[nodiscard]] std::string fetch(std::function<std::string()> work) const {
        const auto errand = std::make_shared<Errand>();
        std::function<void()> go = [errand, work = std::move(work)] { errand->do_now(work); };
        ASYNC_JOB* handshake = ASYNC_get_current_job();
        if (handshake == nullptr) {
            return line->run(std::move(go), kTokenTime) ? errand->take() : std::string{};
        }
        const auto until = std::chrono::steady_clock::now() + kTokenTime;
        ASYNC_WAIT_CTX* waits = ASYNC_get_wait_ctx(handshake);
        if (errand->bell() < 0 || ASYNC_WAIT_CTX_set_wait_fd(waits, this, errand->bell(), nullptr, nullptr) != 1) {
            return {};
        }
        bool goes_on = line->start(std::move(go), kTokenTime);
        while (goes_on && !errand->is_done() && std::chrono::steady_clock::now() < until) {
            goes_on = ASYNC_pause_job() == 1;
        }
        ASYNC_WAIT_CTX_clear_fd(waits, this);
        return errand->take();
    }
};

int no_signature() {
    ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "the token gives no signature");
    return -1;
}

// One Signer hangs on each key of ours, and goes with it.

int copy_signer(CRYPTO_EX_DATA*, const CRYPTO_EX_DATA*, void** held, int, long, void*) {
    if (*held != nullptr) {
        *held = std::make_unique<Signer>(*static_cast<const Signer*>(*held)).release();  // drop_signer takes it
    }
    return 1;
}

void drop_signer(void*, void* held, CRYPTO_EX_DATA*, int, long, void*) {
    const std::unique_ptr<Signer> ends{static_cast<Signer*>(held)};
}

int rsa_slot() {
    static const int slot = RSA_get_ex_new_index(0, nullptr, nullptr, copy_signer, drop_signer);
    return slot;
}

int ec_slot() {
    static const int slot = EC_KEY_get_ex_new_index(0, nullptr, nullptr, copy_signer, drop_signer);
    return slot;
}

std::string sign_rsa(EVP_PKEY* key, const std::string& given, int padding) {
    auto* rsa = const_cast<RSA*>(EVP_PKEY_get0_RSA(key));  // the engine's own object, which OpenSSL 3 calls const
    std::string out(static_cast<std::size_t>(std::max(0, EVP_PKEY_get_size(key))), '\0');
    const int size = RSA_private_encrypt(static_cast<int>(given.size()), octets(given), octets(out), rsa, padding);
    static_cast<void>(take_openssl_errors());
    out.resize(static_cast<std::size_t>(std::max(0, size)));
    return out;
}

std::string sign_ec(EVP_PKEY* key, const std::string& digest) {
    auto* ec = const_cast<EC_KEY*>(EVP_PKEY_get0_EC_KEY(key));
    std::string out(static_cast<std::size_t>(std::max(0, EVP_PKEY_get_size(key))), '\0');
    unsigned int size = 0;
    const bool good = ECDSA_sign(0, octets(digest), static_cast<int>(digest.size()), octets(out), &size, ec) == 1;
    static_cast<void>(take_openssl_errors());
    out.resize(good ? size : 0);
    return out;
}

/// RSA_METHOD's rsa_priv_enc: how every signature of an RSA key is made in the end, PSS too, which is padded before.
int rsa_sign_in_token(int size, const unsigned char* given, unsigned char* out, RSA* rsa, int padding) noexcept {
    const auto* signer = static_cast<const Signer*>(RSA_get_ex_data(rsa, rsa_slot()));
    if (signer == nullptr || size < 0) {
        return no_signature();
    }
    std::string message(reinterpret_cast<const char*>(given), static_cast<std::size_t>(size));
    const std::string made = signer->fetch(
        [key = signer->key, message = std::move(message), padding] { return sign_rsa(key.get(), message, padding); });
    if (made.size() != static_cast<std::size_t>(RSA_size(rsa))) {
        return no_signature();
    }
    std::copy(made.begin(), made.end(), out);
    return static_cast<int>(made.size());
}

/// EC_KEY_METHOD's sign: a digest in, DER out.
int ec_sign_in_token(int, const unsigned char* digest, int size, unsigned char* out, unsigned int* out_size,
                     const BIGNUM*, const BIGNUM*, EC_KEY* ec) noexcept {
    const auto* signer = static_cast<const Signer*>(EC_KEY_get_ex_data(ec, ec_slot()));
    if (signer == nullptr || size < 0) {
        no_signature();
        return 0;
    }
    std::string message(reinterpret_cast<const char*>(digest), static_cast<std::size_t>(size));
    const std::string made =
        signer->fetch([key = signer->key, message = std::move(message)] { return sign_ec(key.get(), message); });
    if (made.empty() || made.size() > static_cast<std::size_t>(ECDSA_size(ec))) {
        no_signature();
        return 0;
    }
    std::copy(made.begin(), made.end(), out);
    *out_size = static_cast<unsigned int>(made.size());
    return 1;
}

const RSA_METHOD* rsa_method() {
    static const RSA_METHOD* method = [] {
        RSA_METHOD* made = RSA_meth_dup(RSA_PKCS1_OpenSSL());
        RSA_meth_set_priv_enc(made, rsa_sign_in_token);
        return made;  // never freed: keys may outlive whatever would free it
    }();
    return method;
}

const EC_KEY_METHOD* ec_method() {
    static const EC_KEY_METHOD* method = [] {
        EC_KEY_METHOD* made = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
        EC_KEY_METHOD_set_sign(made, ec_sign_in_token, nullptr, nullptr);
        return made;
    }();
    return method;
}

using RsaPtr = std::unique_ptr<RSA, FreeWith<RSA_free>>;
using EcPtr = std::unique_ptr<EC_KEY, FreeWith<EC_KEY_free>>;

bool fill_rsa(EVP_PKEY* out, const EVP_PKEY* pub, std::unique_ptr<Signer> signer) {
    const RsaPtr rsa{RSAPublicKey_dup(EVP_PKEY_get0_RSA(pub))};
    if (!rsa || RSA_set_method(rsa.get(), rsa_method()) != 1 ||
        RSA_set_ex_data(rsa.get(), rsa_slot(), signer.get()) != 1) {
        return false;
    }
    static_cast<void>(signer.release());  // drop_signer takes it
    RSA_set_flags(rsa.get(), RSA_FLAG_EXT_PKEY);
    return EVP_PKEY_set1_RSA(out, rsa.get()) == 1;
}

bool fill_ec(EVP_PKEY* out, const EVP_PKEY* pub, std::unique_ptr<Signer> signer) {
    const EcPtr ec{EC_KEY_dup(EVP_PKEY_get0_EC_KEY(pub))};
    if (!ec || EC_KEY_set_method(ec.get(), ec_method()) != 1 ||
        EC_KEY_set_ex_data(ec.get(), ec_slot(), signer.get()) != 1) {
        return false;
    }
    static_cast<void>(signer.release());  // drop_signer takes it
    return EVP_PKEY_set1_EC_KEY(out, ec.get()) == 1;
}

}  // namespace

Result<KeyPtr> handshake_key(const SigningKey& key) {
    const VerifyingKey::State& state = key.state();
    if (!state.token || ASYNC_is_capable() != 1) {
        return fail(Fault::bad_request, state.token ? "本系统的 OpenSSL 不能异步签名 OpenSSL has no jobs on this system"
                                                    : "不是令牌中的密钥 a key in no token");
    }
    KeyPtr made{EVP_PKEY_new()};
    if (!made || EVP_PKEY_up_ref(state.token.get()) != 1) {
        return fail(Fault::internal, "key: " + take_openssl_errors());
    }
    auto signer =
        std::make_unique<Signer>(Signer{.key = {state.token.get(), FreeWith<EVP_PKEY_free>{}}, .line = state.line});
    const bool good = state.kind == KeyKind::p256 ? fill_ec(made.get(), state.key.get(), std::move(signer))
                                                  : fill_rsa(made.get(), state.key.get(), std::move(signer));
    if (!good) {
        return fail(Fault::internal, "key: not for TLS: " + take_openssl_errors());
    }
    return made;
}

}  // namespace datong::crypto
