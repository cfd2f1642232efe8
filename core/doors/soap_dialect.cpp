#include "core/doors/soap_dialect.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/contracts/contract.h"
#include "core/contracts/directory.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/doors/door.h"
#include "core/doors/soap_answer.h"
#include "core/envelope/multipart.h"
#include "core/evidence/signature_base.h"
#include "core/wsse/xml_form.h"

namespace datong::doors {
namespace {

using exchange::Request;
using record::Record;

constexpr std::string_view kDoor = "/soap/";
constexpr std::string_view kMatters = "matters/";
constexpr std::string_view kSubmissions = "submissions";
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxSignedInfo = 8U << 10;

std::string version_by_type(const codec::HttpMessage& http) {
    return media_type_of(http) == "application/soap+xml" ? "1.2" : "1.1";
}

std::string digest_of(std::string_view octets) {
    return to_base64(crypto::sha256(octets));
}

bool holds_text_in_digests_only(wsse::Element element) {
    const auto below = wsse::children_of(element);
    const bool may_hold = wsse::is(element, wsse::kDsig, "DigestValue");
    return (may_hold || !wsse::has_text(element)) &&
           std::all_of(below.begin(), below.end(), holds_text_in_digests_only);
}

bool is_bare(std::string_view signed_info) {
    const bool ascii = std::all_of(signed_info.begin(), signed_info.end(),
                                   [](unsigned char c) { return c < 0x7F && (c >= 0x20 || c == '\n' || c == '\t'); });
    const auto read = ascii ? wsse::Document::read(signed_info) : fail(Fault::not_signed, "");
    return read && !wsse::holds_notes(read->root()) && holds_text_in_digests_only(read->root());
}

/// What the signature keeps in the evidence for good: nothing that a caller could write a name into.
Status check_signed_info(const wsse::SignedEnvelope& envelope) {
    if (envelope.signature.signed_info.size() > kMaxSignedInfo) {
        return fail(Fault::not_signed, "soap: a SignedInfo of over 8 KiB");
    }
    for (const wsse::SignedPart& part : envelope.signature.parts) {
        const bool plain = part.reference.size() <= kMaxName &&
                           std::all_of(part.reference.begin(), part.reference.end(), [](unsigned char c) {
                               return c > 0x20 && c < 0x7F;  // ids of toolkits, such as "#id-8F3A..."
                           });
        if (!plain) {
            return fail(Fault::not_signed, "soap: an Id has at most 63 characters of ASCII");
        }
    }
    if (!is_bare(envelope.signature.signed_info)) {
        return fail(Fault::not_signed, "soap: SignedInfo holds ASCII, and text in DigestValue only");
    }
    const auto digests = evidence::sha256_of_signed_info(envelope.signature.signed_info);
    for (const std::string& octets : {envelope.body_octets, envelope.call_octets}) {
        if (std::find(digests.begin(), digests.end(), digest_of(octets)) == digests.end()) {
            return fail(Fault::not_signed, "soap: Body and Call are digested by SHA-256");
        }
    }
    return {};
}

/// The message must be meant for the very address that it came to: one that was made for another gateway, or another
/// service, that knows the same key is none of ours. Compared without the scheme: TLS may end in front of us.
Status check_to(const wsse::SignedEnvelope& envelope, const codec::HttpMessage& http) {
    if (envelope.to.empty()) {
        return fail(Fault::not_signed, "soap: Call needs `to`: the address that the message is sent to");
    }
    const std::size_t scheme = envelope.to.starts_with("https://")  ? 8
                               : envelope.to.starts_with("http://") ? 7
                                                                    : std::string::npos;
    const std::string rest = scheme == std::string::npos ? std::string{} : envelope.to.substr(scheme);
    const std::size_t path = std::min(rest.find('/'), rest.size());
    const bool is_here = ascii_lower(rest.substr(0, path)) == ascii_lower(http.authority) &&
                         std::string_view{rest}.substr(path) == http.path();
    return is_here ? Status{} : fail(Fault::bad_request, "soap: `to` of Call is not the address that was called");
}

/// The action of a message, without its quotes: SOAPAction, or the action in a content type of SOAP 1.2; nullopt: it is
/// written as none may be. Source: SOAP 1.1, 6.1.1; RFC 3902, 2; WS-I Basic Profile 1.1, R1109.
std::optional<std::string> action_of(const codec::HttpMessage& http) {
    const auto lines = http.lines("soapaction");
    if (lines.size() > 1) {
        return std::nullopt;
    }
    const std::string_view line = lines.empty() ? std::string_view{"\"\""} : lines.front();
    if (line.size() < 2 || line.front() != '"' || line.back() != '"') {
        return line.empty() ? std::optional{std::string{}} : std::nullopt;
    }
    const std::string in_line{line.substr(1, line.size() - 2)};
    return in_line.empty() ? envelope::parameter_of(http.field("content-type").value_or(""), "action") : in_line;
}

/// What it says it is must be what it is: a firewall on the way may have let it through by that.
Status check_action(const codec::HttpMessage& http) {
    const auto action = action_of(http);
    return action && (action->empty() || *action == contracts::kSoapAction)
               ? Status{}
               : fail(Fault::bad_request, "soap: SOAPAction is \"\" or \"urn:datong:call\", with its quotes");
}

/// The certificate must hold when the message was made; that this is now, is for the replay guard to say.
Status check_token(const Tokens::Token& token, std::int64_t created) {
    return token.from <= created && created <= token.to
               ? Status{}
               : fail(Fault::signature_invalid, "soap: the token's certificate did not hold when it signed");
}

/// Proven by the key of a consumer, or why not.
Result<wsse::SignedEnvelope> proven(const codec::HttpMessage& http, const catalogue::Snapshot& snapshot,
                                    const Tokens& tokens, Tokens::Token& token) {
    const std::string essence = media_type_of(http);
    if (essence != "text/xml" && essence != "application/soap+xml") {
        return fail(Fault::unsupported_media,
                    "content-type is text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2), or MTOM of such a one "
                    "without attachments");
    }
    const auto trusted_for = [&](const std::string& token_pem) -> Result<crypto::VerifyingKey> {
        auto read = tokens.read(token_pem, snapshot);
        if (!read) {
            return fail(std::move(read.error()));
        }
        token = std::move(*read);
        return snapshot.consumer_key_by_thumbprint(token.thumbprint)->key;
    };
    return wsse::prove_signed_envelope(http.body, trusted_for, {.max_bytes = snapshot.gateway.max_body});
}

/// The service of the path where the caller has a grant for it; nullptr else: then it need not learn what there is.
const catalogue::Service* service_of(const SoapTarget& target, const exchange::Visit& visit) {
    const catalogue::Service* service = visit.snapshot->service(target.name);
    const bool is_theirs =
        target.kind == Request::Kind::service && service != nullptr &&
        visit.snapshot->is_granted(visit.claim.key->consumer->id, service->id, record::to_civil(visit.at).date);
    return is_theirs ? service : nullptr;
}

}  // namespace

std::optional<SoapTarget> soap_target(std::string_view path) {
    if (!path.starts_with(kDoor)) {
        return std::nullopt;
    }
    path.remove_prefix(kDoor.size());
    if (path == kSubmissions) {
        return SoapTarget{.kind = Request::Kind::submission};
    }
    const bool is_matter = path.starts_with(kMatters);
    path.remove_prefix(is_matter ? kMatters.size() : 0);
    if (!is_name(path)) {
        return std::nullopt;
    }
    return SoapTarget{.kind = is_matter ? Request::Kind::matter : Request::Kind::service, .name = std::string{path}};
}

Result<Tokens::Token> Tokens::read(const std::string& pem, const catalogue::Snapshot& snapshot) const {
    constexpr std::size_t kMost = 4'096;
    const std::string digest = crypto::sha256(pem);
    const auto is_known = [&](const Token& token) {
        return snapshot.consumer_key_by_thumbprint(token.thumbprint) != nullptr;
    };
    {
        const std::scoped_lock lock{mutex_};
        if (const auto found = known_.find(digest); found != known_.end() && is_known(found->second)) {
            return found->second;
        }
    }
    const auto key = crypto::VerifyingKey::from_pem(pem);
    const auto x509 = crypto::read_x509(pem);
    if (!key || !x509) {
        return fail(Fault::signature_invalid, "soap: the token's certificate can't be read");
    }
    Token token{.thumbprint = key->thumbprint(),
                .from = to_unix_seconds(x509->not_before),
                .to = to_unix_seconds(x509->not_after)};
    if (!is_known(token)) {
        return fail(Fault::signature_invalid, "soap: the token's key is nobody's here");
    }
    const std::scoped_lock lock{mutex_};
    if (known_.size() >= kMost) {
        known_.clear();  // a caller that makes a token a call: those that don't are soon back
    }
    known_.insert_or_assign(digest, token);
    return token;
}

bool takes_parts(const codec::HttpMessage& http) {
    const std::string accept = ascii_lower(http.field("accept").value_or(""));
    return envelope::is_multipart(http.field("content-type").value_or("")) ||
           accept.find("application/xop+xml") != std::string::npos ||
           accept.find("multipart/related") != std::string::npos;
}

codec::HttpMessage unpacked(codec::HttpMessage http) {
    const std::string type = http.field("content-type").value_or("");
    if (!envelope::is_multipart(type)) {
        return http;
    }
    auto message = envelope::read_multipart(type, http.body);
    const bool is_xop = ascii_lower(envelope::parameter_of(type, "type")) == "application/xop+xml";
    if (!message || !is_xop || message->parts.size() != 1) {
        return http;
    }
    const std::string info = envelope::parameter_of(type, "start-info");
    http.set("Content-Type", info.starts_with("application/soap+xml") ? "application/soap+xml" : "text/xml");
    http.body = std::move(message->parts.front().body);
    return http;
}

SoapDialect::SoapDialect(const codec::HttpMessage& http, SoapTarget target, const catalogue::Snapshot& snapshot,
                         const Tokens& tokens, bool takes_parts)
    : target_{std::move(target)},
      takes_parts_{takes_parts},
      version_{version_by_type(http)},
      envelope_{proven(http, snapshot, tokens, token_)} {
}

/// Of what the caller may not know the version of, the namespace ends in ':', and any will do.
std::string SoapDialect::expected_uri(const exchange::Visit& visit) const {
    if (target_.kind == Request::Kind::submission) {
        return "urn:datong:submissions:1";
    }
    if (target_.kind == Request::Kind::service) {
        const catalogue::Service* service = service_of(target_, visit);
        return service != nullptr ? contracts::uri_of(*service) : "urn:datong:service:" + target_.name + ':';
    }
    const contracts::Audience who{.snapshot = *visit.snapshot,
                                  .consumer = visit.claim.key->consumer->id,
                                  .today = record::to_civil(visit.at).date};
    return contracts::may_see_matter(who, target_.name) ? contracts::uri_of(*visit.snapshot->matter(target_.name))
                                                        : "urn:datong:matter:" + target_.name + ':';
}

Result<exchange::Claim> SoapDialect::prove(const codec::HttpMessage& http, const policy::Peer& /*peer*/,
                                           const catalogue::Snapshot& snapshot) const {
    if (auto ours = check_authority(http, snapshot.gateway.listen); !ours) {
        return fail(std::move(ours.error()));
    }
    if (auto good = check_action(http); !good) {
        return fail(std::move(good.error()));
    }
    if (!envelope_) {
        return fail(envelope_.error());
    }
    if (envelope_->version != version_) {
        return fail(Fault::unsupported_media, "the content-type is of another version of SOAP than the Envelope");
    }
    if (auto kept = check_signed_info(*envelope_); !kept) {
        return fail(std::move(kept.error()));
    }
    const catalogue::ConsumerKey* key = snapshot.consumer_key_by_thumbprint(token_.thumbprint);
    if (key == nullptr) {
        return fail(Fault::signature_invalid, "soap: the token's key is nobody's here");
    }
    if (auto here = check_to(*envelope_, http); !here) {
        return fail(std::move(here.error()));
    }
    if (auto holds = check_token(token_, envelope_->created); !holds) {
        return fail(std::move(holds.error()));
    }
    exchange::Claim claim;
    claim.key = key;
    claim.seen = {.keyid = key->id,
                  .algorithm = std::string{crypto::name_of(envelope_->signature.algorithm)},
                  .base = envelope_->signature.signed_info,
                  .signature = envelope_->signature.value,
                  .form = std::string{evidence::kSoapForm},
                  .part = envelope_->body_reference};
    claim.request_digest = crypto::sha256(envelope_->body_octets);
    claim.created = envelope_->created;
    claim.expires = envelope_->expires;
    // the id as it was signed: the evidence has nothing else of it to know it by after a restart (app/recall)
    claim.once = key->id + '\n' + digest_of(envelope_->call_octets);
    return claim;
}

Result<Request> SoapDialect::read(const exchange::Visit& visit) const {
    if (!envelope_) {
        return fail(envelope_.error());
    }
    const std::string& uri = envelope_->body_uri;
    const std::string expected = expected_uri(visit);
    const bool is_call = expected.ends_with(':')
                             ? uri.starts_with(expected) && to_whole_number(uri.substr(expected.size())).has_value()
                             : uri == expected;
    if (!is_call || envelope_->body_name != contracts::kCall) {
        return fail(Fault::bad_request,
                    "soap: Body holds call of " + expected + (expected.ends_with(':') ? "MAJOR" : ""));
    }
    // read again from the very octets that were digested, and from nothing else; they were bounded as they came in
    const auto body = wsse::Document::read(envelope_->body_octets, wsse::limits_of(envelope_->body_octets));
    if (!body) {
        return fail(body.error());
    }
    const catalogue::Service* service = service_of(target_, visit);
    const Record schema = service != nullptr ? contracts::call_schema(*service) : Record{};
    auto record = wsse::read_xml_form(wsse::children_of(body->root()).front(), uri, schema);
    if (!record) {
        return fail(std::move(record.error()));
    }
    if (target_.kind != Request::Kind::submission) {
        auto request = exchange::read_request(target_.kind, target_.name, std::move(*record));
        if (request && request->files == files::Wanted::whole) {
            request->files = takes_parts_ ? files::Wanted::apart : files::Wanted::as_fits;
        }
        return request;
    }
    const std::string id = record->text_of("id");
    if (record->members().size() != 1 || !is_exchange_id(id)) {
        return fail(Fault::bad_request, "soap: call holds the id of a submission and nothing else");
    }
    return Request{.kind = target_.kind, .name = id, .context = {}, .query = Record::object()};
}

Result<exchange::Sealed> SoapDialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                            bool signed_too) const {
    const SoapEnds ends{.version = envelope_ ? envelope_->version : version_,
                        .uri = envelope_ ? envelope_->body_uri : std::string{},
                        .call_id = envelope_ ? envelope_->call_id : std::string{},
                        .takes_parts = takes_parts_};
    return write_soap(answer, visit, ends, signed_too);
}

}  // namespace datong::doors
