#include "core/evidence/log.h"

#include <future>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/codec/json.h"
#include "core/evidence/chain_writer.h"
#include "core/evidence/committer.h"
#include "core/evidence/files.h"
#include "core/evidence/tail.h"
#include "core/telemetry/events.h"

namespace datong::evidence {
namespace {

namespace asio = boost::asio;

/// A coroutine's handler kept until the record is durable; its loop stays at work meanwhile.
template <class Handler>
struct Held {
    explicit Held(Handler given) : handler{std::move(given)}, work{asio::get_associated_executor(handler)} {}
    Handler handler;
    asio::executor_work_guard<asio::associated_executor_t<Handler>> work;
};

template <class Handler>
void resume(const std::shared_ptr<Held<Handler>>& held) {
    const auto executor = held->work.get_executor();
    asio::post(executor, [held] {
        Handler handler = std::move(held->handler);
        held->work.reset();
        std::move(handler)();
    });
}

using Slot = std::shared_ptr<Result<Place>>;

/// Hands an entry to the writer and resumes the coroutine on its own loop.
class Handing {
public:
    Handing(Committer& committer, std::string entry, Slot result)
        : committer_{&committer}, entry_{std::move(entry)}, result_{std::move(result)} {}

    template <class Handler>
    void operator()(Handler handler) {
        const auto held = std::make_shared<Held<Handler>>(std::move(handler));
        Pending pending{.entry = std::move(entry_), .done = {}, .stranger_fault = {}};
        pending.done = [result = result_, held](Result<Place> place) {
            *result = std::move(place);
            resume(held);
        };
        committer_->submit(std::move(pending));
    }

private:
    Committer* committer_;
    std::string entry_;
    Slot result_;
};

Result<std::string> to_entry(const record::Record& entry) {
    if (!entry.is_object()) {
        return fail(Fault::internal, "evidence: an entry that is no object");
    }
    std::string json = codec::write_json(entry);
    constexpr std::size_t kOfTheChain = 1024;  // what the writer adds to an entry, and more
    if (json.size() > kMaxPayload - kOfTheChain) {
        return fail(Fault::evidence_unavailable, "evidence: an entry of " + std::to_string(json.size()) + " octets");
    }
    return json;
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
    auto writer = std::make_unique<ChainWriter>(settings, std::move(files));
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

asio::awaitable<Result<Place>> Log::append(record::Record entry) {
    auto json = to_entry(entry);
    if (!json) {
        co_return fail(std::move(json.error()));
    }
    const Slot result = std::make_shared<Result<Place>>();
    Handing handing{state_->committer, std::move(*json), result};
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(handing), asio::use_awaitable);
    co_return std::move(*result);
}

void Log::note_stranger(record::Record refusal, const std::string& fault) {
    if (auto json = to_entry(refusal); json) {
        state_->committer.submit_stranger(std::move(*json), fault);
    }
}

Result<Place> Log::append_now(record::Record entry) {
    auto json = to_entry(entry);
    if (!json) {
        return fail(std::move(json.error()));
    }
    const auto promised = std::make_shared<std::promise<Result<Place>>>();
    Pending pending{.entry = std::move(*json), .done = {}, .stranger_fault = {}};
    pending.done = [promised](Result<Place> place) { promised->set_value(std::move(place)); };
    state_->committer.submit(std::move(pending));
    return promised->get_future().get();
}

bool Log::healthy() const {
    return state_->committer.healthy();
}

}  // namespace datong::evidence
