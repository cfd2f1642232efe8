#include "core/policy/quotas.h"

#include "core/base/clock.h"

namespace datong::policy {

Status Quotas::take(const Grant& grant, std::chrono::system_clock::time_point now) {
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
    ++window.used;
    return {};
}

}  // namespace datong::policy
