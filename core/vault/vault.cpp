#include "core/vault/vault.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "core/async/wait.h"
#include "core/base/clock.h"

namespace datong::vault {
namespace {

constexpr std::chrono::seconds kLimit{10};
constexpr std::chrono::seconds kRetry{1};

}  // namespace

/// One exchange's bodies, or the key that its persons are named by.
struct Vault::Waiting {
    Bodies bodies;
    std::string auditor_pem;
    std::vector<SubjectKey> keys{};
    std::optional<Status> done{};    ///< of the writing thread, until
    std::atomic<bool> is_written{};  ///< it says so
    std::atomic<bool> is_erased{};   ///< its case was erased meanwhile: no trouble of the disk
};

struct Vault::Queue {
    std::mutex mutex;
    std::vector<std::shared_ptr<Waiting>> waiting;
    std::atomic<bool> healthy{true};
    std::atomic<std::int64_t> probed{};  ///< steady seconds of the last try
    Subjects subjects;

    std::vector<std::shared_ptr<Waiting>> take() {
        const std::lock_guard lock{mutex};
        return std::exchange(waiting, {});
    }
};

namespace {

/// Writes whatever waits as one group.
void write_all(Shelf& shelf, Vault::Queue& queue) {
    const auto group = queue.take();
    std::vector<Bodies> many;
    std::vector<SubjectKey> keys;
    std::vector<Vault::Waiting*> taken;
    const auto tell = [](Vault::Waiting& one, Status done) {
        one.done = std::move(done);
        one.is_written = true;
    };
    for (const auto& one : group) {
        if (auto sealed = seal(one->bodies.bodies, one->auditor_pem); !sealed) {
            tell(*one, fail(Fault::evidence_unavailable, "bodies: " + sealed.error().detail()));
            continue;
        }
        if (!one->bodies.bodies.empty()) {
            many.push_back(std::move(one->bodies));
        }
        keys.insert(keys.end(), one->keys.begin(), one->keys.end());
        taken.push_back(one.get());
    }
    const Status written = taken.empty() ? Status{} : shelf.put(many, keys);
    std::set<std::string> erased;
    for (const SubjectKey& key : keys) {
        if (key.is_erased) {
            erased.insert(key.id);
        }
    }
    if (!taken.empty()) {
        queue.healthy = written.has_value();
    }
    if (written) {
        std::erase_if(keys, [](const SubjectKey& key) { return key.is_erased; });
        queue.subjects.note_durable(keys);
    }
    for (Vault::Waiting* one : taken) {
        const bool is_erased = std::any_of(one->keys.begin(), one->keys.end(),
                                           [&](const SubjectKey& key) { return erased.contains(key.id); });
        one->is_erased = is_erased;
        tell(*one,
             is_erased ? fail(Fault::evidence_unavailable, "subject keys: their case was erased meanwhile") : written);
    }
}

std::int64_t steady_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Vault::Vault(std::shared_ptr<Shelf> shelf, std::shared_ptr<async::Pool> pool, telemetry::Sink& sink)
    : shelf_{std::move(shelf)}, pool_{std::move(pool)}, sink_{sink}, queue_{std::make_shared<Queue>()} {
    shelf_->tell_erased([queue = std::weak_ptr{queue_}] {
        if (const auto there = queue.lock()) {
            there->subjects.forget();
        }
    });
}
Vault::~Vault() = default;

void Vault::queue(const std::shared_ptr<Waiting>& mine) const {
    const std::lock_guard lock{queue_->mutex};
    queue_->waiting.push_back(mine);
}

boost::asio::awaitable<Status> Vault::keep(Bodies bodies, std::string auditor_pem) const {
    if (bodies.bodies.empty()) {
        co_return Status{};
    }
    const auto mine = std::make_shared<Waiting>();
    mine->bodies = std::move(bodies);
    mine->auditor_pem = std::move(auditor_pem);
    queue(mine);
    co_return co_await wait_for(mine);
}

Vault::Naming Vault::name(const std::string& case_number, std::chrono::system_clock::time_point at,
                          std::span<const std::string> persons, const Secret& gateway) const {
    const std::uint64_t erasures = shelf_->erasures();
    Named named = queue_->subjects.name(case_number, at, persons, gateway);
    Naming naming{.names = std::move(named.names), .kept = {}};
    if (named.unwritten.empty()) {
        return naming;
    }
    naming.kept = std::make_shared<Waiting>();
    naming.kept->keys = std::move(named.unwritten);
    for (SubjectKey& key : naming.kept->keys) {
        key.erasures = erasures;
    }
    queue(naming.kept);
    // where the pool takes no more, named() will say so
    static_cast<void>(pool_->post([shelf = shelf_, queue = queue_]() -> async::Pool::Delivery {
        write_all(*shelf, *queue);
        return {};
    }));
    return naming;
}

boost::asio::awaitable<Status> Vault::named(Naming naming) const {
    if (!naming.kept) {
        co_return Status{};
    }
    if (naming.kept->is_written) {
        co_return *naming.kept->done;
    }
    co_return co_await wait_for(std::move(naming.kept));
}

boost::asio::awaitable<Status> Vault::wait_for(std::shared_ptr<Waiting> mine) const {
    // whoever comes to the one thread first writes for all; the others find it done
    const std::function<Result<bool>()> work = [shelf = shelf_, queue = queue_, mine]() -> Result<bool> {
        if (!mine->done) {
            write_all(*shelf, *queue);
        }
        return *mine->done ? Result<bool>{true} : fail(mine->done->error());
    };
    const auto begun = std::chrono::steady_clock::now();
    auto done = co_await async::on_pool<bool>(*pool_, work, begun + kLimit);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    sink_.observe("datong_bodies_durable_seconds", {}, took.count());
    if (!done) {
        queue_->healthy = queue_->healthy && mine->is_erased;
        co_return fail(Fault::evidence_unavailable, "bodies: " + done.error().detail());
    }
    co_return Status{};
}

bool Vault::healthy() const {
    if (queue_->healthy) {
        return true;
    }
    const std::int64_t now = steady_seconds();
    std::int64_t last = queue_->probed;
    if (now - last >= kRetry.count() && queue_->probed.compare_exchange_strong(last, now)) {
        // else nobody would come back: an unhealthy gateway is sent no calls
        static_cast<void>(pool_->post([shelf = shelf_, queue = queue_]() -> async::Pool::Delivery {
            queue->healthy = shelf->probe().has_value();
            return {};
        }));
    }
    return false;
}

}  // namespace datong::vault
