#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::journeys {

/// A consumer's key as calls are signed with it.
struct CallerKey {
    std::string id;
    crypto::SigningKey key;
};

/// Consumers that call without a pause from threads of their own, half over connections that they keep and half over
/// new ones, and check every answer: status 200, the gateway's and the department's signature, each by a key that the
/// gateway publishes.
class Callers {
public:
    struct Aim {
        std::string url;
        std::string ca_pem;
        std::string target;
        std::string body;
    };
    Callers(Aim aim, std::shared_ptr<const CallerKey> key, std::size_t threads);
    ~Callers();
    Callers(const Callers&) = delete;
    Callers& operator=(const Callers&) = delete;

    /// Calls are signed with this key from now on.
    /// @return the key before, which calls on their way still hold.
    [[nodiscard]] std::weak_ptr<const CallerKey> use(std::shared_ptr<const CallerKey> key);
    void stop();

    [[nodiscard]] std::size_t calls() const { return calls_; }
    [[nodiscard]] std::size_t failures() const { return failures_; }
    [[nodiscard]] std::string first_failure() const;
    /// Ids of the keys that signed an answer or a certificate.
    [[nodiscard]] std::vector<std::string> signers() const;

private:
    struct Thread;
    friend struct Thread;
    [[nodiscard]] std::shared_ptr<const CallerKey> key() const;
    void note(const std::string& failure);
    /// The key of that id as far as it is known; its use is noted.
    [[nodiscard]] std::optional<crypto::VerifyingKey> published(const std::string& id);
    void learn(const record::Record& jwks);

    const Aim aim_;
    std::atomic<bool> stop_{};
    std::atomic<std::size_t> calls_{};
    std::atomic<std::size_t> failures_{};
    mutable std::mutex mutex_;
    std::shared_ptr<const CallerKey> key_;
    std::string first_failure_;
    std::map<std::string, crypto::VerifyingKey, std::less<>> published_;
    std::map<std::string, bool, std::less<>> signers_;
    std::vector<std::thread> threads_;
};

}  // namespace datong::journeys
