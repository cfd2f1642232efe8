#include "core/platforms/held_calls.h"

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::platforms {
namespace {

/// No handle has a line feed.
std::string key_of(const std::string& consumer, const std::string& name) {
    return consumer + '\n' + name;
}

}  // namespace

std::string HeldCalls::keep(Held held, std::chrono::seconds life) {
    constexpr std::size_t kOctets = 32;
    std::string handle = to_base64url(crypto::random_bytes(kOctets));
    put(handle, std::move(held), life);
    return handle;
}

void HeldCalls::keep_as(const std::string& name, Held held, std::chrono::seconds life) {
    std::string key = key_of(held.consumer, name);
    put(std::move(key), std::move(held), life);
}

void HeldCalls::put(std::string key, Held held, std::chrono::seconds life) {
    const auto now = clock_.now();
    const std::lock_guard lock{mutex_};
    std::deque<std::string>& order = order_[held.consumer];
    const auto is_over = [&](const std::string& oldest) {
        const auto found = entries_.find(oldest);
        return found == entries_.end() || found->second.ends <= now;
    };
    while (!order.empty() && (order.size() >= kMost || is_over(order.front()))) {
        entries_.erase(order.front());
        order.pop_front();
    }
    if (entries_.insert_or_assign(key, Entry{std::move(held), now + life}).second) {
        order.push_back(std::move(key));
    }
}

std::optional<Held> HeldCalls::find(std::string_view handle) const {
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(handle);
    return found != entries_.end() && found->second.ends > clock_.now() ? std::optional{found->second.held}
                                                                        : std::nullopt;
}

std::optional<Held> HeldCalls::take(const std::string& handle) {
    auto held = find(handle);
    const std::lock_guard lock{mutex_};
    return entries_.erase(handle) > 0 ? std::move(held) : std::nullopt;  // of two at once one has it
}

std::optional<Held> HeldCalls::find(const std::string& consumer, const std::string& name) const {
    return find(key_of(consumer, name));
}

}  // namespace datong::platforms
