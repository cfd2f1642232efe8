#include "core/files/kept.h"

#include <algorithm>
#include <mutex>

namespace datong::files {
namespace {

/// How much is held, by whom. Lives as long as any file.
struct Ledger {
    std::mutex mutex;  ///< of what follows
    std::size_t octets{};
    std::map<std::string, std::size_t, std::less<>> by_consumer;
};

struct Waiting {
    std::string consumer;
    Given given;
    std::chrono::system_clock::time_point ends;
};

}  // namespace

struct Kept::Room::Share {
    Share(std::shared_ptr<Ledger> held_in, std::string of, std::size_t much)
        : ledger{std::move(held_in)}, consumer{std::move(of)}, octets{much} {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { shrink_to(0); }

    void shrink_to(std::size_t rest) {
        const std::lock_guard lock{ledger->mutex};
        const std::size_t less = octets - std::min(octets, rest);
        octets -= less;
        ledger->octets -= less;
        if (const auto mine = ledger->by_consumer.find(consumer); mine != ledger->by_consumer.end()) {
            mine->second -= less;
            if (mine->second == 0) {
                ledger->by_consumer.erase(mine);
            }
        }
    }

    std::shared_ptr<Ledger> ledger;
    std::string consumer;
    std::size_t octets{};
    std::string file{};
};

struct Kept::State {
    explicit State(const Clock& its_clock) : clock{its_clock} {}
    const Clock& clock;
    std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();
    std::mutex mutex;                                                ///< of what follows
    std::map<std::pair<std::string, std::size_t>, Waiting> waiting;  ///< by exchange and number
};

Kept::Room::Room(std::unique_ptr<Share> share) : share_{std::move(share)} {
}

std::shared_ptr<const std::string> Kept::Room::take(std::string octets) && {
    share_->shrink_to(octets.size());
    share_->file = std::move(octets);
    const std::string* file = &share_->file;
    return {std::move(share_), file};
}

Kept::Kept(const Clock& clock) : state_{std::make_shared<State>(clock)} {
}
Kept::~Kept() = default;

std::optional<Kept::Room> Kept::hold(const std::string& consumer, std::size_t octets, std::size_t most) const {
    Ledger& ledger = *state_->ledger;
    const std::lock_guard lock{ledger.mutex};
    const auto mine = ledger.by_consumer.find(consumer);
    const std::size_t held = mine != ledger.by_consumer.end() ? mine->second : 0;
    if (ledger.octets + octets > most || (held > 0 && held + octets > most / 2)) {
        return std::nullopt;
    }
    ledger.octets += octets;
    ledger.by_consumer[consumer] += octets;
    return Room{std::make_unique<Room::Share>(state_->ledger, consumer, octets)};
}

void Kept::give(const std::string& exchange, const std::string& consumer, std::vector<Given> all,
                std::chrono::seconds life) {
    const auto ends = state_->clock.now() + life;
    const std::lock_guard lock{state_->mutex};
    for (Given& one : all) {
        if (one.how == Delivery::address) {
            const auto key = std::pair{exchange, one.number};
            state_->waiting.insert_or_assign(key, Waiting{.consumer = consumer, .given = std::move(one), .ends = ends});
        }
    }
}

std::optional<Given> Kept::find(const std::string& exchange, std::size_t number, std::string_view consumer) const {
    const auto now = state_->clock.now();
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->waiting.find({exchange, number});
    const bool is_theirs =
        found != state_->waiting.end() && found->second.consumer == consumer && found->second.ends > now;
    return is_theirs ? std::optional{found->second.given} : std::nullopt;
}

void Kept::purge() {
    const auto now = state_->clock.now();
    const std::lock_guard lock{state_->mutex};
    std::erase_if(state_->waiting, [now](const auto& entry) { return entry.second.ends <= now; });
}

std::size_t Kept::size() const {
    const std::lock_guard lock{state_->mutex};
    return state_->waiting.size();
}

std::size_t Kept::octets() const {
    const std::lock_guard lock{state_->ledger->mutex};
    return state_->ledger->octets;
}

}  // namespace datong::files
