#include "core/vault/vault.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "core/async/wait.h"
#include "core/base/clock.h"

namespace datong::vault {
namespace {

constexpr std::chrono::seconds kLimit{10};
constexpr std::chrono::seconds kRetry{1};

/// One exchange's bodies on their way, and what became of them.
struct Waiting {
    Bodies bodies;
    std::string auditor_pem;
    std::optional<Status> done{};  ///< of the writing thread
};

}  // namespace

struct Vault::Queue {
    std::mutex mutex;
    std::vector<std::shared_ptr<Waiting>> waiting;
    std::atomic<bool> healthy{true};
    std::atomic<std::int64_t> probed{};  ///< steady seconds of the last try

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
    std::vector<Waiting*> taken;
    for (const auto& one : group) {
        if (auto sealed = seal(one->bodies.bodies, one->auditor_pem); !sealed) {
            one->done = fail(Fault::evidence_unavailable, "bodies: " + sealed.error().detail());
            continue;
        }
        many.push_back(std::move(one->bodies));
        taken.push_back(one.get());
    }
    const Status written = many.empty() ? Status{} : shelf.put(many);
    if (!many.empty()) {
        queue.healthy = written.has_value();
    }
    for (Waiting* one : taken) {
        one->done = written;
    }
}

std::int64_t steady_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Vault::Vault(std::shared_ptr<Shelf> shelf, std::shared_ptr<async::Pool> pool, telemetry::Sink& sink)
    : shelf_{std::move(shelf)}, pool_{std::move(pool)}, sink_{sink}, queue_{std::make_shared<Queue>()} {
}
Vault::~Vault() = default;

boost::asio::awaitable<Status> Vault::keep(Bodies bodies, std::string auditor_pem) const {
    if (bodies.bodies.empty()) {
        co_return Status{};
    }
    const auto mine = std::make_shared<Waiting>(Waiting{std::move(bodies), std::move(auditor_pem)});
    {
        const std::lock_guard lock{queue_->mutex};
        queue_->waiting.push_back(mine);
    }
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
        queue_->healthy = false;
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
