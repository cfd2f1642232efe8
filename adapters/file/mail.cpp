#include "adapters/file/mail.h"

#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::adapters::file {
namespace {

constexpr std::size_t kMostNameBytes = 255;  // that file systems take

/// A name that nothing else has: so many files of one name cost no more than two.
std::string another_name(const std::string& name) {
    std::string mark = to_hex(crypto::random_bytes(8));
    return name.size() + 1 + mark.size() <= kMostNameBytes ? name + '.' + mark : mark;
}

/// Under its own name, or another one where that lies there already.
/// @return the path that the file has now; nullopt when it was gone already.
Result<std::optional<std::string>> move_into(Place& place, const std::string& from, const std::string& folder,
                                             const std::string& name, Deadline deadline) {
    for (std::string to = join(folder, name);; to = join(folder, another_name(name))) {
        auto there = place.look(from, deadline);
        if (!there) {
            return fail(std::move(there.error()));
        }
        if (!*there) {
            return std::optional<std::string>{};
        }
        auto moved = place.move(from, to, deadline);
        if (!moved) {
            return fail(std::move(moved.error()));
        }
        if (*moved) {
            return std::optional{std::move(to)};
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(Fault::department_timeout, "a file was not moved in time");
        }
    }
}

Status remove_flag(Place& place, const Rules& rules, const std::string& reply, Deadline deadline) {
    if (rules.reply_flag.empty()) {
        return {};
    }
    auto removed = place.remove(join(rules.folders.in, reply) + rules.reply_flag, deadline);
    return removed ? Status{} : fail(std::move(removed.error()));
}

/// @param folder  empty: it is removed.
Status clear(Place& place, const Rules& rules, const std::string& reply, const std::string& folder, Deadline deadline) {
    const std::string path = join(rules.folders.in, reply);
    if (folder.empty()) {
        auto removed = place.remove(path, deadline);
        return removed ? remove_flag(place, rules, reply, deadline) : fail(std::move(removed.error()));
    }
    auto moved = move_into(place, path, folder, reply, deadline);
    return moved ? remove_flag(place, rules, reply, deadline) : fail(std::move(moved.error()));
}

}  // namespace

bool is_over(const Place& place, Deadline deadline) {
    return !place.is_sound() || std::chrono::steady_clock::now() >= deadline;
}

Result<bool> is_whole(Place& place, const Rules& rules, const std::string& reply, const Look& look, Sighting& seen,
                      Deadline deadline) {
    if (!rules.reply_flag.empty()) {
        auto flag = place.look(join(rules.folders.in, reply) + rules.reply_flag, deadline);
        return flag ? Result<bool>{flag->has_value()} : fail(std::move(flag.error()));
    }
    const auto now = std::chrono::steady_clock::now();
    if (look != seen.look) {
        seen = {.look = look, .since = now};
    }
    return now - seen.since >= rules.settle;
}

Result<std::string> read_away(Place& place, const Rules& rules, const std::string& reply, Deadline deadline) {
    std::string path = join(rules.folders.in, reply);
    if (!rules.folders.done.empty()) {
        auto moved = move_into(place, path, rules.folders.done, reply, deadline);
        if (!moved || !*moved) {
            return moved ? fail(Fault::department_down, "the reply is gone again") : fail(std::move(moved.error()));
        }
        path = std::move(**moved);
    }
    auto bytes = place.read(path, rules.max_reply, deadline);
    if (rules.folders.done.empty()) {
        auto removed = place.remove(path, deadline);
        if (!removed) {
            return fail(std::move(removed.error()));
        }
    }
    if (auto cleared = remove_flag(place, rules, reply, deadline); !cleared) {
        return fail(std::move(cleared.error()));
    }
    if (!bytes) {
        return fail(std::move(bytes.error()));
    }
    if (!*bytes) {
        return fail(Fault::department_invalid, "the reply can't be read");
    }
    if ((*bytes)->size() > rules.max_reply) {
        return fail(too_large(rules));
    }
    return std::move(**bytes);
}

Error too_large(const Rules& rules) {
    return Error{Fault::department_invalid, "the reply has more than " + std::to_string(rules.max_reply) + " bytes"}
        .over_limit();
}

Status put_aside(Place& place, const Rules& rules, const std::string& reply, Deadline deadline) {
    return clear(place, rules, reply, rules.folders.late, deadline);
}

Status file_away(Place& place, const Rules& rules, const std::string& reply, Deadline deadline) {
    return clear(place, rules, reply, rules.folders.done, deadline);
}

}  // namespace datong::adapters::file
