#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/async/loops.h"
#include "core/async/pool.h"
#include "core/base/clock.h"
#include "core/catalogue/snapshot.h"
#include "core/consent/book.h"
#include "core/evidence/log.h"
#include "core/exchange/admit.h"
#include "core/exchange/fetch.h"
#include "core/exchange/gateway.h"
#include "core/later/word.h"
#include "core/store/awaited.h"

namespace datong::later {

/// The file of what is awaited, beside the submissions.
[[nodiscard]] std::string book_of(const catalogue::Gateway& gateway);

/// What it works with. All may be used from many threads and outlive it.
struct Parts {
    const Clock& clock;
    catalogue::Current& current;
    evidence::Log& log;
    policy::Quotas& quotas;
    telemetry::Sink& sink;
    const exchange::Submissions& submissions;
    const exchange::Threads& threads;
    const exchange::Lookups& lookups;
    const sharing::Book& sharing;
    const vault::Vault& vault;
    files::Kept& files;
    const consent::Book& consents;
    std::shared_ptr<store::AwaitedBook> book;  ///< shared with the work on the pool
    std::shared_ptr<async::Pool> pool;         ///< for the disk
    async::Loops& loops;
};

/// What comes after the answer to a matter (docs/matters.md): keeps what is awaited, asks departments again, judges
/// what was promised, and tells consumers. Each last word is in the evidence before anybody hears it, and is told until
/// its consumer has taken it, or the time for it is over; whatever is under way when the process ends is taken up again
/// at the next start. May be used from many threads.
class Later {
public:
    explicit Later(Parts parts);
    ~Later();
    Later(const Later&) = delete;
    Later& operator=(const Later&) = delete;

    /// What exchanges call; must not outlive this.
    [[nodiscard]] exchange::Afterwards hooks();
    /// Lets everybody who is concerned be told that a consent was revoked: its consumer and its issuer, those who have
    /// an address for it. Kept durably; the same word is kept once. Blocks on the disk.
    [[nodiscard]] Status announce(const store::ConsentNote& revoked);
    /// Begins what is due, on the loops; nothing while the log takes no calls, nor for a while after the book did not
    /// take something. Blocks on the disk: by a thread that is no loop, once a second or so.
    void look();
    /// Nothing more is begun.
    void stop() { stopped_ = true; }

private:
    using Visit = std::shared_ptr<const exchange::Visit>;
    using Row = store::Awaited;
    struct Busy;

    [[nodiscard]] boost::asio::awaitable<Status> keep(Visit visit, std::vector<Row> all);
    [[nodiscard]] boost::asio::awaitable<void> drop(Visit visit);
    [[nodiscard]] boost::asio::awaitable<void> came(Visit visit, exchange::Ticket ticket,
                                                    exchange::Attempt<exchange::Certificate> result);
    [[nodiscard]] boost::asio::awaitable<exchange::Answer> told(Visit visit);

    /// The right to work on a row, while it is held; nullptr: another has it.
    [[nodiscard]] std::shared_ptr<const void> take(const Row& row) const;

    // in asking.cpp: one row, whose turn it is
    [[nodiscard]] boost::asio::awaitable<void> work(Row row, std::shared_ptr<const void> mine);
    [[nodiscard]] boost::asio::awaitable<void> ask(Row row);
    [[nodiscard]] boost::asio::awaitable<void> judge(Row row, Visit visit, exchange::Ticket ticket,
                                                     exchange::Attempt<exchange::Certificate> result);
    [[nodiscard]] boost::asio::awaitable<void> settle(Row row, Visit visit, Word word);
    [[nodiscard]] boost::asio::awaitable<void> tell(Row row);
    [[nodiscard]] boost::asio::awaitable<void> conclude(Row row, store::Wait state, std::string event, int status);
    [[nodiscard]] boost::asio::awaitable<void> put_off(Row row, std::chrono::seconds pause, std::int64_t attempts);
    [[nodiscard]] boost::asio::awaitable<Status> note(evidence::FollowUp entry);
    [[nodiscard]] boost::asio::awaitable<Status> append(std::string entry);
    /// What the evidence says of a row that is over: of a material, or of the word that a consent was revoked.
    [[nodiscard]] boost::asio::awaitable<Status> note_end(Row row, std::string event, int status);
    [[nodiscard]] Result<std::shared_ptr<exchange::Visit>> visit_for(const Row& row) const;
    [[nodiscard]] evidence::FollowUp entry_of(const Row& row, std::string event) const;
    [[nodiscard]] exchange::Means means() const;
    /// The book took something not, or gave it not: look() begins nothing for a while.
    void note_trouble(const Error& why) const;
    [[nodiscard]] bool is_paused() const;

    Parts parts_;
    std::shared_ptr<Busy> busy_;
    exchange::Afterwards none_;  ///< what is asked again is not handed on once more
    std::atomic<bool> stopped_{};
    std::size_t next_loop_{};  ///< of look()
    std::int64_t forgot_{};    ///< of look(): the hour of the last time
};

}  // namespace datong::later
