#include "core/profiles/zj_md5.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/weak.h"
#include "core/profiles/national.h"

namespace datong::profiles {

std::string zj_sign(const std::string& app_key, const Secret& secret, const std::string& time) {
    const Secret base{app_key + secret.reveal() + time};
    return to_hex(crypto::weak_md5(base.reveal()));
}

std::vector<codec::FormField> zj_fields(const std::string& app_key, const Secret& secret, const std::string& time) {
    return {{"appKey", app_key}, {"sign", zj_sign(app_key, secret, time)}, {"requestTime", time}};
}

Result<ZjSecrets> read_zj_secrets(std::string_view body) {
    const auto answer = codec::read_json(body);
    if (!answer || !answer->is_object()) {
        return fail(Fault::department_invalid, "the platform's secret service answered no JSON object");
    }
    if (answer->text_of("code") != "00") {
        return fail(Fault::department_refused, "the platform lends no secret: its code is not 00");
    }
    const record::Record* datas = answer->find("datas");
    const std::string request = datas == nullptr ? "" : datas->text_of("requestSecret");
    const std::string refresh = datas == nullptr ? "" : datas->text_of("refreshSecret");
    if (request.empty() || refresh.empty()) {
        return fail(Fault::department_invalid, "the platform's answer holds no secrets");
    }
    const auto time_at = [&](std::string_view name) {
        const record::Record* time = datas->find(name);
        return time == nullptr ? std::nullopt : read_platform_time(time->scalar());
    };
    return ZjSecrets{.request = Secret{request},
                     .refresh = Secret{refresh},
                     .request_ends = time_at("requestSecretEndTime"),
                     .refresh_ends = time_at("refreshSecretEndTime")};
}

}  // namespace datong::profiles
