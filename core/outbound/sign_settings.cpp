#include "core/outbound/sign_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/adapter/http_source.h"
#include "core/profiles/traits.h"

namespace datong::outbound {
namespace {

using adapter::Setting;
using adapter::SettingKind;
using Names = std::vector<std::string_view>;

struct Wants {
    std::string_view profile;
    Names required;
    Names also;
};

/// Beside profile, id, secret, secret_file and, where something is lent, life_ms and the expired ones.
const std::vector<Wants>& table() {
    static const std::vector<Wants> all{
        {"gjgxjhpt", {"service"}, {"lend_path", "soap_block", "soap_uri"}},
        {"gjzwfwpt", {"service"}, {"lend_path", "soap_block", "soap_uri"}},
        {"gjzwfwpt-form", {"service"}, {"lend_path", "access_key", "signs"}},
        {"tif", {}, {"service", "prefix"}},
        {"zj-md5", {}, {"lend_path", "renew_path"}},
        {"gateway-sig", {"lend_path"}, {}},
        {"sha1-appkey", {}, {}},
        {"sm-envelope", {"peer_key"}, {"key_form", "signature_form", "sealed_answer"}},
        {"body-token",
         {"lend_path", "token_at", "token_in"},
         {"token_method", "token_format", "token_fields", "token_to", "token_name"}},
    };
    return all;
}

bool has(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    for (const profiles::Traits& traits : profiles::all_traits()) {
        names.emplace_back(traits.name);
    }
    return names;
}

std::vector<Setting> who_settings() {
    return {{.name = "profile",
             .required = true,
             .help_en = "the platform's way of signing (docs/signing-profiles.md)",
             .help_zh = "平台的签名方式（docs/signing-profiles.md）",
             .choices = profile_names()},
            {.name = "id",
             .help_en = "who we are there: rid, paasid, appKey, appid or appId, as the platform calls it",
             .help_zh = "本方标识：平台所称 rid、paasid、appKey、appid 或 appId"},
            {.name = "service",
             .help_en = "what is called: sid or serviceId; an operation may say its own",
             .help_zh = "服务标识：sid 或 serviceId；操作可另写"},
            {.name = "secret",
             .secret = true,
             .help_en = "appkey, paasToken, appSecret or SM2 key, as ${NAME} only",
             .help_zh = "appkey、paasToken、appSecret 或 SM2 私钥，只能写作 ${NAME}",
             .sealed = true},
            {.name = "secret_file",
             .kind = SettingKind::file,
             .help_en = "a file that holds it, with mode 0600 or 0640",
             .help_zh = "存放密钥的文件，权限 0600 或 0640"}};
}

std::vector<Setting> lending_settings() {
    return {{.name = "lend_path",
             .help_en = "behind url: the call that brings the secret or token; default: the platform's own",
             .help_zh = "换取密钥或令牌的路径（接在 url 之后）；默认为平台规定路径"},
            {.name = "renew_path", .help_en = "zj-md5: the call that renews it", .help_zh = "zj-md5：续期路径"},
            {.name = "life_ms",
             .kind = SettingKind::milliseconds,
             .otherwise = "1800000",
             .help_en = "how long it is used at most, whatever the platform says",
             .help_zh = "最长使用时间，不论平台所说",
             .least = 10'000,
             .most = 172'800'000},
            {.name = "expired_at",
             .help_en = "where in an answer (JSON or XML) it says that secret or token have expired: head.code",
             .help_zh = "答复（JSON 或 XML）中表示密钥或令牌失效的位置，如 head.code"},
            {.name = "expired_values",
             .kind = SettingKind::list,
             .help_en = "what it says then: \"2002\"",
             .help_zh = "该位置的失效取值，如 \"2002\""},
            {.name = "expired_status",
             .kind = SettingKind::list,
             .help_en = "HTTP status that says the same: 401",
             .help_zh = "表示失效的 HTTP 状态码，如 401"}};
}

std::vector<Setting> form_settings() {
    return {
        {.name = "soap_block",
         .help_en =
             "national, of adapter soap: the SOAP header's element with the four values, in place of HTTP's headers",
         .help_zh = "国家平台、soap 适配器：SOAP 头中放四个值的元素名，代替 HTTP 请求头"},
        {.name = "soap_uri", .help_en = "its namespace", .help_zh = "该元素的命名空间"},
        {.name = "access_key",
         .help_en = "gjzwfwpt-form: access_key; default: id",
         .help_zh = "gjzwfwpt-form：access_key，默认同 id"},
        {.name = "signs",
         .kind = SettingKind::list,
         .help_en = "gjzwfwpt-form: what is signed, in order; default: sid, rid, timestamp",
         .help_zh = "gjzwfwpt-form：签名内容及顺序，默认 sid、rid、timestamp"},
        {.name = "prefix",
         .otherwise = "x-tif-",
         .help_en = "tif: of the headers",
         .help_zh = "tif：请求头前缀",
         .choices = {"x-tif-", "x-rio-"}},
        {.name = "peer_key",
         .kind = SettingKind::file,
         .help_en = "sm-envelope: the platform's SM2 public key, PEM or hexadecimal",
         .help_zh = "sm-envelope：平台的 SM2 公钥，PEM 或十六进制"},
        {.name = "key_form",
         .otherwise = "c1c3c2",
         .help_en = "sm-envelope: how the encrypted key is written",
         .help_zh = "sm-envelope：加密后密钥的写法",
         .choices = {"c1c3c2", "c1c2c3", "asn1"}},
        {.name = "signature_form",
         .otherwise = "der",
         .help_en = "sm-envelope: how the signature is written",
         .help_zh = "sm-envelope：签名值的写法",
         .choices = {"der", "raw"}},
        {.name = "sealed_answer",
         .kind = SettingKind::flag,
         .otherwise = "false",
         .help_en = "sm-envelope: the answer is an envelope too",
         .help_zh = "sm-envelope：答复也是信封"}};
}

std::vector<Setting> token_settings() {
    return {{.name = "token_method",
             .otherwise = "POST",
             .help_en = "body-token: of the call that brings it",
             .help_zh = "body-token：换取令牌的方法",
             .choices = {"GET", "POST"}},
            {.name = "token_format",
             .otherwise = "form",
             .help_en = "body-token: how token_fields are sent",
             .help_zh = "body-token：token_fields 的发送格式",
             .choices = {"form", "json"}},
            {.name = "token_fields",
             .kind = SettingKind::map,
             .secret = true,
             .help_en = "body-token: what is sent, with {id} and {secret}",
             .help_zh = "body-token：发送的字段，可用 {id} 与 {secret}"},
            {.name = "token_at",
             .help_en = "body-token: where the token stands in the answer: data.token",
             .help_zh = "body-token：令牌在答复中的位置，如 data.token"},
            {.name = "token_in",
             .help_en = "body-token: what of a request it is put into",
             .help_zh = "body-token：放入请求的哪一部分",
             .choices = {"json", "xml", "form-json", "form", "query", "header"}},
            {.name = "token_to",
             .help_en = "body-token: where in JSON or XML: head.token",
             .help_zh = "body-token：放入 JSON 或 XML 的位置，如 head.token"},
            {.name = "token_name",
             .help_en = "body-token: the form's field, the query's or the header",
             .help_zh = "body-token：表单字段、查询参数或请求头的名称"}};
}

bool is_asked_of_all(std::string_view name) {
    return name == "profile" || name == "id" || name == "secret" || name == "secret_file";
}

bool is_of_lending(std::string_view name) {
    return name == "life_ms" || name.starts_with("expired_");
}

void complain(const adapter::Settings& sign, const std::string& name, const std::string& zh, const std::string& en,
              Mistakes& mistakes) {
    mistakes.push_back(adapter::mistake_at(sign.where(name), zh, en));
}

void check_paths(const adapter::Settings& sign, Mistakes& mistakes) {
    for (const char* name : {"lend_path", "renew_path"}) {
        const std::string& path = sign.text(name);
        if (!path.empty() && (path.front() != '/' || !adapter::is_path(path))) {
            complain(sign, name, std::string{name} + " 应以 / 开头，不含 ? # 和空白",
                     std::string{name} + " must begin with '/' and hold no '?', '#', blank or dot segment", mistakes);
        }
    }
    for (const char* name : {"id", "service"}) {
        if (!adapter::is_header_value(sign.text(name))) {
            complain(sign, name, std::string{name} + " 不能含控制字符",
                     std::string{name} + " can't hold control characters", mistakes);
        }
    }
}

}  // namespace

Setting sign_setting() {
    std::vector<Setting> all;
    for (const auto& part : {who_settings(), lending_settings(), form_settings(), token_settings()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return {.name = "sign",
            .kind = SettingKind::group,
            .help_en = "how the platform wants calls signed",
            .help_zh = "平台要求的签名方式",
            .entry = std::move(all)};
}

Setting service_setting() {
    return {.name = "service",
            .help_en = "of sign: the platform's name of this service (sid), in place of the source's",
            .help_zh = "签名用：本操作在平台的服务标识（sid），代替数据源的"};
}

void check_sign(const adapter::Settings& sign, Mistakes& mistakes) {
    const std::string& profile = sign.text("profile");
    const profiles::Traits* traits = profiles::find_traits(profile);
    const auto wants = std::ranges::find(table(), std::string_view{profile}, &Wants::profile);
    if (traits == nullptr || wants == table().end()) {
        return;  // the reader has said so
    }
    const Setting all = sign_setting();
    for (const Setting& setting : all.entry) {
        const bool is_required =
            has(wants->required, setting.name) || (setting.name == "id" && profile != "body-token");
        const bool is_known = is_required || has(wants->also, setting.name) || is_asked_of_all(setting.name) ||
                              (traits->lends_secret && is_of_lending(setting.name));
        if (is_required && !sign.has(setting.name)) {
            complain(sign, setting.name, profile + " 须写 " + setting.name, profile + " needs " + setting.name,
                     mistakes);
        }
        if (!is_known && sign.has(setting.name)) {
            complain(sign, setting.name, profile + " 没有 " + setting.name, profile + " has no " + setting.name,
                     mistakes);
        }
    }
    if (sign.has("secret") == sign.has("secret_file")) {
        complain(sign, "secret", "secret 与 secret_file 须写且只写一个", "say one of secret and secret_file", mistakes);
    }
    if (sign.has("expired_at") != sign.has("expired_values")) {
        complain(sign, "expired_at", "expired_at 与 expired_values 须同时写",
                 "expired_at and expired_values go together", mistakes);
    }
    check_paths(sign, mistakes);
}

}  // namespace datong::outbound
