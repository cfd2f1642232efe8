#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/async/pool.h"
#include "core/base/clock.h"
#include "core/exchange/admit.h"
#include "core/exchange/call.h"
#include "core/store/jobs.h"
#include "core/telemetry/sink.h"

namespace datong::exchange {

/// How long what a submission was answered is kept, and how long its idempotency key holds.
struct Keeping {
    std::chrono::hours answers{24 * 30};
    std::chrono::hours keys{24 * 400};
};

/// The idempotency keys: which submission a call is about, what of it was sent, and what was answered (docs/submit.md).
/// Requests and answers are kept encrypted under a key derived from the gateway's subject key. May be used from many
/// loops.
class Submissions {
public:
    /// @param jobs  shared with the work on the pool, which a disk that hangs lets outlive this.
    /// @param pool  one thread, for the disk. @param clock and sink outlive this.
    Submissions(std::shared_ptr<store::Jobs> jobs, std::shared_ptr<async::Pool> pool, const Clock& clock,
                telemetry::Sink& sink, Keeping keeping = {});

    /// For a call of submissions, before its intent: keeps it durably under its key, or finds what the key stands for
    /// already, and puts it into the visit.
    /// @return Fault::key_required, key_reused, in_progress, or unavailable when the store can't be written.
    [[nodiscard]] boost::asio::awaitable<Status> begin(std::shared_ptr<Visit> visit, const Admitted& admitted) const;
    /// For a call that asks for a submission's status: reads what was submitted into the visit's request.
    /// @return Fault::no_such_resource for one that is not this consumer's.
    [[nodiscard]] boost::asio::awaitable<Status> recall(std::shared_ptr<Visit> visit) const;
    /// Erases what is over its time, looking once an hour however often it is called, and writes what note() owes.
    /// Whoever has something to do calls it: the start, every call, every look at the readiness.
    void sweep() const;
    /// After the call: a key under which nothing was sent is free again.
    [[nodiscard]] boost::asio::awaitable<void> end(std::shared_ptr<const Visit> visit) const;

    /// The right to send one part: true for one caller, once.
    [[nodiscard]] boost::asio::awaitable<Result<bool>> claim(std::shared_ptr<const Visit> visit,
                                                             std::string material) const;
    /// Nothing left us: the right goes back.
    [[nodiscard]] boost::asio::awaitable<void> release(std::shared_ptr<const Visit> visit, std::string material) const;
    /// Keeps what is known of a part now. A store that can't be written is an event: the answer is true all the same,
    /// is known to every later call of this process, and is written as soon as the store takes it.
    [[nodiscard]] boost::asio::awaitable<void> note(std::shared_ptr<const Visit> visit, const Ticket& ticket,
                                                    store::Stage stage, const Certificate& made) const;
    /// What was answered for good; with the outcome alone where the answer was erased since, or the ticket shows less
    /// than it holds.
    [[nodiscard]] Certificate recorded(const Visit& visit, const Ticket& ticket, const store::Part& part) const;

private:
    struct Held;
    [[nodiscard]] std::shared_ptr<const void> hold(const std::string& id) const;

    std::shared_ptr<store::Jobs> jobs_;
    std::shared_ptr<async::Pool> pool_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    Keeping keeping_;
    std::shared_ptr<Held> held_;
};

}  // namespace datong::exchange
