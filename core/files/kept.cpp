#include "core/files/kept.h"

#include <algorithm>
#include <mutex>
#include <set>

namespace datong::files {
namespace {

using Moment = std::chrono::system_clock::time_point;

/// How much is held, by whom. Lives as long as any file.
struct Ledger {
    std::mutex mutex;  ///< of what follows
    std::size_t octets{};
    std::map<std::string, std::size_t, std::less<>> by_consumer;
};

/// By exchange and number.
using Key = std::pair<std::string, std::size_t>;

struct Waiting {
    std::string consumer;
    Given given;
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
};

struct Kept::State {
    explicit State(const Clock& its_clock) : clock{its_clock} {}

    const Clock& clock;
    std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();
    std::mutex mutex;  ///< of what follows; taken before the ledger's
    std::map<Key, Waiting> waiting;
    /// Of each consumer those that nobody fetches at the moment or did, the first given first.
    std::map<std::string, std::set<std::pair<Moment, Key>>, std::less<>> by_consumer;

    void forget(std::map<Key, Waiting>::iterator entry) {
        const auto mine = by_consumer.find(entry->second.consumer);
        mine->second.erase({entry->second.given.until, entry->first});
        if (mine->second.empty()) {
            by_consumer.erase(mine);
        }
        waiting.erase(entry);
    }

    /// Takes `octets` for a consumer. @return nullptr where there is no room.
    std::shared_ptr<Room::Share> take(const std::string& consumer, std::size_t octets, std::size_t most) {
        const std::lock_guard lock{ledger->mutex};
        const std::size_t held = held_by(consumer);
        if (ledger->octets + octets > most || (held > 0 && held + octets > most / 2)) {
            return nullptr;
        }
        ledger->octets += octets;
        ledger->by_consumer[consumer] += octets;
        return std::make_shared<Room::Share>(ledger, consumer, octets);
    }

    /// Has whoever holds most, and more than the consumer would with what he asks for, lose the file that has waited
    /// longest. @return false where nobody has any that nobody is fetching.
    bool make_room(const std::string& consumer, std::size_t octets, std::size_t most) {
        std::vector<std::pair<std::size_t, std::string>> richer;
        {
            const std::lock_guard lock{ledger->mutex};
            const std::size_t wanted = held_by(consumer) + octets;
            if (wanted > most / 2) {
                return false;
            }
            for (const auto& [name, held] : ledger->by_consumer) {
                if (name != consumer && held > wanted) {
                    richer.emplace_back(held, name);
                }
            }
        }
        std::sort(richer.begin(), richer.end(), std::greater<>{});
        for (const auto& [held, name] : richer) {
            const auto theirs = by_consumer.find(name);
            if (theirs == by_consumer.end()) {
                continue;  // all on their way
            }
            for (const auto& [until, key] : theirs->second) {
                const auto entry = waiting.find(key);
                if (entry->second.given.file.octets.use_count() == 1) {  // nobody gets at it without our lock
                    forget(entry);
                    return true;
                }
            }
        }
        return false;
    }

private:
    std::size_t held_by(std::string_view consumer) const {
        const auto mine = ledger->by_consumer.find(consumer);
        return mine != ledger->by_consumer.end() ? mine->second : 0;
    }
};

Kept::Room::Room(std::shared_ptr<Share> share) : share_{std::move(share)} {
}

std::shared_ptr<const std::string> Kept::Room::take(std::string octets) const {
    struct File {
        std::shared_ptr<Share> share;
        std::string octets;
    };
    auto file = std::make_shared<File>(File{.share = share_, .octets = std::move(octets)});
    const std::string* there = &file->octets;
    return {std::move(file), there};
}

void Kept::Room::shrink_to(std::size_t octets) const {
    share_->shrink_to(octets + kBeside);
}

std::shared_ptr<const void> Kept::Room::share() const {
    return share_;
}

Kept::Kept(const Clock& clock) : state_{std::make_shared<State>(clock)} {
}
Kept::~Kept() = default;

std::optional<Kept::Room> Kept::hold(const std::string& consumer, std::size_t octets, std::size_t most) const {
    octets += kBeside;
    const std::lock_guard lock{state_->mutex};
    auto share = state_->take(consumer, octets, most);
    while (!share && state_->make_room(consumer, octets, most)) {
        share = state_->take(consumer, octets, most);
    }
    return share ? std::optional{Room{std::move(share)}} : std::nullopt;
}

void Kept::give(const std::string& exchange, const std::string& consumer, std::vector<Given> all) {
    const std::lock_guard lock{state_->mutex};
    for (Given& one : all) {
        if (one.how == Delivery::address) {
            const Key key{exchange, one.number};
            const Moment until = one.until;
            if (state_->waiting.try_emplace(key, Waiting{.consumer = consumer, .given = std::move(one)}).second) {
                state_->by_consumer[consumer].emplace(until, key);
            }
        }
    }
}

std::optional<Given> Kept::find(const std::string& exchange, std::size_t number, std::string_view consumer) const {
    const auto now = state_->clock.now();
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->waiting.find({exchange, number});
    const bool is_theirs =
        found != state_->waiting.end() && found->second.consumer == consumer && found->second.given.until > now;
    return is_theirs ? std::optional{found->second.given} : std::nullopt;
}

void Kept::purge() {
    const auto now = state_->clock.now();
    const std::lock_guard lock{state_->mutex};
    for (auto entry = state_->waiting.begin(); entry != state_->waiting.end();) {
        const auto next = std::next(entry);
        if (entry->second.given.until <= now) {
            state_->forget(entry);
        }
        entry = next;
    }
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
