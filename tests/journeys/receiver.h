#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/codec/http_message.h"
#include "core/record/record.h"

namespace datong::journeys {

/// A platform's own address for what comes later, over TLS on loopback: it checks the gateway's signature, and has an
/// effect once a delivery, however often it comes.
class Receiver {
public:
    enum class Mood {
        good,       ///< takes what comes
        failing,    ///< 503, and no effect
        forgetful,  ///< has its effect, and answers 500 the first time
        moved,      ///< 307 to another address of its own
        gone,       ///< 410
        hanging,    ///< says nothing
    };

    /// @param keys_folder  with tls.chain.pem, tls.key.pem and gateway.pub.pem. Throws when it can't listen.
    explicit Receiver(std::string keys_folder);
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    [[nodiscard]] std::string url() const;
    void set(Mood mood);
    /// Runs when a delivery has had its effect, before it is answered.
    void at_effect(std::function<void()> then);
    [[nodiscard]] std::size_t attempts() const;              ///< requests of any kind
    [[nodiscard]] std::size_t effects() const;               ///< deliveries that it acted on
    [[nodiscard]] std::vector<record::Record> told() const;  ///< the body of each effect
    [[nodiscard]] std::vector<codec::HttpMessage> requests() const;
    [[nodiscard]] std::string trouble() const;  ///< what was wrong with a signature; empty: nothing

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Waits for what other threads and processes bring about, looking now and then. @return whether it came, within two
/// minutes.
[[nodiscard]] bool eventually(const std::function<bool()>& there);
/// The same within that time: for what must not come.
[[nodiscard]] bool eventually_within(std::chrono::seconds time, const std::function<bool()>& there);

}  // namespace datong::journeys
