#include "core/http/client.h"

#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/http/link.h"
#include "core/http/origin.h"
#include "core/http/writer.h"

namespace datong::http {

namespace asio = boost::asio;

namespace {

/// The idle connections of a client, each kept for the loop that opened it. Any thread. When a loop goes
/// before the client does, its connections go with it. Hold it by shared_ptr.
class Pool : public std::enable_shared_from_this<Pool> {
public:
    explicit Pool(const ClientSettings& settings)
        : most_{settings.idle_per_loop}, most_open_{settings.most_open}, idle_timeout_{settings.idle_timeout} {}

    /// The connection used last that is still open; null when there is none.
    [[nodiscard]] std::unique_ptr<Link> take(asio::execution_context& loop);
    void give(asio::execution_context& loop, std::unique_ptr<Link> link);
    void drop(asio::execution_context& loop);

    /// A place for a connection that is to be opened, and the idle one that must go for it; null where none must.
    struct Room {
        std::shared_ptr<const void> place;
        std::unique_ptr<Link> in_the_way;
    };
    [[nodiscard]] Room make_room();

private:
    using Idle = std::vector<std::unique_ptr<Link>>;

    std::unique_ptr<Link> pop(asio::execution_context& loop);

    std::unique_ptr<Link> pop_quietest();

    const std::size_t most_;
    const std::size_t most_open_;
    const std::chrono::milliseconds idle_timeout_;
    std::mutex mutex_;
    std::unordered_map<asio::execution_context*, Idle> idle_;
    std::shared_ptr<const int> open_ = std::make_shared<const int>();  ///< each place is one use of it
};

/// Tells the pools when their loop ends.
class LoopEnd final : public asio::execution_context::service {
public:
    // Asio finds a service by this name
    static asio::execution_context::id id;  // NOLINT(readability-identifier-naming)

    explicit LoopEnd(asio::execution_context& loop) : asio::execution_context::service{loop} {}

    void tell(std::weak_ptr<Pool> pool) {
        const std::lock_guard lock{mutex_};
        std::erase_if(pools_, [](const auto& known) { return known.expired(); });
        pools_.push_back(std::move(pool));
    }

private:
    void shutdown() override {
        std::vector<std::weak_ptr<Pool>> pools;
        {
            const std::lock_guard lock{mutex_};
            pools.swap(pools_);
        }
        for (const auto& known : pools) {
            if (const auto pool = known.lock()) {
                pool->drop(context());
            }
        }
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<Pool>> pools_;
};

asio::execution_context::id LoopEnd::id;

std::unique_ptr<Link> Pool::take(asio::execution_context& loop) {
    while (auto link = pop(loop)) {
        const bool fresh = Deadline::clock::now() - link->idle_since < idle_timeout_;
        if (fresh && link->is_quiet()) {
            return link;
        }
    }
    return nullptr;
}

std::unique_ptr<Link> Pool::pop(asio::execution_context& loop) {
    const std::lock_guard lock{mutex_};
    const auto found = idle_.find(&loop);
    if (found == idle_.end() || found->second.empty()) {
        return nullptr;
    }
    auto link = std::move(found->second.back());
    found->second.pop_back();
    return link;
}

void Pool::give(asio::execution_context& loop, std::unique_ptr<Link> link) {
    std::unique_ptr<Link> oldest;  // closed outside the lock
    bool is_new = false;
    {
        const std::lock_guard lock{mutex_};
        const auto [found, inserted] = idle_.try_emplace(&loop);
        is_new = inserted;
        Idle& idle = found->second;
        link->idle_since = Deadline::clock::now();
        idle.push_back(std::move(link));
        if (idle.size() > most_) {
            oldest = std::move(idle.front());
            idle.erase(idle.begin());
        }
    }
    if (is_new) {
        asio::use_service<LoopEnd>(loop).tell(weak_from_this());
    }
}

Pool::Room Pool::make_room() {
    const std::lock_guard lock{mutex_};
    Room room{.place = open_, .in_the_way = nullptr};
    const auto places = static_cast<std::size_t>(open_.use_count()) - 1;  // with the one that was just taken
    if (most_open_ > 0 && places > most_open_) {
        room.in_the_way = pop_quietest();
    }
    return room;
}

/// Under the lock. The one that has been idle for longest, whatever loop it is of.
std::unique_ptr<Link> Pool::pop_quietest() {
    Idle* found = nullptr;
    for (auto& [loop, idle] : idle_) {
        if (!idle.empty() && (found == nullptr || idle.front()->idle_since < found->front()->idle_since)) {
            found = &idle;
        }
    }
    if (found == nullptr) {
        return nullptr;
    }
    auto link = std::move(found->front());
    found->erase(found->begin());
    link->place.reset();  // it is the new one's now
    return link;
}

void Pool::drop(asio::execution_context& loop) {
    Idle gone;
    const std::lock_guard lock{mutex_};
    if (const auto found = idle_.find(&loop); found != idle_.end()) {
        gone.swap(found->second);
        idle_.erase(found);
    }
}

}  // namespace

struct Client::State {
    std::shared_ptr<Origin> origin;
    std::shared_ptr<Pool> pool;
};

namespace {

using State = std::shared_ptr<Client::State>;

Result<Wire> to_wire(codec::HttpMessage request, const Url& url, std::size_t most) {
    auto host = request.field("host");
    if (!host) {
        host = request.authority.empty() ? url.authority : request.authority;
    }
    const std::string target = url.path + (request.target.empty() ? "/" : request.target);
    auto head = request_head(request, target, *host);
    if (!head) {
        return fail(std::move(head.error()));
    }
    return Wire{
        .head = std::move(*head), .body = std::move(request.body), .is_head = request.method == "HEAD", .most = most};
}

asio::awaitable<Result<std::unique_ptr<Link>>> open_new(State state, Deadline deadline) {
    auto room = state->pool->make_room();
    if (room.in_the_way) {
        co_await see_off(std::move(room.in_the_way), deadline);
    }
    auto link = co_await open_link(state->origin, deadline);
    if (link) {
        (*link)->place = std::move(room.place);
    }
    co_return link;
}

/// A connection from the pool, or a new one.
asio::awaitable<Result<std::unique_ptr<Link>>> find_link(State state, Deadline deadline) {
    const asio::any_io_executor loop = co_await asio::this_coro::executor;
    if (auto link = state->pool->take(asio::query(loop, asio::execution::context))) {
        co_return link;
    }
    co_return co_await open_new(state, deadline);
}

asio::awaitable<Result<codec::HttpMessage>> ask(State state, std::unique_ptr<Link> link, Wire request,
                                                Deadline deadline) {
    auto answer = co_await link->ask(std::move(request), deadline);
    if (answer && link->is_reusable()) {
        const asio::any_io_executor loop = co_await asio::this_coro::executor;
        state->pool->give(asio::query(loop, asio::execution::context), std::move(link));
    }
    co_return answer;
}

/// For requests that may be sent twice without harm.
asio::awaitable<Result<codec::HttpMessage>> ask_again_if_stale(State state, std::unique_ptr<Link> link, Wire request,
                                                               Deadline deadline) {
    Wire first = request;
    Link& used = *link;
    auto answer = co_await used.ask(std::move(first), deadline);
    if (answer || used.has_heard() || answer.error().fault() != Fault::department_down) {
        if (answer && used.is_reusable()) {
            const asio::any_io_executor loop = co_await asio::this_coro::executor;
            state->pool->give(asio::query(loop, asio::execution::context), std::move(link));
        }
        co_return answer;
    }
    link.reset();
    auto fresh = co_await open_new(state, deadline);
    if (!fresh) {
        // not unsent(): the first time it may have arrived
        co_return fail(fresh.error().fault(), fresh.error().detail());
    }
    co_return co_await ask(state, std::move(*fresh), std::move(request), deadline);
}

asio::awaitable<Result<codec::HttpMessage>> send(State state, codec::HttpMessage request, Deadline deadline,
                                                 Sending how) {
    const bool may_repeat = !how.once && (request.method == "GET" || request.method == "HEAD");
    auto wire = to_wire(std::move(request), state->origin->url, how.most);
    if (!wire) {
        co_return fail(std::move(wire.error()));
    }
    auto link = co_await find_link(state, deadline);
    if (!link) {
        co_return fail(std::move(link.error()));
    }
    if (may_repeat && (*link)->is_used) {
        co_return co_await ask_again_if_stale(state, std::move(*link), std::move(*wire), deadline);
    }
    co_return co_await ask(state, std::move(*link), std::move(*wire), deadline);
}

}  // namespace

Result<std::unique_ptr<Client>> Client::make(ClientSettings settings) {
    auto pool = std::make_shared<Pool>(settings);
    auto origin = make_origin(std::move(settings));
    if (!origin) {
        return fail(std::move(origin.error()));
    }
    return std::make_unique<Client>(
        std::make_shared<State>(State{.origin = std::move(*origin), .pool = std::move(pool)}));
}

Client::Client(std::shared_ptr<State> state) : state_{std::move(state)} {
}

Client::~Client() = default;

asio::awaitable<Result<codec::HttpMessage>> Client::send(codec::HttpMessage request, Deadline deadline, Sending how) {
    return http::send(state_, std::move(request), deadline, how);
}

asio::awaitable<Status> Client::greet(Deadline deadline) {
    const auto link = co_await open_new(state_, deadline);
    if (!link) {
        co_return fail(link.error());
    }
    co_return Status{};
}

}  // namespace datong::http
