#include "core/base/text.h"
#include "core/evidence/signature_base.h"

namespace datong::evidence {
namespace {

constexpr std::string_view kTag = ";tag=\"datong-attested\"";
constexpr std::string_view kDigest = R"("content-digest")";
constexpr std::string_view kConsumer = R"("consumer")";
constexpr std::string_view kProtocol = R"("protocol")";
constexpr std::string_view kMac = R"("mac")";
constexpr std::string_view kCaller = R"("caller")";
constexpr std::string_view kTimedBy = R"("timed-by")";
constexpr std::string_view kGateway = "gateway";

}  // namespace

std::string base_of_attested(const Attested& request, const std::string& keyid) {
    std::string base;
    std::string names;
    const auto line = [&](std::string_view name, const std::string& value) {
        names.append(names.empty() ? "" : " ").append(name);
        base.append(name).append(": ").append(value).append("\n");
    };
    line(kConsumer, std::string{request.consumer});
    line(kCaller, std::string{request.caller});
    line(kProtocol, std::string{request.protocol});
    if (request.is_timed_here) {
        line(kTimedBy, std::string{kGateway});
    }
    line(R"("mac-base")", std::string{request.mac_base});
    line(kMac, std::string{request.mac});
    line(kDigest, "sha-256=:" + to_base64(request.body_sha256) + ":");
    base += R"("@signature-params": ()" + names + ");created=" + std::to_string(request.created) + ";keyid=\"" + keyid +
            "\";nonce=\"" + std::string{request.nonce} + '"' + std::string{kTag};
    return base;
}

bool attests(std::string_view base, std::string_view consumer, std::string_view request_digest) {
    const auto digest = line_of(base, kDigest);
    // the gateway signs other bases too: what it says of a request begins with whose it is, and ends with this tag
    return base.starts_with(kConsumer) && base.ends_with(kTag) && line_of(base, kConsumer) == consumer && digest &&
           sha256_of_content_digest(*digest) == request_digest;
}

bool answers_attested(std::string_view answer_base, std::string_view request_base) {
    const auto asked = line_of(request_base, kDigest);
    const auto covered = line_of(answer_base, R"("content-digest";req)");
    const auto mac = line_of(request_base, kMac).value_or("");
    const std::string header = '"' + std::string{line_of(request_base, kProtocol).value_or("")} + R"(_sign";req)";
    return asked && covered && sha256_of_content_digest(*asked) == sha256_of_content_digest(*covered) &&
           (mac.empty() || line_of(answer_base, header) == mac);
}

bool is_timed_by_gateway(std::string_view base) {
    return base.ends_with(kTag) && line_of(base, kTimedBy) == kGateway;
}

std::optional<std::string_view> caller_of_attested(std::string_view base) {
    return base.ends_with(kTag) ? line_of(base, kCaller) : std::nullopt;
}

}  // namespace datong::evidence
