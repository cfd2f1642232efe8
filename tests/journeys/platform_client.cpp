#include "tests/journeys/platform_client.h"

#include <chrono>
#include <filesystem>

#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/crypto/x509.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"

namespace datong::journeys {
namespace {

/// A client certificate below an authority that the listener trusts: province.*.pem beside the other keys.
void make_certificate(const std::string& config) {
    const std::string keys = config + "/../keys";
    const auto authority = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    const crypto::Validity validity{.not_before = std::chrono::system_clock::now() - std::chrono::hours{1}, .days = 2};
    const auto ca = crypto::make_ca(*authority, "clients of the test", validity);
    const auto chain = crypto::make_x509({.pem = *ca, .key = *authority}, *key,
                                         {.common_name = "province", .for_client = true, .validity = validity});
    write_text(keys + "/client-ca.pem", *ca);
    write_text(keys + "/province.chain.pem", *chain);
    write_text(keys + "/province.key.pem", key->to_pem()->reveal());
    std::string gateway = read_file(config + "/gateway.yaml");
    write_text(config + "/gateway.yaml", gateway.replace(gateway.find("/ca.pem\""), 7, "/client-ca.pem"));
}

/// Writes a copy of a grant of one-window's for the province.
void give_grant(const std::string& config, const std::string& name) {
    std::string grant = read_file(config + "/grants/" + name + ".yaml");
    const auto put = [&grant](const std::string& from, const std::string& to) {
        grant.replace(grant.find(from), from.size(), to);
    };
    put("id: " + name, "id: province-" + name);
    put("consumer: one-window", "consumer: province");
    write_text(config + "/grants/province-" + name + ".yaml", grant);
}

}  // namespace

GatewayUnderTest::Options with_door(std::string door, std::string connection) {
    return {.files = {},
            .change = [door = std::move(door), connection = std::move(connection)](const std::string& config) {
                const std::string appkey = config + "/../keys/province.appkey";
                write_text(appkey, kDoorKey + "\n");
                std::filesystem::permissions(appkey, std::filesystem::perms{0600});
                make_certificate(config);
                write_text(config + "/consumers/province.yaml", "datong: consumer/v1\nid: province\ntitle: 省平台\n" +
                                                                    connection + door +
                                                                    "  appkey: {file: ../keys/province.appkey}\n");
                give_grant(config, "one-window-existing-home-transfer");
                give_grant(config, "one-window-city-services");
            }};
}

std::string now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

codec::HttpMessage PlatformClient::prepare(const std::string& method, const std::string& target,
                                           const std::string& body, const std::string& type) const {
    codec::HttpMessage request;
    request.method = method;
    request.scheme = "https";
    request.authority = line_.prepare_get("/").authority;
    request.target = target;
    request.body = body;
    request.add("Host", request.authority);
    if (method != "GET") {
        request.add("Content-Type", type);
    }
    return request;
}

codec::HttpMessage PlatformClient::post(const std::string& target, const record::Record& body) const {
    return send(prepare("POST", target, codec::write_json(body)));
}

codec::HttpMessage PlatformClient::ask_token(const std::string& id, const std::string& appkey) const {
    const std::string form = codec::write_form(std::vector<codec::FormField>{
        {"grant_type", "client_credentials"}, {"client_id", id}, {"client_secret", appkey}});
    return send(prepare("POST", "/oauth/token", form, "application/x-www-form-urlencoded"));
}

std::string PlatformClient::token(const std::string& id) const {
    return json_of(ask_token(id)).text_of("access_token");
}

bool is_signed_for(const GatewayUnderTest& gateway, const codec::HttpMessage& answer, codec::HttpMessage request) {
    request.set("Content-Digest", signing::content_digest(request.body));
    const auto key = crypto::VerifyingKey::from_pem(read_file(gateway.folder() + "/keys/gateway.pub.pem"));
    const auto signature = signing::read_http_signature(answer, &request);
    return key && signature && signing::verify_http(*signature, *key).has_value() &&
           signing::check_content_digest(answer.field("content-digest").value_or(""), answer.body).has_value();
}

}  // namespace datong::journeys
