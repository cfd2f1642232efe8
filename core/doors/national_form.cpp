#include "core/doors/national_form.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/doors/door.h"
#include "core/doors/platform_call.h"
#include "core/profiles/httpproxy_form.h"
#include "core/profiles/lent_secret.h"

namespace datong::doors {
namespace {

using catalogue::CallerDoor;
using catalogue::Protocol;

constexpr std::string_view kType = "application/x-www-form-urlencoded";

struct Signed {
    profiles::FormCall call;  ///< without rid and sid, which the form does not bring
    std::string sign;
};

/// The seven fields, each once and no other.
Result<Signed> read_form_call(const codec::HttpMessage& http) {
    const auto form = codec::read_form(http.body);
    if (!form) {
        return fail(form.error());
    }
    Signed read;
    std::string format;
    std::string version;
    const std::array<std::pair<std::string_view, std::string*>, 7> kFields{{{"access_key", &read.call.access_key},
                                                                            {"request_id", &read.call.request_id},
                                                                            {"sign", &read.sign},
                                                                            {"timestamp", &read.call.timestamp},
                                                                            {"biz_content", &read.call.content},
                                                                            {"format", &format},
                                                                            {"version", &version}}};
    for (const codec::FormField& field : *form) {
        const auto known = std::ranges::find(kFields, field.name, &std::pair<std::string_view, std::string*>::first);
        if (known == kFields.end() || !known->second->empty()) {
            return fail(Fault::bad_request, "the form has an unknown field, or one twice");
        }
        *known->second = field.value;
    }
    if (read.call.access_key.empty() || read.sign.empty() || !is_exchange_id(read.call.request_id)) {
        return fail(Fault::not_signed, "needs access_key, sign and request_id, a UUID in lower case");
    }
    return read;
}

/// The code of the service that the keyed digest is over.
std::optional<std::string> verified_sid(Signed read, const CallerDoor& door, const catalogue::Snapshot& snapshot,
                                        std::chrono::system_clock::time_point now) {
    // the secret service knows the caller by the header form's name
    const profiles::SecretLoan loan{snapshot.gateway.subject_key,
                                    std::string{catalogue::name_of(Protocol::gjzwfwpt)} + '\n' + door.id, door.secret,
                                    door.secret_life};
    read.call.rid = door.id;
    for (const auto& [sid, service] : door.services) {
        read.call.sid = sid;
        for (const Secret& secret : loan.in_force(now)) {
            if (profiles::form_verify(read.call, door.signs, secret, read.sign)) {
                return sid;
            }
        }
    }
    return std::nullopt;
}

/// What makes the call one of its own: what the digest covers, and the content. The order and spelling of a form, and a
/// request_id, format or version that nothing covers, make no other call.
std::string what_is_said(profiles::FormCall call, const std::string& sid, const CallerDoor& door) {
    call.rid = door.id;
    call.sid = sid;
    return profiles::form_base(call, door.signs) + '\n' + crypto::sha256(call.content);
}

std::string in_form(const exchange::Answer& answer) {
    const auto fault = answer.is_problem ? fault_by_code(answer.outcome) : std::nullopt;
    std::string body;
    codec::JsonWriter json{body};
    json.open_object().member("code", answer.is_problem ? "300" : "1");
    json.member("msg", fault ? row_of(*fault).title_zh : std::string_view{"成功"}).name("biz_data").open_object();
    json.member("code", answer.is_problem ? "-1" : "0").member("status", answer.is_problem ? "error" : "success");
    json.name("result").open_list().written(answer.body).close_list().close_object().close_object();
    return body;
}

}  // namespace

bool is_national_form(const codec::HttpMessage& http) {
    return media_type_of(http) == kType;
}

Result<exchange::Claim> NationalFormDialect::prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                   const catalogue::Snapshot& snapshot) const {
    if (!http.query().empty()) {
        return fail(Fault::bad_request, "a call has no query string: personal data never stands in a URL");
    }
    if (auto ours = check_authority(http, snapshot.gateway.listen); !ours) {
        return fail(std::move(ours.error()));
    }
    auto read = read_form_call(http);
    if (!read) {
        return fail(std::move(read.error()));
    }
    const CallerDoor* door = catalogue::find_caller(snapshot, Protocol::gjzwfwpt_form, read->call.access_key);
    if (door == nullptr) {
        return fail(Fault::signature_invalid, "an unknown access_key");
    }
    const auto now = clock_.now();
    const auto made = check_time(read->call.timestamp, door->freshness, now);
    if (!made) {
        return fail(made.error());
    }
    const auto sid = verified_sid(*read, *door, snapshot, now);
    if (!sid) {
        return fail(Fault::signature_invalid, "the form's signature does not verify");
    }
    const std::string base =
        *sid + ' ' + door->id + ' ' + read->call.timestamp + ' ' + read->call.request_id + ' ' + read->sign;
    return claim_by_proof(
        http, snapshot, {.door = door, .peer = &peer},
        {.base = base, .mac = {}, .made = *made, .once = what_is_said(std::move(read->call), *sid, *door)}, now);
}

Result<exchange::Request> NationalFormDialect::read(const exchange::Visit& visit) const {
    const CallerDoor& door = *visit.claim.key->consumer->door;
    auto read = read_form_call(visit.http);
    if (!read) {
        return fail(std::move(read.error()));
    }
    auto content = codec::read_json(read->call.content);
    if (!content) {
        return fail(std::move(content.error()).within("biz_content"));
    }
    const auto sid = verified_sid(std::move(*read), door, *visit.snapshot, visit.at);
    return read_inbound(visit, door, sid.value_or(""), std::move(*content));
}

Result<exchange::Sealed> NationalFormDialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                                    bool signed_too) const {
    exchange::Sealed sealed = sealed_json(answer, in_form(answer));
    if (!signed_too) {
        return sealed;
    }
    auto seen = sign_answer(sealed.http, visit, {});
    if (!seen) {
        return fail(std::move(seen.error()));
    }
    sealed.seen = std::move(*seen);
    return sealed;
}

}  // namespace datong::doors
