#include "tests/adapters/rest/platform.h"

#include <chrono>
#include <cstdlib>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/crypto/sm2.h"
#include "core/profiles/gateway_sig.h"
#include "core/profiles/httpproxy_form.h"
#include "core/profiles/national.h"
#include "core/profiles/sha1_appkey.h"
#include "core/profiles/sm_envelope.h"
#include "core/profiles/tif.h"
#include "core/profiles/wrapped_secret.h"
#include "core/profiles/zj_md5.h"

namespace datong::test {
namespace {

using record::Record;

const Secret& appkey() {
    static const Secret key{Platform::kAppkey};
    return key;
}

std::string value_of(const std::vector<codec::FormField>& fields, const std::string& name) {
    for (const codec::FormField& field : fields) {
        if (field.name == name) {
            return field.value;
        }
    }
    return {};
}

std::vector<codec::FormField> form_of(std::string_view text) {
    return codec::read_form(text).value_or(std::vector<codec::FormField>{});
}

/// Within five minutes of now.
bool is_near(const std::string& milliseconds) {
    const auto at = to_whole_number(milliseconds);
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    return at && std::abs(static_cast<long long>(*at) - now) < 300'000;
}

std::string in_half_an_hour() {
    const auto at = std::chrono::system_clock::now() + std::chrono::minutes{30};
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count());
}

}  // namespace

Platform::Platform()
    : own_{crypto::SigningKey::generate(crypto::Algorithm::sm2_sm3).value()}, server_{[this](const Request& request) {
          const std::scoped_lock lock{mutex_};
          last_body_ = request.body;
          last_target_ = request.target;
          return handle(request);
      }} {
}

std::string Platform::peer_key() const {
    return to_hex(crypto::sm2_point_of(own_.verifying_key()).value());
}

void Platform::knows(const crypto::VerifyingKey& client) {
    const std::scoped_lock lock{mutex_};
    client_ = client;
}

void Platform::expire() {
    const std::scoped_lock lock{mutex_};
    lent_.clear();
}

void Platform::refuse_to_lend(bool on) {
    const std::scoped_lock lock{mutex_};
    lends_ = !on;
}

void Platform::refuse_everything(bool on) {
    const std::scoped_lock lock{mutex_};
    refuses_all_ = on;
}

int Platform::count_of(const int& counter) const {
    const std::scoped_lock lock{mutex_};
    return counter;
}

std::string Platform::last_body() const {
    const std::scoped_lock lock{mutex_};
    return last_body_;
}

std::string Platform::last_target() const {
    const std::scoped_lock lock{mutex_};
    return last_target_;
}

Platform::Answer Platform::judge(bool is_good) {
    if (!is_good || refuses_all_) {
        ++refused_;
        return {.body = R"({"head":{"code":"2002","msg":"token失效"}})"};
    }
    ++good_;
    return {.body = R"({"head":{"code":"0000"},"data":{"cxjg":[]}})"};
}

Platform::Answer Platform::handle(const Request& request) {
    const std::string path = request.path();
    if (path == "/sysapi/auth/refreshappsecret") {
        return lend_national(request);
    }
    if (path == "/httpproxy") {
        return national(request);
    }
    if (path == "/gateway/httpproxy") {
        return national_form(request);
    }
    if (path == "/tif") {
        return tif(request);
    }
    if (path == "/sha1") {
        return sha1(request);
    }
    if (path == "/token") {
        return lend_gateway(request);
    }
    if (path == "/city") {
        return gateway(request);
    }
    if (path == profiles::kZjKeyPath || path == profiles::kZjRenewPath) {
        return lend_zj(request, path == profiles::kZjRenewPath);
    }
    if (path.starts_with("/gateway/api/")) {
        return zj(request);
    }
    if (path == "/gettoken") {
        return lend_token(request);
    }
    if (path == "/gx") {
        return token(request);
    }
    return path == "/envelope" ? envelope(request) : Answer{.status = 404, .body = "{}"};
}

Platform::Answer Platform::lend_national(const Request& request) {
    const profiles::NationalCall call{.rid = request.header("gjgxjhpt_rid") + request.header("gjzwfwpt_rid"),
                                      .sid = request.header("gjgxjhpt_sid") + request.header("gjzwfwpt_sid"),
                                      .rtime = request.header("gjgxjhpt_rtime") + request.header("gjzwfwpt_rtime")};
    const std::string sign = request.header("gjgxjhpt_sign") + request.header("gjzwfwpt_sign");
    if (!lends_ || call.rid != "DEMO-RID" || !is_near(call.rtime) || !profiles::national_verify(call, appkey(), sign)) {
        return {.body = R"({"code":"E-106","data":"","message":"不在授权列表"})"};
    }
    ++lendings_;
    const Secret secret{"secret-" + std::to_string(lendings_) + "-" + call.sid};
    lent_[call.sid] = secret;
    const auto wrapped = profiles::wrap_secret(profiles::Wrapping::ecb, appkey(), secret).value();
    return {.body = R"({"code":"0","data":{"secret":")" + wrapped + R"(","secretEndTime":")" + in_half_an_hour() +
                    R"("},"message":""})"};
}

Platform::Answer Platform::national(const Request& request) {
    const profiles::NationalCall call{.rid = request.header("gjgxjhpt_rid"),
                                      .sid = request.header("gjgxjhpt_sid"),
                                      .rtime = request.header("gjgxjhpt_rtime")};
    const auto secret = lent_.find(call.sid);
    return judge(secret != lent_.end() && call.rid == "DEMO-RID" && is_near(call.rtime) &&
                 profiles::national_verify(call, secret->second, request.header("gjgxjhpt_sign")).has_value());
}

Platform::Answer Platform::national_form(const Request& request) {
    const auto fields = form_of(request.body);
    const profiles::FormCall call{.access_key = value_of(fields, "access_key"),
                                  .rid = "DEMO-RID",
                                  .sid = "s_1",
                                  .timestamp = value_of(fields, "timestamp"),
                                  .request_id = value_of(fields, "request_id"),
                                  .content = value_of(fields, "biz_content")};
    const auto secret = lent_.find("s_1");
    return judge(
        secret != lent_.end() && fields.size() == 7 && value_of(fields, "format") == "json" &&
        is_near(call.timestamp) && !call.content.empty() &&
        profiles::form_verify(call, {"sid", "rid", "timestamp", "content"}, secret->second, value_of(fields, "sign"))
            .has_value());
}

Platform::Answer Platform::tif(const Request& request) {
    const profiles::TifCall call{.timestamp = request.header("x-tif-timestamp"),
                                 .nonce = request.header("x-tif-nonce")};
    return judge(request.header("x-tif-paasid") == "paas" && request.header("x-tif-serviceId") == "svc" &&
                 profiles::tif_verify(call, appkey(), {}, request.header("x-tif-signature"),
                                      std::chrono::system_clock::now(), std::chrono::seconds{180})
                     .has_value());
}

Platform::Answer Platform::sha1(const Request& request) {
    const std::string time = request.header("timestamp");
    return judge(request.header("appKey") == "app" && is_near(time) &&
                 request.header("signature") == profiles::sha1_appkey_sign("app", appkey(), time));
}

Platform::Answer Platform::lend_gateway(const Request& request) {
    const profiles::GatewayCall call{.appid = request.header("gateway_appid"),
                                     .rtime = request.header("gateway_rtime")};
    if (!lends_ || !is_near(call.rtime) || !profiles::gateway_verify(call, appkey(), request.header("gateway_sig"))) {
        return {.status = 200, .body = R"({"body":{}})"};
    }
    ++lendings_;
    lent_[call.appid] = Secret{"token-" + std::to_string(lendings_)};
    gateway_time_ = call.rtime;
    return {.body = R"({"body":{"access_token":")" +
                    profiles::wrap_secret(profiles::Wrapping::cbc, appkey(), lent_[call.appid]).value() + R"("}})"};
}

Platform::Answer Platform::gateway(const Request& request) {
    const profiles::GatewayCall call{.appid = request.header("gateway_appid"),
                                     .rtime = request.header("gateway_rtime")};
    const auto secret = lent_.find(call.appid);
    return judge(secret != lent_.end() && call.rtime == gateway_time_ &&
                 profiles::gateway_verify(call, secret->second, request.header("gateway_sig")).has_value());
}

Platform::Answer Platform::lend_zj(const Request& request, bool renews) {
    const auto fields = form_of(request.body);
    const std::string time = value_of(fields, "requestTime");
    const Secret& with = renews ? Secret{refresh_secret_} : appkey();
    if (!lends_ || !is_near(time) || (renews && refresh_secret_.empty()) ||
        value_of(fields, "sign") != profiles::zj_sign("app", with, time)) {
        return {.body = R"({"code":"14","msg":"签名错误"})"};
    }
    ++lendings_;
    refresh_secret_ = "refresh-" + std::to_string(lendings_);
    lent_["zj"] = Secret{"request-" + std::to_string(lendings_)};
    return {.body = R"({"code":"00","datas":{"refreshSecret":")" + refresh_secret_ + R"(","refreshSecretEndTime":")" +
                    in_half_an_hour() + R"(","requestSecret":")" + lent_["zj"].reveal() +
                    R"(","requestSecretEndTime":")" + in_half_an_hour() + R"("}})"};
}

Platform::Answer Platform::zj(const Request& request) {
    const auto query = request.target.find('?');
    const auto fields =
        form_of(request.body.empty() && query != std::string::npos ? std::string_view{request.target}.substr(query + 1)
                                                                   : std::string_view{request.body});
    const std::string time = value_of(fields, "requestTime");
    const auto secret = lent_.find("zj");
    return judge(secret != lent_.end() && is_near(time) && value_of(fields, "ID") == "a&b" &&
                 value_of(fields, "sign") == profiles::zj_sign("app", secret->second, time));
}

Platform::Answer Platform::lend_token(const Request& request) {
    const auto fields = form_of(request.body);
    if (!lends_ || value_of(fields, "user") != "u" || value_of(fields, "password") != std::string{kAppkey}) {
        return {.body = R"({"head":{"code":"1001"}})"};
    }
    ++lendings_;
    // what would change more than its own place if somebody pasted it
    const std::string token = "t\",\"admin\":\"1-" + std::to_string(lendings_);
    lent_["token"] = Secret{token};
    Record body = Record::object();
    body.put("data", Record::object()).put("token", Record::text(token));
    return {.body = codec::write_json(body)};
}

Platform::Answer Platform::token(const Request& request) {
    const auto fields = form_of(request.body);
    const auto json = codec::read_json(value_of(fields, "gxData"));
    const auto secret = lent_.find("token");
    const Record* token = json ? json->find_path({"head", "token"}) : nullptr;
    return judge(secret != lent_.end() && token != nullptr && token->scalar() == secret->second.reveal() &&
                 json->find("admin") == nullptr && json->find_path({"data", "money"})->scalar() == "100.10");
}

Platform::Answer Platform::envelope(const Request& request) {
    const profiles::EnvelopeStamp stamp{.timestamp = request.header("timestamp"), .nonce = request.header("nonce")};
    const auto plain = client_ ? profiles::open_envelope(request.body, stamp, own_, *client_)
                               : Result<std::string>{fail(Fault::internal, "nobody known")};
    const bool is_good =
        plain && is_near(stamp.timestamp) && request.header("appId") == "app" && *plain == R"({"ywh":"202401020001"})";
    Answer answer = judge(is_good);
    const profiles::EnvelopeStamp own{.timestamp = stamp.timestamp, .nonce = "answer-1"};
    if (is_good) {
        answer.body = profiles::seal_envelope(answer.body, own, own_, *client_).value();
        answer.headers = "timestamp: " + own.timestamp + "\r\nnonce: " + own.nonce + "\r\n";
    }
    return answer;
}

}  // namespace datong::test
