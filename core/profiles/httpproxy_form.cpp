#include "core/profiles/httpproxy_form.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::profiles {
namespace {

struct Part {
    std::string_view name;
    std::string FormCall::* value;
};
constexpr std::array<Part, 6> kParts{{{"access_key", &FormCall::access_key},
                                      {"rid", &FormCall::rid},
                                      {"sid", &FormCall::sid},
                                      {"timestamp", &FormCall::timestamp},
                                      {"request_id", &FormCall::request_id},
                                      {"content", &FormCall::content}}};

std::string mac_of(const FormCall& call, const FormParts& parts, const Secret& secret) {
    return crypto::hmac_sha256(secret.reveal(), form_base(call, parts));
}

}  // namespace

const FormParts& default_form_parts() {
    static const FormParts parts{"sid", "rid", "timestamp"};
    return parts;
}

bool is_form_part(const std::string& name) {
    return std::ranges::find(kParts, name, &Part::name) != kParts.end();
}

std::string form_base(const FormCall& call, const FormParts& parts) {
    std::string base;
    for (const std::string& name : parts) {
        const auto part = std::ranges::find(kParts, name, &Part::name);
        base += part == kParts.end() ? std::string{} : call.*(part->value);
    }
    return base;
}

std::string form_sign(const FormCall& call, const FormParts& parts, const Secret& secret) {
    return to_base64(mac_of(call, parts, secret));
}

Status form_verify(const FormCall& call, const FormParts& parts, const Secret& secret, const std::string& sign) {
    const auto given = from_base64(sign);
    if (parts.empty() || !given || !equal_in_constant_time(mac_of(call, parts, secret), *given)) {
        return fail(Fault::signature_invalid, "the form's signature does not verify");
    }
    return {};
}

std::vector<codec::FormField> form_fields(const FormCall& call, const std::string& sign) {
    return {{"access_key", call.access_key}, {"format", "json"}, {"request_id", call.request_id}, {"sign", sign},
            {"timestamp", call.timestamp},   {"version", "1.0"}, {"biz_content", call.content}};
}

}  // namespace datong::profiles
