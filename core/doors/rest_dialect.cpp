#include "core/doors/rest_dialect.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/doors/door.h"
#include "core/evidence/signature_base.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"

namespace datong::doors {
namespace {

using exchange::Request;
using record::Record;

constexpr std::size_t kMaxNonce = 128;

/// The status of a submission, descriptions and the evidence of an exchange are asked by GET, without a body.
bool has_no_body(const codec::HttpMessage& http) {
    return http.method == "GET";
}

/// What the profile demands of a signature before it is worth verifying.
Status check_profile(const signing::HttpSignature& signature, bool has_body) {
    const auto wanted = signing::request_components(has_body);
    for (const std::string& component : signature.components) {
        // what else is covered would stand in the evidence for good, whatever it holds
        if (std::find(wanted.begin(), wanted.end(), component) == wanted.end()) {
            return fail(Fault::not_signed, "the signature covers more than the profile: " + component.substr(0, 40));
        }
    }
    if (const auto missing = signing::missing_components(signature, wanted); !missing.empty()) {
        return fail(Fault::not_signed, "the signature must cover " + missing.front());
    }
    if (signature.tag != "datong") {
        return fail(Fault::not_signed, "the signature needs tag=\"datong\"");
    }
    if (!signature.created || signature.keyid.empty()) {
        return fail(Fault::not_signed, "the signature needs created and keyid");
    }
    if (signature.nonce.empty() || signature.nonce.size() > kMaxNonce) {
        return fail(Fault::not_signed, "the signature needs a nonce of at most 128 characters");
    }
    return {};
}

Result<crypto::Algorithm> algorithm_of(const signing::HttpSignature& signature, const crypto::VerifyingKey& key) {
    if (signature.algorithm.empty()) {
        return key.default_algorithm();
    }
    const auto named = crypto::algorithm_by_name(signature.algorithm);
    if (!named) {
        return fail(Fault::signature_invalid, "an algorithm that is not ours");
    }
    return *named;
}

Result<exchange::Claim> verified(const codec::HttpMessage& http, const signing::HttpSignature& signature,
                                 const catalogue::ConsumerKey& key) {
    const auto algorithm = algorithm_of(signature, key.key);
    if (!algorithm) {
        return fail(algorithm.error());
    }
    if (auto good = key.key.verify(*algorithm, signature.base, signature.signature); !good) {
        return fail(std::move(good.error()));
    }
    const std::string of_body = crypto::sha256(http.body);
    if (!has_no_body(http)) {
        const std::string said = http.field("content-digest").value_or("");
        if (auto same = signing::check_content_digest(said, http.body, of_body); !same) {
            return fail(std::move(same.error()));
        }
    }
    // what was signed is what the evidence is verified by, later and by others: it must hold there as it does here
    const auto digest = evidence::line_of(signature.base, R"("content-digest")");
    if (digest && evidence::sha256_of_content_digest(*digest) != to_hex(of_body)) {
        return fail(Fault::not_signed, "Content-Digest: a sha-256 of the body, without parameters, must stand in it");
    }
    exchange::Claim claim;
    claim.key = &key;
    claim.label = signature.label;
    claim.request_digest = of_body;
    claim.seen = {.keyid = key.id,
                  .algorithm = std::string{crypto::name_of(*algorithm)},
                  .base = signature.base,
                  .signature = signature.signature};
    claim.created = *signature.created;
    claim.expires = signature.expires.value_or(0);
    claim.once = key.id + '\n' + signature.nonce;
    return claim;
}

/// {consent: JWS} or {revocation: JWS}.
Result<Request> read_statement(const RestTarget& target, const Record& body) {
    const std::string_view name = target.kind == Request::Kind::consent ? "consent" : "revocation";
    const Record* statement = body.find(name);
    if (statement == nullptr || !statement->is_text() || body.members().size() != 1) {
        return fail(Fault::bad_request, "the body holds " + std::string{name} + " only: the issuer's compact JWS");
    }
    return Request{.kind = target.kind,
                   .name = target.name,
                   .context = {},
                   .query = Record::object(),
                   .statement = std::string{statement->scalar()}};
}

}  // namespace

Result<exchange::Claim> RestDialect::prove(const codec::HttpMessage& http, const policy::Peer& /*peer*/,
                                           const catalogue::Snapshot& snapshot) const {
    if (!has_no_body(http) && media_type_of(http) != "application/json") {
        return fail(Fault::unsupported_media, "content-type must be application/json");
    }
    if (has_no_body(http) && !http.body.empty()) {
        return fail(Fault::bad_request, "a GET has no body");
    }
    if (!http.query().empty()) {
        return fail(Fault::bad_request, "a call has no query string: personal data never stands in a URL");
    }
    if (auto ours = check_authority(http, snapshot.gateway.listen); !ours) {
        return fail(std::move(ours.error()));
    }
    const catalogue::ConsumerKey* key = nullptr;
    const auto is_ours = [&](const signing::HttpSignature& one) -> Status {
        if (auto profile = check_profile(one, !has_no_body(http)); !profile) {
            return profile;
        }
        key = snapshot.consumer_key(one.keyid);
        return key != nullptr ? Status{} : fail(Fault::signature_invalid, "an unknown keyid");
    };
    const auto signature = signing::read_http_signature(http, nullptr, {}, is_ours);
    if (!signature) {
        return fail(signature.error());
    }
    return verified(http, *signature, *key);
}

Result<Request> RestDialect::read(const exchange::Visit& visit) const {
    const codec::HttpMessage& http = visit.http;
    const auto target = rest_target(http.path());
    if (!target) {
        return fail(Fault::no_such_resource, "no service or matter by this path");
    }
    if (target->kind == Request::Kind::submission || target->kind == Request::Kind::description ||
        target->kind == Request::Kind::evidence || target->kind == Request::Kind::later ||
        target->kind == Request::Kind::file || target->kind == Request::Kind::consent_state) {
        return Request{.kind = target->kind,
                       .name = target->name,
                       .context = {},
                       .query = Record::object(),
                       .number = target->number};
    }
    auto body = codec::read_json(http.body);
    if (!body) {
        return fail(std::move(body.error()));
    }
    if (target->kind == Request::Kind::consent || target->kind == Request::Kind::revocation) {
        return read_statement(*target, *body);
    }
    auto request = exchange::read_request(target->kind, target->name, std::move(*body));
    if (request && request->files == files::Wanted::whole) {
        request->files = files::Wanted::as_fits;
    }
    return request;
}

Result<exchange::Sealed> RestDialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                            bool signed_too) const {
    exchange::Sealed sealed;
    codec::HttpMessage& http = sealed.http;
    http.status = answer.status;
    http.body = std::move(answer.body);
    sealed.digest = answer.file ? answer.file->sha256 : crypto::sha256(http.body);
    if (answer.file) {
        http.tail.push_back(answer.file->octets);
    }
    const std::string media = answer.media_type.empty() ? "application/json" : answer.media_type;
    http.add("Content-Type", answer.is_problem ? "application/problem+json" : media);
    http.add("Cache-Control", "no-store");
    if (answer.retry_after.count() > 0) {
        http.add("Retry-After", std::to_string(answer.retry_after.count()));  // RFC 9110, 10.2.3
    }
    if (!answer.location.empty()) {
        http.add("Location", answer.location);  // RFC 9110, 10.2.2
    }
    http.add("Content-Digest", signing::content_digest_of(sealed.digest));
    if (!signed_too) {
        return sealed;
    }
    const catalogue::NamedKey& key = visit.snapshot->gateway.key.at(visit.at);
    const bool has_body = !has_no_body(visit.http);
    const signing::SignHow how{.components = signing::answer_components(has_body, visit.claim.label),
                               .created = to_unix_seconds(visit.at),
                               .keyid = key.id,
                               .algorithm = key.key->default_algorithm()};
    auto signature = signing::sign_http(http, &visit.http, how, *key.key);
    if (!signature) {
        return fail(std::move(signature.error()));
    }
    sealed.seen = {.keyid = key.id,
                   .algorithm = std::string{crypto::name_of(how.algorithm)},
                   .base = std::move(signature->base),
                   .signature = std::move(signature->signature)};
    return sealed;
}

}  // namespace datong::doors
