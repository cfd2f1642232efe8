#include "core/doors/platform_call.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/doors/door.h"
#include "core/evidence/signature_base.h"
#include "core/exchange/admit.h"
#include "core/profiles/national.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"

namespace datong::doors {
namespace {

using record::Record;

constexpr std::size_t kTimeDigits = 13;

/// {headers, body}, as inbound mappings see a request.
Record message_of(const codec::HttpMessage& http, Record body) {
    Record headers = Record::object();
    for (const codec::HttpField& field : http.fields) {
        if (is_utf8(field.value)) {
            headers.put(ascii_lower(field.name), Record::text(field.value));
        }
    }
    Record message = Record::object();
    message.put("headers", std::move(headers));
    message.put("body", std::move(body));
    return message;
}

/// Paths of the request and rules, never values.
std::string told(const std::vector<mapping::Finding>& findings) {
    std::string all = "the inbound mapping refused:";
    for (const mapping::Finding& finding : findings) {
        all += ' ' + (finding.source.empty() ? finding.path : finding.source) + " (" + finding.rule + ')';
    }
    return all;
}

}  // namespace

Status check_platform_call(const codec::HttpMessage& http, const catalogue::Snapshot& snapshot) {
    if (media_type_of(http) != "application/json") {
        return fail(Fault::unsupported_media, "content-type must be application/json");
    }
    if (!http.query().empty()) {
        return fail(Fault::bad_request, "a call has no query string: personal data never stands in a URL");
    }
    return check_authority(http, snapshot.gateway.listen);
}

Result<std::chrono::system_clock::time_point> check_time(std::string_view text, const policy::Freshness& freshness,
                                                         std::chrono::system_clock::time_point now) {
    const auto at = text.size() == kTimeDigits ? profiles::read_platform_time(text) : std::nullopt;
    if (!at) {
        return fail(Fault::bad_request, "the time of the call must be Unix milliseconds, 13 digits");
    }
    if (*at > now + freshness.skew || *at < now - freshness.window) {
        return fail(Fault::signature_stale, "the time of the call lies outside the window");
    }
    return *at;
}

Result<exchange::Claim> claim_by_proof(const codec::HttpMessage& http, const catalogue::Snapshot& snapshot,
                                       const Proven& proven, const Proof& proof,
                                       std::chrono::system_clock::time_point now) {
    const catalogue::CallerDoor& door = *proven.door;
    if (auto own = exchange::check_connection(*door.caller.consumer, *proven.peer); !own) {
        return fail(std::move(own.error()));
    }
    const std::int64_t created = to_unix_seconds(proof.made);
    const catalogue::NamedKey& key = snapshot.gateway.key.at(now);
    const std::string digest = crypto::sha256(http.body);
    const std::string nonce =
        to_base64url(crypto::sha256(proof.once.empty() ? proof.base + '\n' + digest : proof.once));
    const evidence::Attested attested{.consumer = door.caller.consumer->id,
                                      .caller = door.caller.id,
                                      .protocol = catalogue::name_of(door.protocol),
                                      .mac_base = proof.base,
                                      .mac = proof.mac,
                                      .body_sha256 = digest,
                                      .nonce = nonce,
                                      .created = created,
                                      .is_timed_here = proof.is_timed_here};
    std::string base = evidence::base_of_attested(attested, key.id);
    const auto algorithm = key.key->default_algorithm();
    auto signature = key.key->sign(algorithm, base);
    if (!signature) {
        return fail(std::move(signature.error()));
    }
    exchange::Claim claim;
    claim.key = &door.caller;
    claim.seen = {.keyid = key.id,
                  .algorithm = std::string{crypto::name_of(algorithm)},
                  .base = std::move(base),
                  .signature = std::move(*signature),
                  .form = "mac"};
    claim.created = created;
    claim.timed_by = proof.is_timed_here ? policy::TimedBy::gateway : policy::TimedBy::caller;
    claim.once = door.caller.id + '\n' + nonce;
    return claim;
}

Result<record::Record> native_body(const exchange::Visit& visit, const mapping::Mapping& inbound, Record body) {
    const Record message = message_of(visit.http, std::move(body));
    Record context = Record::object();
    context.put("exchange", Record::text(visit.exchange));
    mapping::Input input;
    input.tree = &message;
    input.context = &context;
    input.now = visit.at;
    input.record_only = true;
    mapping::Output out = inbound.run(input);
    if (out.outcome != mapping::Outcome::ok) {
        return fail(Fault::bad_request, told(out.errors));
    }
    return std::move(out.target);
}

Result<exchange::Request> read_inbound(const exchange::Visit& visit, const catalogue::CallerDoor& door,
                                       std::string_view code, Record body) {
    const auto found = door.services.find(code);
    if (found == door.services.end()) {
        return fail(Fault::not_permitted, "the consumer's door lists no such service");
    }
    const catalogue::DoorService& service = found->second;
    auto native = native_body(visit, *service.inbound, std::move(body));
    if (!native) {
        return fail(std::move(native.error()));
    }
    auto request = exchange::read_request(exchange::Request::Kind::service, service.service->id, std::move(*native));
    if (request) {
        request->is_mapped = true;
    }
    return request;
}

Result<evidence::SignatureSeen> sign_answer(codec::HttpMessage& answer, const exchange::Visit& visit,
                                            const std::vector<std::string>& headers) {
    const catalogue::NamedKey& key = visit.snapshot->gateway.key.at(visit.at);
    codec::HttpMessage request = visit.http;
    request.set("Content-Digest", signing::content_digest(request.body));
    signing::SignHow how{
        .components = {R"("@status")", R"("content-type")", R"("content-digest")", R"("content-digest";req)"},
        .created = to_unix_seconds(visit.at),
        .keyid = key.id,
        .algorithm = key.key->default_algorithm()};
    for (const std::string& header : headers) {
        how.components.push_back('"' + header + "\";req");
    }
    auto signature = signing::sign_http(answer, &request, how, *key.key);
    if (!signature) {
        return fail(std::move(signature.error()));
    }
    return evidence::SignatureSeen{.keyid = how.keyid,
                                   .algorithm = std::string{crypto::name_of(how.algorithm)},
                                   .base = std::move(signature->base),
                                   .signature = std::move(signature->signature)};
}

exchange::Sealed sealed_json(const exchange::Answer& answer, std::string body) {
    exchange::Sealed sealed;
    sealed.http.status = answer.status;
    sealed.http.body = std::move(body);
    sealed.digest = crypto::sha256(sealed.http.body);
    sealed.http.add("Content-Type", "application/json");
    sealed.http.add("Cache-Control", "no-store");
    if (answer.retry_after.count() > 0) {
        sealed.http.add("Retry-After", std::to_string(answer.retry_after.count()));  // RFC 9110, 10.2.3
    }
    sealed.http.add("Content-Digest", signing::content_digest_of(sealed.digest));
    return sealed;
}

}  // namespace datong::doors
