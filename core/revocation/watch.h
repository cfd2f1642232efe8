#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/telemetry/sink.h"

namespace datong::revocation {

/// Where word of revocations comes from, and how it is used.
struct Rules {
    bool is_hard{};                    ///< a certificate of which nothing current is known is refused
    std::vector<std::string> crls;     ///< names that `read` knows: files and URLs
    std::string ocsp;                  ///< URL of a responder; empty: none
    std::vector<std::string> anchors;  ///< PEM: the authorities below which clients' certificates are
    std::chrono::seconds refresh{60};
    std::chrono::milliseconds asking{10'000};  ///< how long one round over all that are known asks the responder
    bool operator==(const Rules&) const = default;
};

/// What only the outside can do. Called on the threads of meet() and refresh(); may block a bounded time.
struct Outside {
    std::function<Result<std::string>(const std::string& name)> read;                            ///< a CRL: PEM or DER
    std::function<Result<std::string>(const std::string& url, const std::string& request)> ask;  ///< OCSP, DER
};

enum class Finding {
    good,
    revoked,
    unknown,  ///< nothing current is known
};

/// Knows of clients' certificates whether they are revoked. Calls look only at what is known already (find); learning
/// happens when a connection begins (meet) and in the background (refresh). A finding holds as long as the lists and
/// responses behind it and at most five refreshes; a revoked one until somebody current says otherwise. May be used
/// from many threads.
class Watch {
public:
    Watch(Rules rules, Outside outside, const Clock& clock, telemetry::Sink& sink);

    [[nodiscard]] const Rules& rules() const noexcept { return rules_; }
    /// @param sha256  fingerprint of the DER, lower-case hexadecimal.
    [[nodiscard]] Finding find(std::string_view sha256);
    /// Whether it was learnt of, whatever came of it.
    [[nodiscard]] bool has_met(std::string_view sha256) const;
    /// Learns of a certificate that is not known yet; may block.
    /// @param chain_pem  it and those that the client sent with it.
    void meet(const std::string& sha256, const std::string& chain_pem);
    /// Fetches the lists and asks about every known certificate again; may block. Once the responder can't be reached,
    /// or the round's time is over, the rest is judged by what was said before; the next round begins with those.
    void refresh(const std::stop_token& stop);
    /// What is known of some certificates, for who asks whether they were good.
    struct AtHand {
        std::vector<std::string> lists{};      ///< as they were read last, PEM or DER
        std::vector<std::string> responses{};  ///< DER
        std::vector<std::string> chains{};     ///< PEM: those certificates, each with what came with it
    };
    /// @param wanted  which certificates are meant, by fingerprint and subject (RFC 2253); asked of all that are known.
    [[nodiscard]] AtHand at_hand(
        const std::function<bool(const std::string& sha256, const std::string& subject)>& wanted) const;
    /// Takes over the certificates that another watch knows, and learns of them anew by these rules.
    void adopt(const Watch& before);

private:
    using Time = std::chrono::system_clock::time_point;
    struct Known {
        std::string chain;
        std::string subject;
        std::string response;  ///< the last from the responder
        Finding finding{Finding::unknown};
        Time at;   ///< of the finding
        Time met;  ///< last by a connection or a call
    };

    /// What is asked in one go.
    struct Round {
        Deadline end{Deadline::max()};
        bool is_silent{};  ///< the responder could not be reached
        int asked{};

        /// The first one is always asked: no round is for nothing.
        [[nodiscard]] bool is_over() const { return is_silent || (asked > 0 && Deadline::clock::now() >= end); }
    };
    using AllKnown = std::map<std::string, Known, std::less<>>;

    void fetch_lists();
    /// Each anew, in one round.
    void learn_all(AllKnown all, const std::stop_token& stop);
    [[nodiscard]] Known learn(Known known, const std::string& sha256, Round& round) const;
    [[nodiscard]] std::pair<Finding, std::string> by_lists(const std::string& chain) const;
    [[nodiscard]] std::pair<Finding, std::string> by_responder(Known& known, Round& round) const;
    /// What the responder says now. @return Fault::unavailable without asking when the round is over.
    [[nodiscard]] Result<std::string> ask(const Known& known, const std::string& issuer, Round& round) const;
    void note(const Known& known, const std::string& sha256, const std::string& why) const;
    void keep(const std::string& sha256, Known known);

    const Rules rules_;
    const Outside outside_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    mutable std::mutex mutex_;
    std::map<std::string, std::string> lists_;  ///< by name: the last that could be read
    AllKnown known_;
    std::string next_;  ///< with whom the next round begins
};

}  // namespace datong::revocation
