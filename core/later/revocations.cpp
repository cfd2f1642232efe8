#include <utility>

#include "core/base/text.h"
#include "core/crypto/cipher.h"
#include "core/later/later.h"
#include "core/later/room.h"

// The word that a consent was revoked: told to its consumer and its issuer as what was awaited is told.
namespace datong::later {

namespace asio = boost::asio;
using store::Awaited;

namespace {

/// One who is told. The row's exchange is none that a call can have.
Awaited row_for(const store::ConsentNote& revoked, std::string who, const catalogue::Callback& to, std::int64_t now) {
    const std::string part = who.starts_with(kIssuer) ? "issuer" : "consumer";
    return {.exchange = place_of(revoked),
            .material = "revoked-" + part,
            .requirement = {},
            .matter = {},
            .consumer = std::move(who),
            .service = {},
            .case_number = {},
            .why = std::string{kRevoked},
            .sealed = {},
            .created = now,
            .until = now + std::chrono::seconds{to.ends}.count(),
            .again = to.retry.count(),
            .next = now,
            .state = store::Wait::due,
            .outcome = std::string{kRevoked}};
}

}  // namespace

Status Later::announce(const store::ConsentNote& revoked) {
    const auto snapshot = parts_.current.get();
    if (!snapshot) {
        return fail(Fault::unavailable, "the gateway ends");
    }
    const std::int64_t now = to_unix_seconds(parts_.clock.now());
    std::vector<Awaited> rows;
    const auto consumer = snapshot->consumers.find(revoked.consent.consumer);
    if (consumer != snapshot->consumers.end() && consumer->second->callback) {
        rows.push_back(row_for(revoked, consumer->first, *consumer->second->callback, now));
    }
    const auto issuer = snapshot->consent_issuers.find(revoked.consent.issuer);
    if (issuer != snapshot->consent_issuers.end() && issuer->second.callback) {
        rows.push_back(row_for(revoked, std::string{kIssuer} + issuer->first, *issuer->second.callback, now));
    }
    for (Awaited& row : rows) {
        const Held held{.purpose = {}, .division = {}, .consent = {}, .body = told_of(revoked, delivery_of(row))};
        row.body = crypto::seal(snapshot->gateway.subject_key, kUse, told_place_of(row), to_text(held));
        if (row.body.empty()) {
            return fail(Fault::internal, "what is told could not be sealed");
        }
    }
    return rows.empty() ? Status{} : parts_.book->announce(rows);
}

asio::awaitable<Status> Later::note_end(Row row, std::string event, int status) {
    if (row.why != kRevoked) {
        auto entry = entry_of(row, std::move(event));
        entry.material.outcome = row.outcome;
        entry.promise = row.promise;
        entry.status = status;
        co_return co_await note(std::move(entry));
    }
    const auto snapshot = parts_.current.get();
    if (!snapshot) {
        co_return fail(Fault::unavailable, "the gateway ends");
    }
    const auto now = parts_.clock.now();
    const bool is_issuer = row.consumer.starts_with(kIssuer);
    evidence::ConsentEvent told{.at = to_rfc3339(now),
                                .event = event == "delivered" ? "told" : "untold",
                                .consent = consent_in(row.exchange),
                                .issuer = is_issuer ? row.consumer.substr(kIssuer.size()) : std::string{},
                                .consumer = is_issuer ? std::string{} : row.consumer,
                                .digest = {},
                                .by = row.consumer,
                                .reason = {}};
    const catalogue::NamedKey& key = snapshot->gateway.key.at(now);
    if (auto made = evidence::sign_consent_event(told, key.id, *key.key); !made) {
        co_return made;
    }
    parts_.sink.count("datong_consent_events_total", {{"event", told.event}});
    co_return co_await append(evidence::to_json(told));
}

}  // namespace datong::later
