#include "core/platforms/held_calls.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"

namespace datong::platforms {

std::string HeldCalls::keep(Held held, std::chrono::seconds life) {
    constexpr std::size_t kOctets = 32;
    std::string handle = to_base64url(crypto::random_bytes(kOctets));
    put(key_of(handle), std::move(held), life);
    return handle;
}

void HeldCalls::keep_as(const std::string& name, Held held, std::chrono::seconds life) {
    Key key{Key::Kind::name, held.consumer, name};
    put(std::move(key), std::move(held), life);
}

void HeldCalls::put(Key key, Held held, std::chrono::seconds life) {
    const auto now = clock_.now();
    const std::size_t octets = codec::write_json(held.native).size() + key.text.size();
    const std::lock_guard lock{mutex_};
    if (const auto before = entries_.find(key); before != entries_.end()) {
        erase(before);
    }
    Shelf& shelf = shelves_[held.consumer];
    while (!shelf.order.empty()) {
        const auto oldest = entries_.find(shelf.order.begin()->second);
        const bool is_full = shelf.order.size() >= kMost || shelf.octets + octets > kMostOctets;
        if (!is_full && oldest->second.ends > now) {
            break;
        }
        erase(oldest);
    }
    shelf.octets += octets;
    shelf.order.emplace(++last_number_, key);
    entries_.emplace(std::move(key),
                     Entry{.held = std::move(held), .ends = now + life, .octets = octets, .number = last_number_});
}

HeldCalls::Entries::iterator HeldCalls::alive(const Key& key) {
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.ends > clock_.now() ? found : entries_.end();
}

HeldCalls::Entries::iterator HeldCalls::erase(Entries::iterator entry) {
    Shelf& shelf = shelves_[entry->second.held.consumer];
    shelf.octets -= entry->second.octets;
    shelf.order.erase(entry->second.number);
    return entries_.erase(entry);
}

std::optional<Held> HeldCalls::find(const Key& key) const {
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.ends > clock_.now() ? std::optional{found->second.held}
                                                                        : std::nullopt;
}

std::optional<Held> HeldCalls::find(const std::string& handle) const {
    return find(key_of(handle));
}

std::optional<Held> HeldCalls::find(const std::string& consumer, const std::string& name) const {
    return find(Key{Key::Kind::name, consumer, name});
}

std::optional<Held> HeldCalls::take(const std::string& handle) {
    const std::lock_guard lock{mutex_};
    const auto found = alive(key_of(handle));
    if (found == entries_.end()) {
        return std::nullopt;
    }
    std::optional<Held> held{found->second.held};
    erase(found);
    return held;
}

std::optional<Held> HeldCalls::use(const std::string& handle, std::string_view consumer, const std::string& purpose) {
    const std::lock_guard lock{mutex_};
    const auto found = alive(key_of(handle));
    const bool is_theirs = found != entries_.end() && found->second.held.consumer == consumer;
    return is_theirs && found->second.used.insert(purpose).second ? std::optional{found->second.held} : std::nullopt;
}

void HeldCalls::purge() {
    const auto now = clock_.now();
    const std::lock_guard lock{mutex_};
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        entry = entry->second.ends <= now ? erase(entry) : std::next(entry);
    }
}

std::size_t HeldCalls::size() const {
    const std::lock_guard lock{mutex_};
    return entries_.size();
}

}  // namespace datong::platforms
