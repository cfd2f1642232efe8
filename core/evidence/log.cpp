#include "core/evidence/log.h"

#include <future>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/async/mailbox.h"
#include "core/evidence/chain_writer.h"
#include "core/evidence/committer.h"
#include "core/evidence/files.h"
#include "core/evidence/tail.h"
#include "core/telemetry/events.h"

namespace datong::evidence {
namespace {

namespace asio = boost::asio;

/// A coroutine that waits: it goes on by a letter to its own loop, which stays at work meanwhile.
template <class Handler>
class Sleeper final : public Waiter, public async::Letter, public std::enable_shared_from_this<Sleeper<Handler>> {
public:
    explicit Sleeper(Handler handler) : handler_{std::move(handler)}, work_{asio::get_associated_executor(handler_)} {}

    void tell(Result<Place> place) override {
        place_ = std::move(place);
        async::Mailbox::deliver(work_.get_executor(), this->shared_from_this());
    }

    void open() override {
        work_.reset();
        std::move(handler_)(std::move(place_));
    }

private:
    Handler handler_;
    asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
    Result<Place> place_{};
};

/// A thread that waits.
class Blocked final : public Waiter {
public:
    void tell(Result<Place> place) override { promised_.set_value(std::move(place)); }
    [[nodiscard]] Result<Place> wait() { return promised_.get_future().get(); }

private:
    std::promise<Result<Place>> promised_;
};

/// Whether the chain can take it.
Status check_entry(std::string_view json) {
    if (!json.starts_with('{') || !json.ends_with('}')) {
        return fail(Fault::internal, "evidence: an entry that is no object");
    }
    constexpr std::size_t kOfTheChain = 1024;  // what the writer adds to an entry, and more
    if (json.size() > kMaxPayload - kOfTheChain) {
        return fail(Fault::evidence_unavailable, "evidence: an entry of " + std::to_string(json.size()) + " octets");
    }
    return {};
}

}  // namespace

struct Log::State {
    State(FolderLock held, const LogSettings& settings, std::unique_ptr<ChainWriter> writer, const Clock& clock,
          telemetry::Sink& sink)
        : lock{std::move(held)}, committer{settings, std::move(writer), clock, sink} {}
    FolderLock lock;
    Committer committer;
};

Log::Log(std::shared_ptr<State> state) : state_{std::move(state)} {
}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(LogSettings settings, std::unique_ptr<Files> files, const Clock& clock,
                                       telemetry::Sink& sink) {
    auto lock = FolderLock::take(settings.folder);
    if (!lock) {
        return fail(std::move(lock.error()));
    }
    const auto tail = find_tail(settings.folder);
    if (!tail) {
        return fail(tail.error());
    }
    auto writer = std::make_unique<ChainWriter>(settings, std::move(files), clock);
    if (auto opened = writer->open(*tail); !opened) {
        return fail(std::move(opened.error()));
    }
    if (tail->torn > 0) {
        const auto cut = static_cast<std::int64_t>(tail->torn);
        telemetry::emit(sink, telemetry::EvidenceTornTail{.file = tail->path, .bytes_cut = cut});
    }
    auto state = std::make_shared<State>(std::move(*lock), settings, std::move(writer), clock, sink);
    return std::unique_ptr<Log>{new Log{std::move(state)}};  // make_unique can't reach the constructor
}

asio::awaitable<Result<Place>> Log::append(std::string json) {
    if (auto good = check_entry(json); !good) {
        co_return fail(std::move(good.error()));
    }
    auto hand_over = [this](auto handler, std::string entry) {
        auto sleeper = std::make_shared<Sleeper<decltype(handler)>>(std::move(handler));
        state_->committer.submit({.entry = std::move(entry), .waiter = std::move(sleeper), .stranger_fault = {}});
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Place>)>(
        std::move(hand_over), asio::use_awaitable, std::move(json));
}

void Log::note_stranger(std::string json, const std::string& fault) {
    if (check_entry(json)) {
        state_->committer.submit_stranger(std::move(json), fault);
    }
}

void Log::owe(std::string json) {
    if (check_entry(json)) {
        state_->committer.owe(std::move(json));
    }
}

Result<Place> Log::append_now(std::string json) {
    if (auto good = check_entry(json); !good) {
        return fail(std::move(good.error()));
    }
    const auto blocked = std::make_shared<Blocked>();
    state_->committer.submit({.entry = std::move(json), .waiter = blocked, .stranger_fault = {}});
    return blocked->wait();
}

bool Log::healthy() const {
    return state_->committer.healthy();
}

Space Log::space() const {
    return state_->committer.space();
}

Status Log::takes_calls() const {
    return state_->committer.takes_calls();
}

void Log::hold_calls(std::string why) {
    state_->committer.hold_calls(std::move(why));
}

std::uint64_t Log::durable() const {
    return state_->committer.durable();
}

}  // namespace datong::evidence
