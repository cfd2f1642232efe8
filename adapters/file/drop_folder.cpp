#include "adapters/file/drop_folder.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "adapters/file/glob.h"

namespace datong::adapters::file {
namespace {

constexpr std::size_t kMostAbandoned = 4'096;  // names remembered; older ones are nobody's any more
constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kFewNames = 8;  // looked up one by one; more of them in a list of the folder
constexpr std::chrono::seconds kBetweenSweeps{1};
constexpr std::chrono::milliseconds kShare{
    200};  // of a call's time that a sweep may cost it, for names and for contents
constexpr std::chrono::minutes kBetweenCleanings{1};
constexpr std::chrono::seconds kFarewell{5};

/// Whether it is time again; then the next time is set.
bool is_due(Deadline& next, std::chrono::steady_clock::duration every) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next) {
        return false;
    }
    next = now + every;
    return true;
}

/// No file is begun behind it; within one the deadline stands, for a request that is broken off costs the line.
Deadline share_of(Deadline deadline) {
    return std::min<Deadline>(deadline, std::chrono::steady_clock::now() + kShare);
}

}  // namespace

Status DropFolder::send(const Letter& letter, const std::string& body, Deadline deadline) {
    if (!letter.holds.empty()) {
        sorter_.expect(letter);
    }
    bool may_lie_there = false;
    const Places::Work<bool> work = [&](Place& place) -> Result<bool> {
        if (auto swept = sweep(place, deadline); !swept && is_over(place, deadline)) {
            return fail(std::move(swept.error()));
        }
        auto laid = lay_down(place, letter, body, may_lie_there, deadline);
        return laid ? Result<bool>{true} : fail(std::move(laid.error()));
    };
    auto sent = places_.with<bool>(deadline, work);
    if (!sent && may_lie_there) {
        abandon(letter);
    }
    return sent ? Status{} : fail(std::move(sent.error()));
}

/// A late reply of the name is put aside. One that may still come would be taken for this call's.
Status DropFolder::make_way(Place& place, const std::string& reply, Deadline deadline) {
    auto there = place.look(join(rules_.folders.in, reply), deadline);
    auto aside = there && *there ? put_aside(place, rules_, reply, deadline) : Status{};
    if (!there || !aside) {
        return fail(std::move(there ? aside.error() : there.error()));
    }
    const std::scoped_lock lock{mutex_};
    const auto is_awaited = [&](const Abandoned& one) {
        return one.reply == reply && !*there && std::chrono::steady_clock::now() - one.since < rules_.late;
    };
    if (std::ranges::any_of(abandoned_, is_awaited)) {
        return fail(Fault::source_busy, "the reply of an earlier call of that name may still come");
    }
    std::erase_if(abandoned_, [&](const Abandoned& one) { return one.reply == reply; });
    return {};
}

Status DropFolder::lay_down(Place& place, const Letter& letter, const std::string& body, bool& may_lie_there,
                            Deadline deadline) {
    if (letter.holds.empty()) {
        if (auto free = make_way(place, letter.reply, deadline); !free) {
            return free;
        }
    }
    const std::string path = join(rules_.folders.out, letter.request);
    const std::string temporary = path + ".tmp";
    auto put = place.put(temporary, body, deadline);
    if (!put || !*put) {
        return put ? fail(Fault::source_busy, "a request of that name is being written") : fail(std::move(put.error()));
    }
    if (std::chrono::steady_clock::now() >= deadline) {
        static_cast<void>(place.remove(temporary, deadline));
        return fail(Fault::department_timeout, "the request was not laid down in time");
    }
    auto named = place.move(temporary, path, deadline);
    may_lie_there = !named || *named;
    if (!named || !*named) {
        static_cast<void>(place.remove(temporary, deadline));
        return named ? fail(Fault::source_busy, "a request of that name lies there still")
                     : fail(std::move(named.error()));
    }
    if (!rules_.request_flag.empty()) {
        auto flagged = place.put(path + rules_.request_flag, "", deadline);
        if (!flagged) {
            return fail(std::move(flagged.error()));
        }
    }
    return {};
}

Result<std::optional<std::string>> DropFolder::take(const Letter& letter, Sighting& seen, Deadline deadline) {
    using Found = std::optional<std::string>;
    const Places::Work<Found> work = [&](Place& place) -> Result<Found> {
        if (!letter.holds.empty()) {
            return sorter_.take(place, letter, deadline);
        }
        auto look = place.look(join(rules_.folders.in, letter.reply), deadline);
        if (!look || !*look) {
            return look ? Result<Found>{Found{}} : fail(std::move(look.error()));
        }
        if (!(*look)->is_regular) {
            return fail(Fault::department_invalid, "the reply is no regular file");
        }
        auto whole = is_whole(place, rules_, letter.reply, **look, seen, deadline);
        if (!whole || !*whole) {
            return whole ? Result<Found>{Found{}} : fail(std::move(whole.error()));
        }
        auto octets = read_away(place, rules_, letter.reply, deadline);
        return octets ? Result<Found>{std::move(*octets)} : fail(std::move(octets.error()));
    };
    return places_.with<Found>(deadline, work);
}

/// @return whether nobody has fetched it, so that nothing can come.
bool DropFolder::withdraw(Place& place, const Letter& letter, Deadline deadline) const {
    const std::string path = join(rules_.folders.out, letter.request);
    if (!rules_.request_flag.empty()) {
        static_cast<void>(place.remove(path + rules_.request_flag, deadline));
    }
    const auto removed = place.remove(path, deadline);
    static_cast<void>(place.remove(path + ".tmp", deadline));
    return removed && *removed;
}

void DropFolder::abandon(const Letter& letter) {
    const Deadline deadline = std::chrono::steady_clock::now() + kFarewell;
    const Places::Work<bool> work = [&](Place& place) -> Result<bool> { return withdraw(place, letter, deadline); };
    const auto withdrawn = places_.with<bool>(deadline, work);
    if (withdrawn && *withdrawn) {
        sorter_.forget(letter);
        return;
    }
    if (!letter.holds.empty()) {
        sorter_.abandon(letter);
        return;
    }
    const std::scoped_lock lock{mutex_};
    abandoned_.push_back({letter.reply, std::chrono::steady_clock::now()});
    if (abandoned_.size() > kMostAbandoned) {
        abandoned_.pop_front();
    }
}

Status DropFolder::sweep(Place& place, Deadline deadline) {
    bool cleans = false;
    {
        const std::scoped_lock lock{mutex_};
        if (!is_due(next_sweep_, kBetweenSweeps)) {
            return {};
        }
        cleans = rules_.clean.count() > 0 && is_due(next_cleaning_, kBetweenCleanings);
    }
    auto first = sweep_names(place, deadline);
    const auto then = [&](Status next) { first = first ? std::move(next) : std::move(first); };
    if (!is_over(place, deadline)) {
        then(sorter_.sweep(place, share_of(deadline), deadline));
    }
    if (cleans && !is_over(place, deadline)) {
        then(clean_requests(place, deadline));
    }
    return first;
}

Result<std::vector<std::string>> DropFolder::late_names(Place& place, Deadline deadline) {
    std::vector<std::string> names;
    {
        const std::scoped_lock lock{mutex_};
        for (const Abandoned& one : abandoned_) {
            names.push_back(one.reply);
        }
        if (const auto next = std::ranges::find(names, next_name_); next != names.end()) {
            std::ranges::rotate(names, next);
        }
    }
    if (names.size() > kFewNames) {
        auto entries = place.list(rules_.folders.in, kMostEntries, deadline);
        if (!entries) {
            return fail(std::move(entries.error()));
        }
        std::set<std::string> there;
        for (const Entry& entry : *entries) {
            there.insert(entry.name);
        }
        std::erase_if(names, [&](const std::string& name) { return !there.contains(name); });
    }
    return names;
}

Status DropFolder::sweep_names(Place& place, Deadline deadline) {
    const auto names = late_names(place, deadline);
    if (!names) {
        return fail(names.error());
    }
    const Deadline share = share_of(deadline);
    Status first{};
    std::string next;
    for (const std::string& name : *names) {
        if (std::chrono::steady_clock::now() >= share) {
            next = name;
            break;
        }
        auto look = place.look(join(rules_.folders.in, name), deadline);
        if (!look) {
            return fail(std::move(look.error()));
        }
        if (!*look) {
            continue;
        }
        auto aside = put_aside(place, rules_, name, deadline);
        if (!aside && is_over(place, deadline)) {
            return aside;
        }
        if (aside) {
            const std::scoped_lock lock{mutex_};
            std::erase_if(abandoned_, [&](const Abandoned& one) { return one.reply == name; });
        }
        first = first ? std::move(aside) : std::move(first);
    }
    const std::scoped_lock lock{mutex_};
    next_name_ = std::move(next);
    return first;
}

/// What a gateway that crashed left behind asks about persons long after anybody wants to know.
Status DropFolder::clean_requests(Place& place, Deadline deadline) const {
    auto entries = place.list(rules_.folders.out, kMostEntries, deadline);
    if (!entries) {
        return fail(std::move(entries.error()));
    }
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
    Status first{};
    for (const Entry& entry : *entries) {
        const auto is_own = [&](const std::string& pattern) {
            return fits(pattern, entry.name) || fits(pattern + ".tmp", entry.name) ||
                   (!rules_.request_flag.empty() && fits(pattern + rules_.request_flag, entry.name));
        };
        const bool is_old = now - entry.look.changed_s > rules_.clean.count();
        if (entry.look.is_regular && is_old && std::ranges::any_of(rules_.own_requests, is_own)) {
            auto removed = place.remove(join(rules_.folders.out, entry.name), deadline);
            if (!removed && first) {
                first = fail(std::move(removed.error()));
            }
            if (!removed && is_over(place, deadline)) {
                break;
            }
        }
    }
    return first;
}

Status DropFolder::check(Deadline deadline) {
    const Places::Work<bool> work = [&](Place& place) -> Result<bool> {
        const std::pair<const char*, const std::string&> folders[] = {{"out", rules_.folders.out},
                                                                      {"in", rules_.folders.in},
                                                                      {"done", rules_.folders.done},
                                                                      {"late", rules_.folders.late}};
        for (const auto& [name, path] : folders) {
            if (auto good = path.empty() ? Status{} : place.check(path, deadline); !good) {
                return fail(std::move(good.error()).within(name));
            }
        }
        {
            const std::scoped_lock lock{mutex_};
            next_sweep_ = {};
        }
        auto swept = sweep(place, deadline);
        return swept ? Result<bool>{true} : fail(std::move(swept.error()));
    };
    auto checked = places_.with<bool>(deadline, work);
    return checked ? Status{} : fail(std::move(checked.error()));
}

}  // namespace datong::adapters::file
