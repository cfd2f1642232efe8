#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::journeys {

/// A consumer's key as calls are signed with it.
struct CallerKey {
    std::string id;
    crypto::SigningKey key;
};

/// Consumers that call at a steady rate, whether answers come or not, as far as their connections reach: most over
/// connections that they keep for forty calls, one in eight over a new one each time. They check every answer: status
/// 200, the gateway's and the department's signature, each by a key that the gateway publishes.
class Callers {
public:
    struct Aim {
        std::string url;
        std::string ca_pem;
        std::string target;
        std::string body;
        std::size_t connections = 16;
        std::size_t per_second = 220;
    };
    Callers(Aim aim, std::shared_ptr<const CallerKey> key);
    ~Callers();
    Callers(const Callers&) = delete;
    Callers& operator=(const Callers&) = delete;

    /// Calls are signed with this key from now on.
    /// @return the key before, which calls on their way still hold.
    [[nodiscard]] std::weak_ptr<const CallerKey> use(std::shared_ptr<const CallerKey> key);
    void stop();

    [[nodiscard]] std::size_t calls() const { return calls_; }
    [[nodiscard]] std::size_t failures() const { return failures_; }
    /// Calls that were due and never made, for every connection had been waiting for its answer for a second.
    [[nodiscard]] std::size_t missed() const { return missed_; }
    [[nodiscard]] std::string first_failure() const;
    /// Ids of the keys that signed an answer or a certificate.
    [[nodiscard]] std::vector<std::string> signers() const;
    /// How many certificates the listener has shown.
    [[nodiscard]] std::size_t certificates() const;

private:
    struct Line;
    friend struct Line;
    void run();
    /// When the next call is due.
    [[nodiscard]] Deadline next();
    [[nodiscard]] std::shared_ptr<const CallerKey> key() const;
    void note(const std::string& failure);
    /// The key of that id as far as it is known; its use is noted.
    [[nodiscard]] std::optional<crypto::VerifyingKey> published(const std::string& id);
    void learn(const record::Record& jwks);

    const Aim aim_;
    std::atomic<bool> stop_{};
    std::atomic<std::size_t> calls_{};
    std::atomic<std::size_t> missed_{};
    Deadline next_{};  ///< only the thread reads and moves it
    std::atomic<std::size_t> failures_{};
    mutable std::mutex mutex_;
    std::shared_ptr<const CallerKey> key_;
    std::string first_failure_;
    std::map<std::string, crypto::VerifyingKey, std::less<>> published_;
    std::map<std::string, bool, std::less<>> signers_;
    std::set<std::string> certificates_;
    std::thread thread_;
};

}  // namespace datong::journeys
