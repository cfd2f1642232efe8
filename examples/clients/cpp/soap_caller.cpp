#include "examples/clients/cpp/soap_caller.h"

#include <array>
#include <cstdio>
#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/wsse/envelope.h"
#include "core/wsse/xml_form.h"

namespace datong::client {
namespace {

using std::chrono::system_clock;

constexpr std::size_t kIdBytes = 16;
constexpr std::chrono::seconds kHolds{120};
constexpr std::chrono::seconds kSkew{30};
constexpr std::string_view kProblemUri = "urn:datong:problem:1";

std::string utc_text(system_clock::time_point at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                   static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                                   static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

Result<SoapAim> aim_at(const Endpoint& endpoint, std::string_view before, std::string_view kind, std::string_view name,
                       int major) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (name.empty() || name.find_first_not_of(kAllowed) != std::string_view::npos) {
        return fail(Fault::bad_request, "NAME must be of a-z, 0-9 and -");
    }
    const std::string own{name};
    return SoapAim{.target = endpoint.base_path + std::string{before} + own,
                   .uri = "urn:datong:" + std::string{kind} + ':' + own + ':' + std::to_string(major)};
}

/// The key of a trusted gateway that the answer's token is a name for.
const Trust::Entry* gateway_of(const std::string& token_pem, const Trust& trust) {
    const auto key = crypto::VerifyingKey::from_pem(token_pem);
    for (const Trust::Entry& entry : trust.entries()) {
        if (key && entry.key.thumbprint() == key->thumbprint() && trust.gateway_key(entry.keyid) != nullptr) {
            return &entry;
        }
    }
    return nullptr;
}

record::Record json_below(wsse::Element body) {
    const auto children = wsse::children_of(body);
    wsse::Element payload = children.empty() ? nullptr : children.front();
    const auto problems = wsse::find_all(payload, kProblemUri, "problem");
    wsse::Element found = !problems.empty() ? problems.front() : wsse::name_of(payload) == "answer" ? payload : nullptr;
    return found == nullptr ? record::Record{}
                            : wsse::read_xml_form(found, wsse::uri_of(found), {}).value_or(record::Record{});
}

}  // namespace

Result<SoapAim> soap_service(const Endpoint& endpoint, std::string_view name, int major) {
    return aim_at(endpoint, "/soap/", "service", name, major);
}

Result<SoapAim> soap_matter(const Endpoint& endpoint, std::string_view name, int major) {
    return aim_at(endpoint, "/soap/matters/", "matter", name, major);
}

SoapAim soap_status(const Endpoint& endpoint) {
    return {.target = endpoint.base_path + "/soap/submissions", .uri = "urn:datong:submissions:1"};
}

Result<codec::HttpMessage> signed_soap(const Endpoint& endpoint, const SoapAim& aim, std::string_view json,
                                       const Consumer& consumer, system_clock::time_point now) {
    const auto body = codec::read_json(json);
    if (!body) {
        return fail(body.error());
    }
    constexpr int kDays = 2;
    const auto token = crypto::make_ca(consumer.key, consumer.keyid, {.not_before = now - kHolds, .days = kDays});
    if (!token) {
        return fail(token.error());
    }
    const wsse::EnvelopeParts parts{.version = "1.2",
                                    .token_pem = *token,
                                    .created = utc_text(now),
                                    .expires = utc_text(now + kHolds),
                                    .call_id = to_base64url(crypto::random_bytes(kIdBytes)),
                                    .to = endpoint.scheme + "://" + endpoint.authority + aim.target,
                                    .exchange = {},
                                    .payload = wsse::write_xml_form(*body, "call", aim.uri)};
    auto written = wsse::write_signed_envelope(parts, consumer.key.default_algorithm(), consumer.key);
    if (!written) {
        return fail(std::move(written.error()));
    }
    codec::HttpMessage request{.method = "POST",
                               .scheme = endpoint.scheme,
                               .authority = endpoint.authority,
                               .target = aim.target,
                               .body = std::move(written->bytes)};
    request.add("Accept", "application/soap+xml");
    request.add("Content-Type", "application/soap+xml; charset=utf-8");
    return request;
}

Result<SoapSaid> check_soap_answer(const codec::HttpMessage& answer, const codec::HttpMessage& request,
                                   const Trust& trust, system_clock::time_point now) {
    std::string keyid;
    const auto trusted_for = [&](const std::string& token_pem) -> Result<crypto::VerifyingKey> {
        const Trust::Entry* entry = gateway_of(token_pem, trust);
        if (entry == nullptr) {
            return fail(Fault::signature_invalid, "the answer is signed with a key that is not trusted for a gateway");
        }
        keyid = entry->keyid;
        return entry->key;
    };
    const auto asked = wsse::read_signed_envelope(request.body, wsse::limits_of(request.body));
    const auto proven = wsse::prove_signed_envelope(answer.body, trusted_for, wsse::limits_of(answer.body));
    if (!proven || !asked) {
        return fail(proven ? asked.error() : proven.error());
    }
    if (proven->confirmed != std::vector{asked->signature.value} || proven->call_id != asked->call_id) {
        return fail(Fault::signature_invalid, "the answer is to another request");
    }
    if (proven->created > to_unix_seconds(now + kSkew) || proven->expires < to_unix_seconds(now - kSkew)) {
        return fail(Fault::signature_stale, "the answer is not of now");
    }
    const auto body = wsse::Document::read(proven->body_octets, wsse::limits_of(proven->body_octets));
    return SoapSaid{.keyid = std::move(keyid), .body = body ? json_below(body->root()) : record::Record{}};
}

record::Record unproven_body(std::string_view message) {
    const auto document = wsse::Document::read(message, wsse::limits_of(message));
    const auto bodies = document ? wsse::find_all(document->root(), wsse::uri_of(document->root()), "Body")
                                 : std::vector<wsse::Element>{};
    return bodies.empty() ? record::Record{} : json_below(bodies.front());
}

}  // namespace datong::client
