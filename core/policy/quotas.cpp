#include "core/policy/quotas.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/base/clock.h"

namespace datong::policy {
namespace {

constexpr std::int64_t kHour = 3'600;

/// Whether another window of the clock has begun. A call that came just before its turn is counted into the one that
/// began meanwhile; a clock that was put back by more begins anew.
bool is_another(std::int64_t number, std::int64_t known) {
    return number > known || number + 1 < known;
}

std::string key_of(Circle circle, const std::string& of) {
    return std::to_string(static_cast<int>(circle)) + of;
}

/// Guesses about one person, of however many materials.
struct Wanted {
    std::uint64_t count{};
    std::uint64_t most{};
};

std::map<std::string, Wanted> guesses_of(const Tally& what) {
    std::map<std::string, Wanted> all;
    for (const Tally::Guesses& one : what.guesses) {
        const auto [at, is_first] = all.try_emplace(one.about, Wanted{.count = 0, .most = one.most});
        at->second.count += one.count;
        at->second.most = std::min(at->second.most, one.most);
    }
    return all;
}

/// The persons of one circle, each once.
struct Asking {
    const Tally::Subject* first{};
    std::uint64_t most{};
    std::set<std::string> ids;
};

std::map<std::string, Asking> subjects_of(const Tally& what) {
    std::map<std::string, Asking> all;
    for (const Tally::Subject& one : what.subjects) {
        const auto [at, is_first] = all.try_emplace(key_of(one.circle, one.of), Asking{&one, one.most, {}});
        at->second.most = std::min(at->second.most, one.most);
        at->second.ids.insert(one.id);
    }
    return all;
}

template <class Known>
std::uint64_t fresh(const Known& known, const std::set<std::string>& ids) {
    return static_cast<std::uint64_t>(
        std::count_if(ids.begin(), ids.end(), [&known](const std::string& id) { return !known.contains(id); }));
}

std::string over(std::uint64_t most, std::string_view what) {
    return "over " + std::to_string(most) + ' ' + std::string{what} + " an hour";
}

}  // namespace

std::string_view name_of(Circle circle) {
    constexpr std::array<std::string_view, 3> kNames{"consumer", "grant", "account"};
    return kNames[static_cast<std::size_t>(circle)];
}

Status Quotas::take(const Grant& grant, std::chrono::system_clock::time_point now) {
    return count(grant, now, 1);
}

Status Quotas::look(const Grant& grant, std::chrono::system_clock::time_point now) {
    return count(grant, now, 0);
}

Quotas::Hours Quotas::begin_hour(std::chrono::system_clock::time_point now) {
    const std::int64_t hour = to_unix_seconds(now) / kHour;
    if (!is_another(hour, hour_)) {
        return {};
    }
    hour_ = hour;
    return std::exchange(hours_, {});
}

Status Quotas::check(const Hour& theirs, const Tally& what) {
    std::size_t about = theirs.guesses.size();
    for (const auto& [name, wanted] : guesses_of(what)) {
        const auto known = theirs.guesses.find(name);
        about += known == theirs.guesses.end() ? 1 : 0;
        const std::uint64_t used = known == theirs.guesses.end() ? 0 : known->second;
        if (used + wanted.count > wanted.most) {
            return fail(Fault::guesses_exceeded,
                        over(wanted.most, name.starts_with('\n') ? "predicates about one person, over all services,"
                                                                 : "predicates about one person"));
        }
    }
    if (!what.guesses.empty() && about > kMostAbout) {
        return fail(Fault::guesses_exceeded, over(kMostAbout, "persons guessed about"));
    }
    std::size_t remembered = theirs.remembered;
    for (const auto& [circle, asking] : subjects_of(what)) {
        const auto known = theirs.subjects.find(circle);
        const std::size_t before = known == theirs.subjects.end() ? 0 : known->second.size();
        const std::uint64_t more =
            known == theirs.subjects.end() ? asking.ids.size() : fresh(known->second, asking.ids);
        remembered += more;
        if (more > 0 && before + more > asking.most) {
            return fail(Fault::subjects_exceeded, over(asking.most, "persons"));
        }
    }
    if (remembered > theirs.remembered && remembered > kMostSubjects) {
        return fail(Fault::subjects_exceeded, over(kMostSubjects, "persons, by grant and account,"));
    }
    return {};
}

Result<Tallied> Quotas::tally(const Tally& what, std::chrono::system_clock::time_point now) {
    Hours gone;
    const std::lock_guard lock{mutex_};
    gone = begin_hour(now);
    Hour& theirs = hours_[what.consumer];
    if (auto room = check(theirs, what); !room) {
        return fail(std::move(room.error()).after(std::chrono::seconds{(hour_ + 1) * kHour - to_unix_seconds(now)}));
    }
    for (const Tally::Guesses& one : what.guesses) {
        theirs.guesses[one.about] += one.count;
    }
    Tallied tallied;
    constexpr std::uint64_t kOf = 10;
    constexpr std::uint64_t kMany = 8;
    for (const auto& [circle, asking] : subjects_of(what)) {
        auto& known = theirs.subjects[circle];
        const std::uint64_t before = known.size();
        known.insert(asking.ids.begin(), asking.ids.end());
        theirs.remembered += known.size() - before;
        tallied.subjects += asking.first->circle == Circle::account ? 0 : known.size() - before;
        if (before * kOf < asking.most * kMany && known.size() * kOf >= asking.most * kMany) {
            tallied.near.push_back({asking.first->circle, asking.first->of, known.size(), asking.most});
        }
    }
    return tallied;
}

std::optional<Missed> Quotas::note_answers(const std::string& consumer, const Missed& came, std::uint64_t percent,
                                           std::chrono::system_clock::time_point now) {
    constexpr std::uint64_t kWhole = 100;
    Hours gone;
    const std::lock_guard lock{mutex_};
    gone = begin_hour(now);
    Hour& theirs = hours_[consumer];
    theirs.missed.answered += came.answered;
    theirs.missed.missing += came.missing;
    const bool is_many =
        theirs.missed.answered >= kFewAnswers && theirs.missed.missing * kWhole >= theirs.missed.answered * percent;
    if (!is_many || std::exchange(theirs.is_told, true)) {
        return std::nullopt;
    }
    return theirs.missed;
}

Status Quotas::count(const Grant& grant, std::chrono::system_clock::time_point now, std::uint64_t units) {
    if (!grant.quota) {
        return {};
    }
    const std::int64_t number = to_unix_seconds(now) / grant.quota->seconds;
    const std::lock_guard lock{mutex_};
    Window& window = windows_[grant.id];
    if (is_another(number, window.number)) {
        window = {.number = number, .used = 0};
    }
    if (window.used >= grant.quota->calls) {
        return fail(Fault::quota_exceeded, "grant " + grant.id);
    }
    window.used += units;
    return {};
}

}  // namespace datong::policy
