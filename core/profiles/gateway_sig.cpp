#include "core/profiles/gateway_sig.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/profiles/wrapped_secret.h"

namespace datong::profiles {
namespace {

std::string mac_of(const GatewayCall& call, const Secret& key) {
    return crypto::hmac_sha256(key.reveal(), call.appid + call.rtime);
}

}  // namespace

std::string gateway_sign(const GatewayCall& call, const Secret& key) {
    return to_base64(mac_of(call, key));
}

Status gateway_verify(const GatewayCall& call, const Secret& key, std::string_view sign) {
    const auto given = from_base64(sign);
    if (!given || !equal_in_constant_time(mac_of(call, key), *given)) {
        return fail(Fault::signature_invalid, "the gateway's signature does not verify");
    }
    return {};
}

std::vector<codec::HttpField> gateway_headers(const GatewayCall& call, const Secret& key) {
    return {{"gateway_appid", call.appid}, {"gateway_rtime", call.rtime}, {"gateway_sig", gateway_sign(call, key)}};
}

Result<Secret> read_gateway_token(std::string_view body, const Secret& app_key) {
    const auto answer = codec::read_json(body);
    const record::Record* token = answer ? answer->find_path({"body", "access_token"}) : nullptr;
    if (token == nullptr || !token->is_text()) {
        return fail(Fault::department_invalid, "the gateway's answer holds no access token");
    }
    return unwrap_secret(Wrapping::cbc, app_key, token->scalar());
}

}  // namespace datong::profiles
