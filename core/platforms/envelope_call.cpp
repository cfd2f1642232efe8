#include "core/platforms/envelope_call.h"

#include <algorithm>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/doors/platform_call.h"
#include "core/profiles/sm_envelope.h"

namespace datong::platforms {
namespace {

using catalogue::CallerDoor;
using catalogue::Protocol;
using record::Record;

/// Letters, digits, '-' and '_', so that what is digested reads in one way and is one line.
bool is_nonce(std::string_view text) {
    constexpr std::size_t kMost = 64;
    return !text.empty() && text.size() <= kMost && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    });
}

/// A header that stands there once.
std::string once(const codec::HttpMessage& http, std::string_view name) {
    const auto lines = http.lines(name);
    return lines.size() == 1 ? std::string{lines.front()} : std::string{};
}

profiles::EnvelopeStamp stamp_of(const codec::HttpMessage& http) {
    return {.timestamp = once(http, "timestamp"), .nonce = once(http, "nonce")};
}

/// What a call may be sealed to: the key in use first, then the others of its ring, for no caller changes keys in the
/// instant in which we do.
std::vector<const crypto::SigningKey*> keys_of(const catalogue::NamedKey& own,
                                               std::chrono::system_clock::time_point at) {
    std::vector<const crypto::SigningKey*> keys{&*own.at(at).key};
    const auto add = [&keys](const catalogue::NamedKey& one) {
        if (one.key && std::ranges::find(keys, &*one.key) == keys.end()) {
            keys.push_back(&*one.key);
        }
    };
    add(own);
    std::ranges::for_each(own.others, add);
    return keys;
}

std::string head_of(const exchange::Answer& answer) {
    const auto fault = answer.is_problem ? fault_by_code(answer.outcome) : std::nullopt;
    std::string head;
    codec::JsonWriter json{head};
    json.open_object().member("code", std::to_string(answer.status));
    json.member("msg", fault ? row_of(*fault).title_zh : std::string_view{"成功"}).close_object();
    return head;
}

}  // namespace

Result<exchange::Claim> EnvelopeDialect::prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                               const catalogue::Snapshot& snapshot) const {
    if (auto good = doors::check_platform_call(http, snapshot); !good) {
        return fail(std::move(good.error()));
    }
    const profiles::EnvelopeStamp stamp = stamp_of(http);
    const CallerDoor* door = catalogue::find_caller(snapshot, Protocol::sm_envelope, once(http, "appId"));
    if (door == nullptr) {
        return fail(Fault::signature_invalid, "an unknown appId");
    }
    if (!is_nonce(stamp.nonce)) {
        return fail(Fault::not_signed, "needs a nonce of at most 64 letters and digits, once");
    }
    const auto now = clock_.now();
    const auto made = doors::check_time(stamp.timestamp, door->freshness, now);
    if (!made) {
        return fail(made.error());
    }
    if (auto good = profiles::verify_envelope(http.body, stamp, door->envelope->peer, door->envelope->form); !good) {
        return fail(std::move(good.error()));
    }
    const auto body = codec::read_json(http.body);
    // iv and encKey are not signed: with another iv the same call would look like a new one
    const std::string is_signed =
        stamp.timestamp + ' ' + stamp.nonce + ' ' + profiles::envelope_digest(body->text_of("encData"), stamp);
    return doors::claim_by_proof(http, snapshot, {.door = door, .peer = &peer},
                                 {.base = "sm-envelope " + is_signed + ' ' + ascii_lower(body->text_of("signature")),
                                  .mac = {},
                                  .made = *made,
                                  .once = is_signed},
                                 now);
}

Result<exchange::Request> EnvelopeDialect::read(const exchange::Visit& visit) const {
    const CallerDoor& door = *visit.claim.key->consumer->door;
    const auto plain =
        profiles::open_envelope(visit.http.body, stamp_of(visit.http), keys_of(door.envelope->own, visit.at),
                                door.envelope->peer, door.envelope->form);
    const auto call = plain ? codec::read_json(*plain) : fail(plain.error());
    if (!call) {
        return fail(call.error());
    }
    const Record* data = call->find("data");
    if (data == nullptr) {
        return fail(Fault::bad_request, "the envelope must hold {sid, data}");
    }
    return doors::read_inbound(visit, door, call->text_of("sid"), Record{*data});
}

Result<exchange::Sealed> EnvelopeDialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                                bool signed_too) const {
    std::string body = "{\"head\":" + head_of(answer);
    if (!signed_too) {
        return doors::sealed_json(answer, body + '}');
    }
    const CallerDoor& door = *visit.claim.key->consumer->door;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(visit.at.time_since_epoch()).count();
    const profiles::EnvelopeStamp stamp{.timestamp = std::to_string(ms), .nonce = to_hex(crypto::random_bytes(16))};
    const auto envelope = profiles::seal_envelope(answer.body, stamp, *door.envelope->own.at(visit.at).key,
                                                  door.envelope->peer, door.envelope->form);
    if (!envelope) {
        return fail(envelope.error());
    }
    body.append(",").append(std::string_view{*envelope}.substr(1));
    exchange::Sealed sealed = doors::sealed_json(answer, std::move(body));
    for (const codec::HttpField& field : profiles::envelope_headers(stamp, door.id)) {
        sealed.http.add(field.name, field.value);
    }
    auto seen = doors::sign_answer(sealed.http, visit, {});
    if (!seen) {
        return fail(std::move(seen.error()));
    }
    sealed.seen = std::move(*seen);
    return sealed;
}

}  // namespace datong::platforms
