#include "core/policy/quotas.h"

#include "core/base/clock.h"

namespace datong::policy {

Status Quotas::take(const Grant& grant, std::chrono::system_clock::time_point now) {
    return count(grant, now, 1);
}

Status Quotas::look(const Grant& grant, std::chrono::system_clock::time_point now) {
    return count(grant, now, 0);
}

Status Quotas::count(const Grant& grant, std::chrono::system_clock::time_point now, std::uint64_t units) {
    if (!grant.quota) {
        return {};
    }
    const std::int64_t number = to_unix_seconds(now) / grant.quota->seconds;
    const std::lock_guard lock{mutex_};
    Window& window = windows_[grant.id];
    if (window.number != number) {
        window = {.number = number, .used = 0};
    }
    if (window.used >= grant.quota->calls) {
        return fail(Fault::quota_exceeded, "grant " + grant.id);
    }
    window.used += units;
    return {};
}

}  // namespace datong::policy
