// The engine interface is what PKCS#11 comes by on OpenSSL 3.0 of Debian 12 and Ubuntu 24.04: there is no provider yet.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/crypto/token.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <openssl/engine.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "core/base/text.h"
#include "core/crypto/key_state.h"

namespace datong::crypto {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
// Source: RFC 7512, 2.3 (what names token and object) and 2.4 (how to come to it).
constexpr std::array<std::string_view, 9> kPath{"token", "manufacturer", "serial",  "model",           "object",
                                                "type",  "id",           "slot-id", "slot-description"};

tl::unexpected<Error> wrong(const std::string& zh, const std::string& en) {
    return fail(Fault::bad_request, "pkcs11: " + zh + " " + en);
}

/// name=value; an empty name where there is no '='.
std::pair<std::string_view, std::string_view> pair_of(std::string_view text) {
    const auto equals = text.find('=');
    return equals == std::string_view::npos ? std::pair{std::string_view{}, text}
                                            : std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

/// Percent-decoded; the text itself where an escape is broken.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = text[i] == '%' && i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        out += octet ? *octet : std::string{text[i]};
        i += octet ? 2 : 0;
    }
    return out;
}

Status check_path(std::string_view path) {
    bool names_object = false;
    for (const std::string_view part : split(path, ';')) {
        const auto [name, value] = pair_of(part);
        if (name == "pin-value") {
            return wrong("PIN 不得写在 URI 里", "a PIN must not stand in the URI: use pin-source=file:PATH");
        }
        if (std::ranges::find(kPath, name) == kPath.end() || value.empty()) {
            return wrong("属性不认识: " + std::string{name}, "no attribute of a token's key: " + std::string{name});
        }
        names_object = names_object || name == "object" || name == "id";
    }
    return names_object ? Status{} : wrong("缺少 object 或 id", "names no object: object=LABEL or id=%01");
}

/// Where a PIN is: "file:keys/pin", "file:///etc/datong/pin" or a bare path.
std::string file_of(std::string_view source) {
    constexpr std::string_view kFile = "file:";
    source.remove_prefix(source.starts_with(kFile) ? kFile.size() : 0);
    source.remove_prefix(source.starts_with("//") ? 2 : 0);
    return std::string{source};
}

/// Why a token did not give its key, and what to do. @param why  OpenSSL's words, which hold no secret.
tl::unexpected<Error> not_opened(const TokenKey& where, const std::string& why) {
    if (why.find("PIN") != std::string::npos) {
        return wrong(where.object + ": PIN 不正确或已锁定; 核对 PIN 文件, 连续输错会锁定令牌",
                     "the PIN is wrong or locked: check the PIN's file, for wrong ones lock the token");
    }
    return wrong(where.object + ": 没有这样的令牌或密钥; 检查令牌是否在位、标签是否正确",
                 "no such token or key: is the token there, and are its label and the key's right?\n"
                 "  softhsm2-util --show-slots\n  pkcs11-tool --module " +
                     where.module + " --list-token-slots");
}

/// The engine with its module, made once; its sessions end with the process.
class Token {
public:
    static Token& only() {
        static Token& token =
            *std::make_unique<Token>().release();  // its thread may still use it when the process ends
        return token;
    }

    /// On the token's thread, in as long as a token may take that has just been put in.
    Result<KeyPtr> load(const TokenKey& where, const Secret& pin, bool is_private) {
        struct Job {
            Result<KeyPtr> made = fail(Fault::internal, "");
        };
        constexpr std::chrono::seconds kMost{20};
        const auto job = std::make_shared<Job>();
        const bool is_done =
            line_.run([this, job, where, pin, is_private] { job->made = load_there(where, pin, is_private); }, kMost);
        return is_done ? std::move(job->made) : wrong(where.object + ": 令牌没有应答", "the token does not answer");
    }

    TokenLine& line() { return line_; }

private:
    Result<KeyPtr> load_there(const TokenKey& where, const Secret& pin, bool is_private) {
        if (auto ready = start(where.module); !ready) {
            return fail(std::move(ready.error()));
        }
        // by a control and not in the URI, which the engine prints when it fails
        if (ENGINE_ctrl_cmd_string(engine_, "PIN", pin.reveal().c_str(), 0) != 1) {
            static_cast<void>(take_openssl_errors());
            return wrong("引擎不接受 PIN", "the engine takes no PIN");
        }
        UI_METHOD* nobody = const_cast<UI_METHOD*>(UI_null());  // a wrong PIN must not ask at a terminal; only read
        KeyPtr key{is_private ? ENGINE_load_private_key(engine_, where.object.c_str(), nobody, nullptr)
                              : ENGINE_load_public_key(engine_, where.object.c_str(), nobody, nullptr)};
        const std::string why = take_openssl_errors();
        if (!key) {
            return not_opened(where, why);
        }
        // what is registered last runs first: before the module's own end, once it has made what it needs
        [[maybe_unused]] static const bool waits = std::atexit([] { only().line_.end(kTokenTime); }) == 0;
        return key;
    }

    Status start(const std::string& module) {
        if (engine_ != nullptr) {
            return module == module_ ? Status{}
                                     : wrong("一个进程只能用一个 PKCS#11 模块: " + module_,
                                             "a process works with one module, and has " + module_);
        }
        ENGINE_load_builtin_engines();
        ENGINE* engine = ENGINE_by_id("pkcs11");
        if (engine == nullptr) {
            static_cast<void>(take_openssl_errors());
            return wrong("没有 OpenSSL 的 pkcs11 引擎",
                         "OpenSSL has no engine pkcs11:\n  apt-get install libengine-pkcs11-openssl");
        }
        const bool ready =
            ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module.c_str(), 0) == 1 && ENGINE_init(engine) == 1;
        static_cast<void>(take_openssl_errors());
        if (!ready) {
            ENGINE_free(engine);
            return wrong("模块不可用: " + module,
                         "the module can't be used; is it there, and its configuration readable?");
        }
        static_cast<void>(ENGINE_ctrl_cmd_string(engine, "QUIET", nullptr, 0));  // what it says we say ourselves
        engine_ = engine;
        module_ = module;
        return {};
    }

    TokenLine line_;
    ENGINE* engine_{};  ///< never freed: OpenSSL's own end comes first, and takes it along
    std::string module_;
};

/// The public half as a key of OpenSSL's own, which verifies without the token.
Result<KeyPtr> own_public(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    const unsigned char* at = der;
    KeyPtr made{size > 0 ? d2i_PUBKEY(nullptr, &at, size) : nullptr};
    OPENSSL_free(der);
    static_cast<void>(take_openssl_errors());
    return made ? Result<KeyPtr>{std::move(made)}
                : wrong("令牌里没有该密钥的公钥", "the token does not tell the key's public half");
}

}  // namespace

/// What the callers and the thread share.
struct TokenLine::Core {
    struct Job {
        std::function<void()> work;
        bool done{};
        bool given_up{};  ///< before it began: it need not be done
    };
    using Now = std::chrono::steady_clock;

    std::mutex token;  ///< held while the token is used
    std::mutex mutex;  ///< of what follows
    std::condition_variable changed;
    std::deque<std::shared_ptr<Job>> waiting;
    std::optional<Now::time_point> busy_since;
    bool ended{};

    /// A tenth earlier than who waits gives up, for his time began before the thread took what he brought: the next one
    /// must find it hanging.
    [[nodiscard]] bool hangs_for(std::chrono::milliseconds most) const {
        return busy_since && *busy_since + most * 9 / 10 <= Now::now();
    }

    [[noreturn]] void work_on() {
        std::unique_lock lock{mutex};
        for (;;) {
            changed.wait(lock, [this] { return !ended && !waiting.empty(); });
            const auto job = std::move(waiting.front());
            waiting.pop_front();
            if (job->given_up) {
                continue;
            }
            busy_since = Now::now();
            lock.unlock();
            {
                const std::lock_guard held{token};
                job->work();
            }
            lock.lock();
            busy_since.reset();
            job->done = true;
            changed.notify_all();
        }
    }
};

TokenLine::TokenLine() : core_{std::make_shared<Core>()} {
    std::thread{[core = core_] { core->work_on(); }}.detach();  // who hangs in a module can't be ended
}

bool TokenLine::run(std::function<void()> work, std::chrono::milliseconds most) {
    const auto until = Core::Now::now() + most;
    const auto job = std::make_shared<Core::Job>(Core::Job{.work = std::move(work)});
    std::unique_lock lock{core_->mutex};
    if (core_->hangs_for(most)) {
        return false;
    }
    core_->waiting.push_back(job);
    core_->changed.notify_all();
    const bool is_done = core_->changed.wait_until(lock, until, [&job] { return job->done; });
    job->given_up = !is_done;
    return is_done;
}

bool TokenLine::start(std::function<void()> work, std::chrono::milliseconds most) {
    constexpr std::size_t kMostWaiting = 256;
    const auto job = std::make_shared<Core::Job>(Core::Job{.work = std::move(work)});
    const std::lock_guard lock{core_->mutex};
    if (core_->hangs_for(most) || core_->waiting.size() >= kMostWaiting) {
        return false;
    }
    core_->waiting.push_back(job);
    core_->changed.notify_all();
    return true;
}

void TokenLine::end(std::chrono::milliseconds most) {
    std::unique_lock lock{core_->mutex};
    core_->ended = true;
    core_->changed.wait_for(lock, most, [this] { return !core_->busy_since; });
}

std::mutex& TokenLine::mutex() const {
    return core_->token;
}

bool is_token_uri(std::string_view text) {
    return text.starts_with(kScheme);
}

Result<TokenKey> read_token_uri(std::string_view uri) {
    const auto question = uri.find('?');
    TokenKey key{.object = std::string{uri.substr(0, question)}, .module = {}, .pin_source = {}};
    if (!is_token_uri(uri)) {
        return wrong("应以 pkcs11: 开头", "begins with pkcs11:");
    }
    if (auto path = check_path(std::string_view{key.object}.substr(kScheme.size())); !path) {
        return fail(std::move(path.error()));
    }
    const std::string_view query = question == std::string_view::npos ? std::string_view{} : uri.substr(question + 1);
    for (const std::string_view part : split(query, '&')) {
        const auto [name, value] = pair_of(part);
        if (name == "module-path") {
            key.module = decoded(value);
        } else if (name == "pin-source") {
            key.pin_source = file_of(decoded(value));
        } else if (name == "pin-value") {
            return wrong("PIN 不得写在 URI 里", "a PIN must not stand in the URI: use pin-source=file:PATH");
        } else if (!part.empty()) {
            return wrong("属性不认识: " + std::string{name}, "unknown attribute: " + std::string{name});
        }
    }
    if (!key.module.starts_with('/')) {
        return wrong("缺少 module-path (绝对路径)",
                     "needs module-path, an absolute path: "
                     "?module-path=/usr/lib/softhsm/libsofthsm2.so");
    }
    return key;
}

bool is_in_token(const SigningKey& key) {
    return key.state().token != nullptr;
}

Result<SigningKey> open_token_key(const TokenKey& where, const Secret& pin) {
    auto token_key = Token::only().load(where, pin, true);
    if (!token_key) {
        return fail(std::move(token_key.error()));
    }
    auto pub = own_public(token_key->get());
    if (!pub) {  // an RSA key tells it by itself, an EC key by the public object beside it
        auto other = Token::only().load(where, pin, false);
        pub = other ? own_public(other->get()) : fail(std::move(other.error()));
    }
    if (!pub) {
        return fail(std::move(pub.error()));
    }
    auto state = make_token_state(std::move(*pub), std::move(*token_key), Token::only().line());
    if (!state) {
        return fail(std::move(state.error()));
    }
    return SigningKey{std::move(*state)};
}

}  // namespace datong::crypto
