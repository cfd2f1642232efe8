#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/adapter/pattern.h"
#include "core/adapter/settings.h"
#include "core/base/guarded.h"
#include "core/charset/charset.h"
#include "core/crypto/cipher.h"
#include "core/outbound/keeper.h"
#include "core/profiles/place.h"

namespace datong::adapters::frame {

/// How a department hands out a key for a time (签到、工作密钥) and what that key does to the frames behind it. Pure:
/// who sends, keeps and renews is the adapter. May be used from many threads.
class Session {
public:
    /// The settings of `session`.
    [[nodiscard]] static std::vector<adapter::Setting> settings();
    /// @return nullptr after a mistake.
    [[nodiscard]] static std::unique_ptr<const Session> read(const adapter::Settings& settings, Mistakes& mistakes);

    /// The sign-in's message, in the charset of the settings.
    /// @param exchange  stands at {exchange}; beside it {date} yyyyMMdd, {time} HHmmss, {user} and {password}.
    [[nodiscard]] Result<std::string> sign_in(std::string_view exchange,
                                              std::chrono::system_clock::time_point now) const;
    /// Values of the sign-in's frame.
    [[nodiscard]] const adapter::Settings::Map& values() const noexcept { return values_; }
    /// What a sign-in's answer brings.
    /// @return Fault::department_refused when it is no success (wrong user or password), department_invalid when it has
    ///         no key, or none of the cipher's size.
    [[nodiscard]] Result<outbound::Grant> grant_of(std::string_view answer,
                                                   std::chrono::system_clock::time_point now) const;

    /// The body as it goes on the wire.
    [[nodiscard]] Result<std::string> seal(std::string body, const Secret& key) const;
    /// @return Fault::department_invalid for what this key did not encipher.
    [[nodiscard]] Result<std::string> open(std::string_view body, const Secret& key) const;

    /// Whether check values are made with the session's key.
    [[nodiscard]] bool makes_macs() const noexcept { return makes_macs_; }
    /// The part of the frame that says whether its body is enciphered; empty: all are.
    [[nodiscard]] const std::string& mark() const noexcept { return mark_; }
    [[nodiscard]] bool marks_enciphered(std::string_view octets) const;
    [[nodiscard]] bool enciphers() const noexcept { return cipher_.has_value(); }
    /// Whether an answer says that the key is not, or no longer, known there.
    [[nodiscard]] bool is_expired(std::string_view body) const;

    [[nodiscard]] std::vector<adapter::Warning> warnings() const;

private:
    enum class KeyForm { base64, hex, text };
    /// A place in an answer, and the values there that count.
    struct Rule {
        std::vector<profiles::Place> at;  ///< none, or one
        std::vector<std::string> values;

        [[nodiscard]] bool matches(const record::Record& message) const;
    };

    [[nodiscard]] static Rule read_rule(const adapter::Settings& settings, const std::string& name, Mistakes& mistakes);
    [[nodiscard]] static std::optional<crypto::Cipher> cipher_of(const std::string& name);
    void check(const adapter::Settings& settings, Mistakes& mistakes) const;
    [[nodiscard]] std::optional<std::string> decoded(std::string_view text) const;

    std::string user_;
    Secret password_;
    adapter::Settings::Map values_;
    adapter::Pattern message_;
    charset::Charset charset_{};
    Rule ok_;
    Rule key_;  ///< its place only
    Rule expired_;
    KeyForm key_form_{};
    std::optional<crypto::Cipher> key_cipher_;  ///< the session's key comes enciphered by the master key
    Secret master_key_;
    std::optional<crypto::Cipher> cipher_;
    std::string iv_;
    bool makes_macs_{};
    std::string mark_;
    std::vector<std::string> marks_;
    std::chrono::milliseconds life_{};
};

}  // namespace datong::adapters::frame
