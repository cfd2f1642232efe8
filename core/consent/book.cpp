#include "core/consent/book.h"

#include <algorithm>
#include <utility>

#include "core/base/clock.h"
#include "core/base/moment.h"
#include "core/crypto/cipher.h"

namespace datong::consent {
namespace {

using record::Record;
using std::chrono::system_clock;

constexpr std::string_view kUse = "datong consents";  ///< of the key derived from the subject key
constexpr std::int64_t kSame = 600;                   ///< seconds within which a call that is sent again is one use
constexpr std::int64_t kKept = 400 * std::int64_t{86'400};
constexpr std::int64_t kMostListed = 10'000;
constexpr std::int64_t kMostOfOne = 100'000;  ///< in force of one consumer
constexpr std::int64_t kMostNoted = 64;

tl::unexpected<Error> refuse(std::string why) {
    return fail(Fault::consent_not_accepted, std::move(why));
}

std::string time_text(std::int64_t seconds) {
    return seconds_to_rfc3339(seconds);
}

Record texts(const std::vector<std::string>& all) {
    Record list = Record::list();
    for (const std::string& one : all) {
        list.add(Record::text(one));
    }
    return list;
}

Standing void_one(const store::Consent& row) {
    Standing standing{.registered = row.registered,
                      .revoked = row.revoked,
                      .reason = row.reason,
                      .revocation = row.revocation,
                      .uses = row.uses,
                      .is_void = true};
    standing.said.id = row.id;
    standing.said.issuer = row.issuer;
    standing.said.consumer = row.consumer;
    standing.said.valid_to = row.until;
    return standing;
}

/// Whether something that was got by it may still be given.
Status still(const Standing& standing, const std::string& consumer, system_clock::time_point now) {
    if (standing.said.consumer != consumer) {
        return refuse("the consent's consumer is another");
    }
    if (standing.revoked != 0) {
        return refuse("the consent was revoked");
    }
    return standing.said.valid_to > to_unix_seconds(now) ? Status{} : refuse("the consent is over");
}

/// ",a,b,"
std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text.append(text.empty() ? "," : "").append(name).append(",");
    }
    return text;
}

void put_times(Record& into, const Standing& standing) {
    into.put("registered_at", Record::text(time_text(standing.registered)));
    into.put("uses", Record::integer(standing.uses));
    if (standing.revoked != 0) {
        into.put("revoked_at", Record::text(time_text(standing.revoked)));
        into.put("reason", Record::text(standing.reason));
        if (!standing.revocation.empty()) {
            into.put("revocation", Record::text(standing.revocation));
        }
    }
}

}  // namespace

std::string file_of(const catalogue::Gateway& gateway) {
    return gateway.store_file + ".consents";
}

std::string_view state_of(const Standing& standing, Now now) {
    return standing.revoked != 0                          ? "revoked"
           : standing.said.valid_to <= now.at             ? "over"
           : standing.is_void                             ? "void"
           : standing.said.valid_from > now.at + now.skew ? "not_yet"
           : standing.left <= 0                           ? "used_up"
                                                          : "in_force";
}

Record to_record(const Standing& standing, Now now) {
    const Consent& said = standing.said;
    Record made = Record::object();
    made.put("id", Record::text(said.id));
    made.put("state", Record::text(std::string{state_of(standing, now)}));
    made.put("issuer", Record::text(said.issuer));
    made.put("consumer", Record::text(said.consumer));
    put_times(made, standing);
    if (standing.is_void) {
        return made;
    }
    if (!said.services.empty()) {
        made.put("services", texts(said.services));
    }
    if (!said.matters.empty()) {
        made.put("matters", texts(said.matters));
    }
    made.put("purpose", Record::text(said.purpose));
    made.put("mode", Record::text(std::string{name_of(said.mode)}));
    if (said.mode == Mode::store) {
        made.put("keep_days", Record::integer(said.keep_days));
    }
    Record frequency = Record::object();
    frequency.put("uses", Record::integer(said.frequency.uses));
    frequency.put("per", Record::text(std::string{name_of(said.frequency.per)}));
    made.put("frequency", std::move(frequency));
    made.put("valid_from", Record::text(time_text(said.valid_from)));
    made.put("valid_to", Record::text(time_text(said.valid_to)));
    Record given = Record::object();
    given.put("at", Record::text(time_text(said.given_at)));
    given.put("how", Record::text(said.given_how));
    made.put("given", std::move(given));
    made.put("left", Record::integer(std::max<std::int64_t>(0, standing.left)));
    made.put("sha256", Record::text(said.digest));
    return made;
}

Result<Standing> Book::standing_of(const catalogue::Snapshot& snapshot, const store::Consent& row,
                                   system_clock::time_point now) const {
    const auto jws = crypto::unseal(snapshot.gateway.subject_key, kUse, row.id, row.sealed);
    if (!jws) {
        return refuse("what was kept of the consent can't be read");
    }
    auto said = read_consent(*jws, snapshot);
    if (!said) {
        return fail(std::move(said.error()));
    }
    if (said->id != row.id || said->issuer != row.issuer || said->consumer != row.consumer ||
        said->valid_to != row.until) {
        return refuse("what was kept of the consent is not what its issuer signed");
    }
    const std::int64_t used = row.period >= period_of(said->frequency, now) ? row.in_period : 0;
    const std::int64_t left = said->frequency.uses - used;
    return Standing{.said = std::move(*said),
                    .registered = row.registered,
                    .revoked = row.revoked,
                    .reason = row.reason,
                    .revocation = row.revocation,
                    .uses = row.uses,
                    .left = left};
}

Result<Book::Kept> Book::keep(const catalogue::Snapshot& snapshot, const Consent& consent, const std::string& jws,
                              system_clock::time_point now) const {
    store::Consent row{.id = consent.id,
                       .issuer = consent.issuer,
                       .consumer = consent.consumer,
                       .mac = consent.mac,
                       .digest = consent.digest,
                       .sealed = crypto::seal(snapshot.gateway.subject_key, kUse, consent.id, jws),
                       .services = listed(consent.services),
                       .registered = to_unix_seconds(now),
                       .until = consent.valid_to};
    if (row.sealed.empty()) {
        return fail(Fault::internal, "the consent could not be sealed");
    }
    const auto kept = store_->keep(row, kMostOfOne);
    if (!kept) {
        return fail(kept.error());
    }
    if (kept->is_full) {
        return fail(Fault::quota_exceeded, "the consumer has as many consents in force as it may");
    }
    if (kept->consent.mac != consent.mac) {
        return refuse("another consent has this id");
    }
    if (kept->consent.revoked != 0) {
        return refuse("the consent was revoked");
    }
    auto standing = standing_of(snapshot, kept->consent, now);
    if (!standing && standing.error().fault() == Fault::consent_not_accepted && !kept->is_new) {
        auto renewed = store_->renew(row).and_then([&] { return find(snapshot, consent.id, now); });
        return renewed ? Result<Kept>{Kept{.standing = std::move(*renewed)}} : fail(std::move(renewed.error()));
    }
    return standing ? Result<Kept>{Kept{.standing = std::move(*standing), .is_new = kept->is_new}}
                    : fail(std::move(standing.error()));
}

Result<Standing> Book::find(const catalogue::Snapshot& snapshot, const std::string& id,
                            system_clock::time_point now) const {
    const auto row = store_->find(id);
    if (!row) {
        return fail(row.error());
    }
    return *row ? standing_of(snapshot, **row, now) : refuse("no consent of that id is registered");
}

Result<Standing> Book::look(const catalogue::Snapshot& snapshot, const std::string& id,
                            system_clock::time_point now) const {
    const auto row = store_->find(id);
    if (!row) {
        return fail(row.error());
    }
    if (!*row) {
        return refuse("no consent of that id is registered");
    }
    auto standing = standing_of(snapshot, **row, now);
    return standing ? std::move(*standing) : void_one(**row);
}

Result<Book::Listed> Book::all(const catalogue::Snapshot& snapshot, const store::Consents::Which& which,
                               system_clock::time_point now) const {
    auto rows = store_->all(which, kMostListed + 1);
    if (!rows) {
        return fail(rows.error());
    }
    Listed made{.consents = {}, .is_cut = rows->size() > kMostListed};
    rows->resize(std::min<std::size_t>(rows->size(), kMostListed));
    for (const store::Consent& row : *rows) {
        auto standing = standing_of(snapshot, row, now);
        made.consents.push_back(standing ? std::move(*standing) : void_one(row));
    }
    return made;
}

Status Book::still_holds(const catalogue::Snapshot& snapshot, const std::string& id, const std::string& consumer,
                         system_clock::time_point now) const {
    const auto standing = find(snapshot, id, now);
    return standing ? still(*standing, consumer, now) : fail(standing.error());
}

Status Book::may_have_again(const catalogue::Snapshot& snapshot, const std::string& id, const std::string& consumer,
                            system_clock::time_point told, system_clock::time_point now) const {
    const auto standing = find(snapshot, id, now);
    if (!standing) {
        return fail(standing.error());
    }
    if (auto holds = still(*standing, consumer, now); !holds) {
        return holds;
    }
    const bool may_keep = standing->said.mode == Mode::store && now < end_of_keeping(standing->said, told);
    return may_keep ? Status{} : refuse("what was told by the consent may not be kept any more");
}

Result<std::int64_t> Book::take(const Consent& consent, const std::string& name, system_clock::time_point now) const {
    const std::int64_t at = to_unix_seconds(now);
    const auto taken = store_->take({.consent = consent.id,
                                     .name = name,
                                     .most = consent.frequency.uses,
                                     .since = period_of(consent.frequency, now),
                                     .same_since = at - kSame,
                                     .now = at});
    if (!taken) {
        return fail(taken.error());
    }
    if (taken->is_revoked) {
        return refuse("the consent was revoked");
    }
    return taken->number != 0 ? Result<std::int64_t>{taken->number} : refuse("the consent's uses are used up");
}

Status Book::give_back(const std::string& consent, const std::string& name) const {
    return store_->give_back(consent, name);
}

Result<bool> Book::revoke(const std::string& id, const std::string& by, const std::string& reason,
                          system_clock::time_point now) const {
    const auto row = store_->find(id);
    if (!row || !*row) {
        return row ? refuse("no consent of that id is registered") : fail(row.error());
    }
    return store_->revoke(
        {.issuer = (*row)->issuer, .consent = id, .at = to_unix_seconds(now), .by = by, .reason = reason});
}

Result<std::vector<store::ConsentNote>> Book::unnoted() const {
    return store_->unnoted(kMostNoted);
}

Status Book::forget(system_clock::time_point now) const {
    // a consent that comes after its revocation may hold for ten years from then on
    return store_->forget(to_unix_seconds(now) - kKept,
                          to_unix_seconds(now) - kKept - kMostDays * std::int64_t{86'400});
}

}  // namespace datong::consent
