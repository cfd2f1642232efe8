#include "tests/journeys/soap_platform.h"

#include <algorithm>
#include <ctime>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/wsse/xml_form.h"

namespace datong::journeys {
namespace {

std::string utc(std::time_t at) {
    std::tm parts{};
    gmtime_r(&at, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

}  // namespace

SoapPlatform::SoapPlatform(Platform platform, std::string keys_folder, const std::string& consumer, std::string version)
    : platform_{std::move(platform)},
      keys_{std::move(keys_folder)},
      version_{std::move(version)},
      key_{crypto::SigningKey::from_pem(read_file(keys_ + '/' + consumer + ".key.pem")).value()},
      x509_{crypto::make_ca(key_, consumer,
                            {.not_before = std::chrono::system_clock::now() - std::chrono::hours{1}, .days = 2})
                .value()} {
}

wsse::EnvelopeParts SoapPlatform::parts(const std::string& path, const record::Record& body) const {
    const std::time_t now = std::time(nullptr);
    return {.version = version_,
            .token_pem = x509_,
            .created = utc(now),
            .expires = utc(now + 120),
            .call_id = to_base64url(crypto::random_bytes(12)),
            .to = platform_.url() + path,
            .exchange = {},
            .payload = wsse::write_xml_form(body, contracts::kCall, uri_of(path))};
}

std::string SoapPlatform::sign_altered(const wsse::EnvelopeParts& parts, const std::string& what,
                                       const std::string& with) const {
    const auto written = wsse::write_signed_envelope(parts, key_.default_algorithm(), key_).value();
    std::string info = written.signed_info;
    info.replace(info.find(what), what.size(), with);
    std::string message = written.bytes;
    message.replace(message.find(written.signed_info), written.signed_info.size(), info);
    const std::string value = to_base64(written.signature);
    const std::string anew = to_base64(key_.sign(key_.default_algorithm(), info).value());
    return message.replace(message.find(value), value.size(), anew);
}

std::string SoapPlatform::sign(const wsse::EnvelopeParts& parts) const {
    return wsse::write_signed_envelope(parts, key_.default_algorithm(), key_).value().bytes;
}

codec::HttpMessage SoapPlatform::post(const std::string& path, std::string message, const std::string& accept) const {
    codec::HttpMessage request = platform_.prepare(path, message);
    std::erase_if(request.fields, [](const auto& f) { return f.name.starts_with("Signature"); });
    request.set("Content-Type", version_ == "1.2" ? "application/soap+xml; charset=utf-8" : "text/xml; charset=utf-8");
    if (!accept.empty()) {
        request.set("Accept", accept);
    }
    return platform_.send(std::move(request));
}

Result<wsse::SignedEnvelope> SoapPlatform::check(const codec::HttpMessage& answer, const std::string& request) const {
    auto read = wsse::read_signed_envelope(answer.body);
    const auto asked = wsse::read_signed_envelope(request, wsse::limits_of(request));
    const auto key = crypto::VerifyingKey::from_pem(read_file(keys_ + "/gateway.pub.pem"));
    if (!read || !asked || !key) {
        return fail(!read ? read.error() : Error{Fault::internal, "no request or key"});
    }
    if (auto good = read->verify(*key); !good) {
        return fail(std::move(good.error()));
    }
    if (read->confirmed != std::vector{asked->signature.value} || read->call_id != asked->call_id) {
        return fail(Fault::signature_invalid, "the answer is to another request");
    }
    const std::time_t now = std::time(nullptr);
    if (read->created > now + 5 || read->expires < now) {
        return fail(Fault::signature_stale, "the answer is not of now");
    }
    return read;
}

record::Record record_of(const std::string& message) {
    const auto document = wsse::Document::read(message);
    if (!document) {
        return {};
    }
    for (const auto& [uri, name] : {std::pair{std::string{contracts::kProblemUri}, contracts::kProblem},
                                    std::pair{std::string{}, contracts::kAnswer}}) {
        for (wsse::Element body : wsse::find_all(document->root(), wsse::uri_of(document->root()), "Body")) {
            wsse::Element payload = wsse::children_of(body).front();
            const auto found = wsse::find_all(payload, uri.empty() ? wsse::uri_of(payload) : uri, name);
            if (!found.empty()) {
                return wsse::read_xml_form(found.front(), wsse::uri_of(found.front()), {}).value_or(record::Record{});
            }
        }
    }
    return {};
}

std::string uri_of(const std::string& path) {
    const std::string below = path.substr(std::string{"/soap/"}.size());
    if (below == "submissions") {
        return "urn:datong:submissions:1";
    }
    const bool is_matter = below.starts_with("matters/");
    return is_matter ? "urn:datong:matter:" + below.substr(std::string{"matters/"}.size()) + ":1"
                     : "urn:datong:service:" + below + ":1";
}

}  // namespace datong::journeys
