#include "adapters/file/sorter.h"

#include <algorithm>
#include <utility>

#include "adapters/file/glob.h"
#include "core/base/text.h"

namespace datong::adapters::file {
namespace {

constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kMostAbandoned = 4'096;  // remembered; older ones are nobody's any more

}  // namespace

void Sorter::expect(const Letter& letter) {
    const std::scoped_lock lock{mutex_};
    waiting_.emplace(letter.holds, Waiting{.id = letter.id});
    texts_.reset();
}

void Sorter::forget(const Letter& letter) {
    const std::scoped_lock lock{mutex_};
    waiting_.erase(letter.holds);
    texts_.reset();
}

void Sorter::abandon(const Letter& letter) {
    const std::scoped_lock lock{mutex_};
    waiting_.erase(letter.holds);
    abandoned_.push_back(letter);
    if (abandoned_.size() > kMostAbandoned) {
        abandoned_.pop_front();
    }
    texts_.reset();
}

/// Made anew only after a change: a folder may hold thousands of files.
std::shared_ptr<const Texts> Sorter::texts() {
    const std::scoped_lock lock{mutex_};
    if (texts_ == nullptr) {
        std::vector<Texts::One> all;
        for (const auto& [what, waiting] : waiting_) {
            all.push_back({.text = what, .id = waiting.id, .is_waited_for = true});
        }
        for (const Letter& letter : abandoned_) {
            all.push_back({.text = letter.holds, .id = letter.id});
        }
        texts_ = std::make_shared<const Texts>(std::move(all));
    }
    return texts_;
}

bool Sorter::begin_looking(std::vector<std::string>& patterns) {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(looking_, true)) {
        return false;
    }
    for (const Letter& letter : abandoned_) {
        patterns.push_back(letter.reply);
    }
    std::ranges::sort(patterns);
    patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
    return true;
}

void Sorter::end_looking() {
    const std::scoped_lock lock{mutex_};
    looking_ = false;
}

Result<std::optional<std::string>> Sorter::take(Place& place, const Letter& letter, Deadline deadline) {
    std::vector<std::string> patterns{letter.reply};
    Status looked{};
    Status aside{};
    if (begin_looking(patterns)) {
        looked = look_through(place, patterns, aside, deadline, deadline);
        end_looking();
    }
    {
        const std::scoped_lock lock{mutex_};
        const auto mine = waiting_.find(letter.holds);
        if (mine != waiting_.end() && mine->second.found) {
            if (!*mine->second.found) {
                return fail(mine->second.found->error());  // as often as it is asked for
            }
            std::string found = std::move(**mine->second.found);
            waiting_.erase(mine);
            texts_.reset();
            return std::optional{std::move(found)};
        }
    }
    return looked ? Result<std::optional<std::string>>{std::nullopt} : fail(std::move(looked.error()));
}

/// They are many where the folder for them is full or gone: all at once would cost the call all its time.
void Sorter::free_a_stuck_one() {
    auto next = stuck_.upper_bound(last_freed_);
    next = next == stuck_.end() ? stuck_.begin() : next;
    if (next != stuck_.end()) {
        nobodys_.erase(*next);
        last_freed_ = std::move(stuck_.extract(next).value());
    }
}

Status Sorter::sweep(Place& place, Deadline share, Deadline deadline) {
    std::vector<std::string> patterns;
    if (!begin_looking(patterns)) {
        return {};
    }
    free_a_stuck_one();
    Status aside{};
    auto looked = patterns.empty() ? Status{} : look_through(place, patterns, aside, share, deadline);
    end_looking();
    return looked ? aside : looked;
}

/// New ones first: a reply that is waited for is one of them.
std::vector<Entry> Sorter::candidates(std::vector<Entry> entries, const std::vector<std::string>& patterns) {
    std::map<std::string, Look> still_nobodys;
    std::map<std::string, Sighting> still_seen;
    std::vector<Entry> made;
    for (Entry& entry : entries) {
        const bool is_wanted = entry.look.is_regular && !ascii_lower(entry.name).ends_with(".tmp") &&
                               std::ranges::any_of(patterns, [&](const auto& one) { return fits(one, entry.name); });
        if (!is_wanted) {
            continue;
        }
        if (const auto seen = seen_.find(entry.name); seen != seen_.end()) {
            still_seen.insert(*seen);
        }
        const auto known = nobodys_.find(entry.name);
        if (known != nobodys_.end() && known->second == entry.look) {
            still_nobodys.insert(*known);
        } else {
            made.push_back(std::move(entry));
        }
    }
    std::erase_if(stuck_, [&](const std::string& name) { return !still_nobodys.contains(name); });
    nobodys_ = std::move(still_nobodys);
    seen_ = std::move(still_seen);
    std::ranges::sort(made, [](const Entry& one, const Entry& other) { return one.look.changed > other.look.changed; });
    return made;
}

Status Sorter::look_through(Place& place, const std::vector<std::string>& patterns, Status& aside, Deadline share,
                            Deadline deadline) {
    auto entries = place.list(rules_.folders.in, kMostEntries, deadline);
    if (!entries) {
        return fail(std::move(entries.error()));
    }
    for (const Entry& entry : candidates(std::move(*entries), patterns)) {
        if (std::chrono::steady_clock::now() >= share) {
            return {};  // the next look goes on where this one ended
        }
        auto sorted = sort(place, entry, deadline);
        if (!sorted && is_over(place, deadline)) {
            nobodys_.erase(entry.name);  // whose it is will be found out over the next line
            return sorted;
        }
        if (!sorted) {
            stuck_.insert(entry.name);
        }
        aside = aside ? std::move(sorted) : std::move(aside);  // it stays, and keeps nobody else's from coming
    }
    return {};
}

Status Sorter::sort(Place& place, const Entry& entry, Deadline deadline) {
    auto whole = is_whole(place, rules_, entry.name, entry.look, seen_[entry.name], deadline);
    if (!whole || !*whole) {
        return whole ? Status{} : fail(std::move(whole.error()));
    }
    auto octets = place.read(join(rules_.folders.in, entry.name), rules_.max_reply, deadline);
    if (!octets) {
        return fail(std::move(octets.error()));
    }
    nobodys_[entry.name] = entry.look;  // unless it turns out to be somebody's, and goes
    return *octets ? deliver(place, entry.name, std::move(**octets), deadline) : Status{};
}

Status Sorter::deliver(Place& place, const std::string& name, std::string octets, Deadline deadline) {
    std::vector<std::string> owners;
    bool is_late = false;
    const std::shared_ptr<const Texts> known = texts();  // a call that comes now has laid no request yet
    for (const Texts::One* one : known->found_in(octets)) {
        if (one->is_waited_for) {
            owners.push_back(one->text);
        } else {
            is_late = true;
        }
    }
    if (owners.empty() && !is_late) {
        return {};
    }
    const bool is_nobodys = owners.size() != 1 || is_late;  // late, or an answer to two
    auto away = is_nobodys ? put_aside(place, rules_, name, deadline) : file_away(place, rules_, name, deadline);
    if (away) {
        nobodys_.erase(name);  // the next one of this name may look the same
        seen_.erase(name);
    }
    if (is_nobodys || (!away && is_over(place, deadline))) {
        return away;
    }
    const std::scoped_lock lock{mutex_};
    if (const auto owner = waiting_.find(owners.front()); owner != waiting_.end()) {
        if (!away) {
            owner->second.found = Result<std::string>{fail(away.error())};
        } else if (octets.size() > rules_.max_reply) {
            owner->second.found = Result<std::string>{fail(too_large(rules_))};
        } else {
            owner->second.found = Result<std::string>{std::move(octets)};
        }
    }
    return away;
}

}  // namespace datong::adapters::file
