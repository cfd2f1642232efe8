#include "examples/clients/cpp/caller.h"

#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"

namespace datong::client {
namespace {

constexpr std::string_view kLabel = "sig1";
constexpr std::size_t kNonceBytes = 16;

Result<std::string> target_of(const Endpoint& endpoint, std::string_view before, std::string_view name,
                              std::string_view behind) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (name.empty() || name.find_first_not_of(kAllowed) != std::string_view::npos) {
        return fail(Fault::bad_request, "NAME must be of a-z, 0-9 and -");
    }
    std::string target = endpoint.base_path;
    return std::move(target.append(before).append(name).append(behind));
}

Result<codec::HttpMessage> signed_by(codec::HttpMessage request, const Consumer& consumer, std::int64_t created) {
    const signing::SignHow how{.label = std::string{kLabel},
                               .components = signing::request_components(request.method != "GET"),
                               .created = created,
                               .nonce = to_base64url(crypto::random_bytes(kNonceBytes)),
                               .keyid = consumer.keyid,
                               .algorithm = consumer.key.default_algorithm()};
    if (auto signature = signing::sign_http(request, nullptr, how, consumer.key); !signature) {
        return fail(std::move(signature.error()));
    }
    return request;
}

}  // namespace

Result<std::string> service_target(const Endpoint& endpoint, std::string_view name) {
    return target_of(endpoint, "/v1/services/", name, "");
}

Result<std::string> matter_target(const Endpoint& endpoint, std::string_view name) {
    return target_of(endpoint, "/v1/matters/", name, "/materials");
}

Result<std::string> description_target(const Endpoint& endpoint, std::string_view list, std::string_view name,
                                       std::string_view document) {
    const std::string before = "/v1/" + std::string{list};
    return document.empty() ? Result<std::string>{endpoint.base_path + before}
                            : target_of(endpoint, before + '/', name, '/' + std::string{document});
}

Result<codec::HttpMessage> signed_request(const Endpoint& endpoint, std::string target, std::string body,
                                          const Consumer& consumer, std::int64_t created) {
    codec::HttpMessage request{.method = "POST",
                               .scheme = endpoint.scheme,
                               .authority = endpoint.authority,
                               .target = std::move(target),
                               .body = std::move(body)};
    request.add("Accept", "application/json");
    request.add("Content-Type", "application/json");
    request.add("Content-Digest", signing::content_digest(request.body));
    return signed_by(std::move(request), consumer, created);
}

Result<std::string> status_target(const Endpoint& endpoint, std::string_view id) {
    constexpr std::size_t kUuid = 36;
    if (id.size() != kUuid || id.find_first_not_of("0123456789abcdef-") != std::string_view::npos) {
        return fail(Fault::bad_request, "ID is the exchange that the first answer names: a UUID in lower case");
    }
    std::string target = endpoint.base_path;
    return std::move(target.append("/v1/submissions/").append(id));
}

Result<std::string> consent_target(const Endpoint& endpoint, std::string_view id, bool revokes) {
    constexpr std::string_view kOfIds = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (id.find_first_not_of(kOfIds) != std::string_view::npos) {
        return fail(Fault::bad_request, "the id of a consent holds letters, digits, '.', '_' and '-' only");
    }
    std::string target = endpoint.base_path + "/v1/consents";
    target.append(id.empty() ? "" : "/").append(id);
    return std::move(target.append(revokes ? "/revoke" : ""));
}

Result<codec::HttpMessage> signed_get(const Endpoint& endpoint, std::string target, const Consumer& consumer,
                                      std::int64_t created) {
    codec::HttpMessage request{
        .method = "GET", .scheme = endpoint.scheme, .authority = endpoint.authority, .target = std::move(target)};
    request.add("Accept", "application/json");
    return signed_by(std::move(request), consumer, created);
}

Result<std::string> check_answer(const codec::HttpMessage& answer, const codec::HttpMessage& request,
                                 const Trust& trust) {
    const auto signature = signing::read_http_signature(answer, &request);
    if (!signature) {
        return fail(signature.error());
    }
    const auto missing = signing::missing_components(
        *signature, signing::answer_components(request.method != "GET", std::string{kLabel}));
    if (!missing.empty()) {
        return fail(Fault::not_signed, "the answer's signature does not cover " + missing.front());
    }
    const crypto::VerifyingKey* key = trust.gateway_key(signature->keyid);
    if (key == nullptr) {
        return fail(Fault::signature_invalid,
                    "the answer is signed with a key that is not trusted for a gateway: " + signature->keyid);
    }
    if (auto verified = signing::verify_http(*signature, *key); !verified) {
        return fail(std::move(verified.error()));
    }
    const std::string digest = answer.field("Content-Digest").value_or("");
    if (auto same = signing::check_content_digest(digest, answer.body); !same) {
        return fail(std::move(same.error()));
    }
    return signature->keyid;
}

}  // namespace datong::client
