#include "core/consent/consent.h"

#include <algorithm>
#include <array>

#include "core/base/clock.h"
#include "core/record/date.h"

namespace datong::consent {
namespace {

constexpr std::array<std::string_view, 3> kModes{"verify", "view", "store"};
constexpr std::array<std::string_view, 3> kPers{"consent", "month", "day"};
constexpr std::int64_t kDay = 86'400;

tl::unexpected<Error> refuse(std::string why) {
    return fail(Fault::consent_not_accepted, std::move(why));
}

bool has(const std::vector<std::string>& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// Midnight at +08:00 of a civil day, in unix seconds.
std::int64_t midnight_of(const record::Date& day) {
    constexpr std::int64_t kOffset = 8 * 3'600;
    return record::days_since_epoch(day) * kDay - kOffset;
}

}  // namespace

std::string_view name_of(Mode mode) {
    return kModes[static_cast<std::size_t>(mode)];
}

std::string_view name_of(Per per) {
    return kPers[static_cast<std::size_t>(per)];
}

Now now_of(std::chrono::system_clock::time_point at, const catalogue::Gateway& gateway) {
    return {.at = to_unix_seconds(at), .skew = std::chrono::seconds{gateway.freshness.skew}.count()};
}

Status may_register(const Consent& consent, std::string_view consumer, Now now) {
    if (consent.consumer != consumer) {
        return refuse("the consent's consumer is another");
    }
    if (consent.given_at > now.at + now.skew) {
        return refuse("the consent was given in the future");
    }
    return consent.valid_to > now.at ? Status{} : refuse("the consent is over");
}

bool names(const Consent& consent, std::string_view service, std::string_view matter) {
    return has(consent.services, service) || (!matter.empty() && has(consent.matters, matter));
}

Status covers(const Consent& consent, const Asked& asked, Now now) {
    if (consent.consumer != asked.consumer) {
        return refuse("the consent's consumer is another");
    }
    if (consent.person != asked.person) {
        return refuse("the consent's person is another");
    }
    if (!consent.id_type.empty() && consent.id_type != asked.id_type) {
        return refuse("the consent's id_type is another");
    }
    if (!names(consent, asked.service, asked.matter)) {
        return refuse("the consent does not name the service");
    }
    if (consent.purpose != asked.purpose) {
        return refuse("the consent's purpose is another");
    }
    if (consent.mode == Mode::verify && !asked.verify) {
        return refuse("the consent's mode is verify: nothing may be shown");
    }
    if (consent.valid_from > now.at + now.skew) {
        return refuse("the consent does not hold yet");
    }
    return consent.valid_to > now.at ? Status{} : refuse("the consent is over");
}

std::int64_t period_of(const Frequency& frequency, std::chrono::system_clock::time_point now) {
    const record::Date today = record::to_civil(now).date;
    switch (frequency.per) {
        case Per::day:
            return midnight_of(today);
        case Per::month:
            return midnight_of({.year = today.year, .month = today.month, .day = 1});
        case Per::consent:
            break;
    }
    return 0;
}

std::chrono::system_clock::time_point end_of_keeping(const Consent& consent,
                                                     std::chrono::system_clock::time_point told) {
    return told + std::chrono::hours{24 * (consent.mode == Mode::store ? consent.keep_days : 0)};
}

std::string keep_until(const Consent& consent, std::chrono::system_clock::time_point told) {
    return to_rfc3339(end_of_keeping(consent, told));
}

}  // namespace datong::consent
