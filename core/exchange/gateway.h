#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/async/wait.h"
#include "core/base/clock.h"
#include "core/catalogue/snapshot.h"
#include "core/consent/book.h"
#include "core/evidence/log.h"
#include "core/exchange/call.h"
#include "core/exchange/shadows.h"
#include "core/exchange/submissions.h"
#include "core/policy/quotas.h"
#include "core/policy/replay.h"
#include "core/sharing/book.h"
#include "core/store/awaited.h"
#include "core/telemetry/sink.h"
#include "core/vault/vault.h"

namespace datong::exchange {

/// Threads for what would hold a loop, of each kind its own, so that one that is slow or hangs keeps no other waiting.
struct Threads {
    std::shared_ptr<async::Pool> files;   ///< digests of large files
    std::shared_ptr<async::Pool> tokens;  ///< signatures by keys in tokens, which may not answer
};

/// Runs `work`, which signs by a key in a token, without holding the loop.
/// @param work  owns all that it needs.
/// @return Fault::unavailable where it does not come to its end in time.
template <class T>
[[nodiscard]] boost::asio::awaitable<Result<T>> by_token(const Threads& threads, std::function<Result<T>()> work) {
    constexpr std::chrono::seconds kMost{5};  // the token's own limit is shorter
    auto made = co_await async::on_pool<T>(*threads.tokens, std::move(work), Deadline::clock::now() + kMost);
    const bool is_ours = !made && (made.error().fault() == Fault::department_timeout ||  // on_pool's own words
                                   made.error().fault() == Fault::source_busy);
    co_return is_ours ? fail(Fault::unavailable, "too much waits for the token") : std::move(made);
}

/// What callers look up in the evidence: app passes how. Both block, so they run on `pool`, where nothing else does.
struct Lookups {
    /// The container of one exchange (docs/proof.md), octets.
    /// @return Fault::no_such_resource where there is none of that id, and where it is another consumer's.
    std::function<Result<std::string>(const std::string& exchange, const std::string& consumer)> container;
    /// Who asked about a person: {uses: [...], next?}.
    /// @param person  hex HMAC of the subject under the gateway's subject key. @param after  where the page before
    /// ended; empty: the first.
    std::function<Result<record::Record>(const std::string& person, const std::string& after,
                                         const catalogue::Gateway& gateway)>
        usage;
    std::shared_ptr<async::Pool> pool;
};

/// What comes after the answer to a matter: app passes how (docs/matters.md). Coroutines run on the call's loop; what
/// is empty keeps nothing, and who is late has failed.
struct Afterwards {
    /// Keeps what is awaited, durably, before the answer says so.
    std::function<boost::asio::awaitable<Status>(std::shared_ptr<const Visit>, std::vector<store::Awaited>)> keep;
    /// The call was not answered after all: nothing of it is waited for.
    std::function<boost::asio::awaitable<void>(std::shared_ptr<const Visit>)> drop;
    /// A department's answer that came after the call's.
    std::function<boost::asio::awaitable<void>(std::shared_ptr<const Visit>, Ticket, Attempt<Certificate>)> came;
    /// How far what is awaited of a call is: of a request of kind later.
    std::function<boost::asio::awaitable<Answer>(std::shared_ptr<const Visit>)> told;
};

/// The parts that an exchange goes through. All may be used from many threads and outlive the gateway.
struct Parts {
    const Clock& clock;
    catalogue::Current& current;
    evidence::Log& log;
    policy::ReplayGuard& replay;
    policy::Quotas& quotas;
    telemetry::Sink& sink;
    const Shadows& shadows;
    const sources::Drift& drift;
    const Submissions& submissions;
    const sharing::Book& sharing;
    const vault::Vault& vault;
    const Threads& threads;
    const Lookups& lookups;
    const Afterwards& afterwards;
    files::Kept& files;
    const consent::Book& consents;
};

/// The way of one call (docs/request.md). It waits three times: for the intent on disk, for the
/// department, for the outcome on disk; everything between is plain code. May be used from many loops.
class Gateway {
public:
    explicit Gateway(Parts parts) : parts_{parts} {}

    /// Answers one call, whatever happens: what fails becomes a problem, and what can't be recorded is
    /// not answered.
    /// @param peer  the connection's other end.
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> answer(const Dialect* dialect, codec::HttpMessage http,
                                                                    policy::Peer peer, Deadline arrived) const;

private:
    /// Of a call of submissions or of their status: which submission it is about.
    [[nodiscard]] boost::asio::awaitable<Result<Admitted>> admit_call(std::shared_ptr<Visit> visit) const;
    [[nodiscard]] vault::Vault::Naming name_persons(Visit& visit) const;
    [[nodiscard]] boost::asio::awaitable<Status> prove_and_read(const Dialect* dialect,
                                                                std::shared_ptr<Visit> visit) const;
    [[nodiscard]] boost::asio::awaitable<Result<Claim>> prove(const Dialect* dialect,
                                                              std::shared_ptr<const Visit> visit) const;
    /// Writes and signs it. @param answer  its body is taken over.
    [[nodiscard]] boost::asio::awaitable<Result<Sealed>> seal(const Dialect* dialect,
                                                              std::shared_ptr<const Visit> visit, Answer* answer) const;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> describe(const Dialect* dialect,
                                                                      std::shared_ptr<const Visit> visit) const;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> refuse(const Dialect* dialect,
                                                                    std::shared_ptr<const Visit> visit,
                                                                    Error why) const;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> leave(const Dialect* dialect,
                                                                   std::shared_ptr<const Visit> visit,
                                                                   Answer answer) const;
    [[nodiscard]] boost::asio::awaitable<void> give_up(std::shared_ptr<const Visit> visit) const;
    void owe_closing(const std::shared_ptr<const Visit>& visit) const;
    [[nodiscard]] codec::HttpMessage unrecorded(const Dialect& dialect, const Visit& visit, const Error& why) const;

    Parts parts_;
};

}  // namespace datong::exchange
