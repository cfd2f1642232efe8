#include "adapters/frame/session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/codec/xml.h"

namespace datong::adapters::frame {
namespace {

using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;
using crypto::Cipher;
using record::Record;

constexpr std::array<std::pair<std::string_view, Cipher>, 7> kCiphers{{{"sm4_ecb", Cipher::sm4_ecb},
                                                                       {"sm4_cbc", Cipher::sm4_cbc},
                                                                       {"sm4_ctr", Cipher::sm4_ctr},
                                                                       {"aes_128_ecb", Cipher::aes_128_ecb},
                                                                       {"aes_128_cbc", Cipher::aes_128_cbc},
                                                                       {"aes_256_ecb", Cipher::aes_256_ecb},
                                                                       {"aes_256_cbc", Cipher::aes_256_cbc}}};

bool takes_iv(Cipher cipher) {
    return cipher != Cipher::sm4_ecb && cipher != Cipher::aes_128_ecb && cipher != Cipher::aes_256_ecb;
}

std::vector<std::string> cipher_names(bool ecb_only) {
    std::vector<std::string> names{"none"};
    for (const auto& [name, cipher] : kCiphers) {
        if (!ecb_only || !takes_iv(cipher)) {
            names.emplace_back(name);
        }
    }
    return names;
}

tl::unexpected<Error> invalid(const char* what) {
    return fail(Fault::department_invalid, std::string{"frame: "} + what);
}

/// The text at a place; nothing where no single value stands.
std::optional<std::string> text_at(const profiles::Place& place, const Record& message) {
    const Record* found = place.find(message);
    return found != nullptr && found->is_scalar() ? std::optional{std::string{found->scalar()}} : std::nullopt;
}

std::vector<Setting> key_settings() {
    return {{.name = "key_at",
             .required = true,
             .help_en = "where in the answer the key stands: BODY.WorkKey",
             .help_zh = "应答中工作密钥的位置，如 BODY.WorkKey"},
            {.name = "key_form",
             .otherwise = "base64",
             .help_en = "how the key is written there",
             .help_zh = "密钥在应答中的写法",
             .choices = {"base64", "hex", "text"}},
            {.name = "key_cipher",
             .otherwise = "none",
             .help_en = "the key comes enciphered by master_key, whole blocks without padding",
             .help_zh = "工作密钥由 master_key 加密下发，整块无填充",
             .choices = cipher_names(true)},
            {.name = "master_key",
             .secret = true,
             .help_en = "in hexadecimal, as ${NAME} only",
             .help_zh = "主密钥（十六进制），只能写作 ${NAME}",
             .sealed = true},
            {.name = "life_ms",
             .kind = SettingKind::milliseconds,
             .otherwise = "28800000",
             .help_en = "how long a key is used at most",
             .help_zh = "密钥最长使用时间",
             .least = 1'000,
             .most = 172'800'000},
            {.name = "expired_at",
             .help_en = "where an answer says that the key is not known there: HEAD.RtnCode",
             .help_zh = "应答中表示密钥失效的位置，如 HEAD.RtnCode"},
            {.name = "expired_values",
             .kind = SettingKind::list,
             .help_en = "what it says then",
             .help_zh = "该位置的失效取值"}};
}

std::vector<Setting> cipher_settings() {
    return {{.name = "cipher",
             .otherwise = "none",
             .help_en = "what enciphers the bodies behind the sign-in, PKCS #7",
             .help_zh = "签到之后报文体的加密方式，PKCS #7 填充",
             .choices = cipher_names(false)},
            {.name = "iv",
             .help_en = "initial vector of cbc and ctr: 32 hexadecimal digits that both sides agreed",
             .help_zh = "cbc、ctr 的初始向量，32 位十六进制，双方约定"},
            {.name = "mark",
             .help_en = "the field that says whether a frame's body is enciphered; left out: all are",
             .help_zh = "表示报文体是否加密的字段；不写则一律加密"},
            {.name = "marks",
             .kind = SettingKind::list,
             .help_en = "what it says of an enciphered one",
             .help_zh = "该字段表示已加密的取值"},
            {.name = "macs",
             .kind = SettingKind::flag,
             .otherwise = "false",
             .help_en = "check values behind the sign-in are made with the session's key",
             .help_zh = "签到之后的校验值用工作密钥计算"}};
}

}  // namespace

std::vector<Setting> Session::settings() {
    std::vector<Setting> all{{.name = "user", .help_en = "stands at {user}", .help_zh = "签到用户，填入 {user}"},
                             {.name = "password",
                              .secret = true,
                              .help_en = "stands at {password}, as ${NAME} only",
                              .help_zh = "签到口令，填入 {password}，只能写作 ${NAME}",
                              .sealed = true},
                             {.name = "values",
                              .kind = SettingKind::map,
                              .help_en = "values of the sign-in frame's fields",
                              .help_zh = "签到报文各字段的值"},
                             {.name = "message",
                              .required = true,
                              .help_en = "the sign-in's XML, with {exchange}, {date}, {time}, {user} and {password}",
                              .help_zh = "签到报文的 XML，可用 {exchange}、{date}、{time}、{user}、{password}"},
                             {.name = "charset",
                              .otherwise = "gb18030",
                              .help_en = "of the message",
                              .help_zh = "报文字符集",
                              .choices = {"gb18030", "gbk", "utf-8"}},
                             {.name = "ok_at",
                              .required = true,
                              .help_en = "where the answer says whether it was taken: HEAD.TxStatus",
                              .help_zh = "签到应答中表示成败的位置，如 HEAD.TxStatus"},
                             {.name = "ok_values",
                              .kind = SettingKind::list,
                              .required = true,
                              .help_en = "what it says of success",
                              .help_zh = "表示成功的取值"}};
    for (std::vector<Setting> more : {key_settings(), cipher_settings()}) {
        std::ranges::move(more, std::back_inserter(all));
    }
    return all;
}

std::optional<Cipher> Session::cipher_of(const std::string& name) {
    const auto found = std::ranges::find(kCiphers, name, [](const auto& pair) { return pair.first; });
    return found == kCiphers.end() ? std::nullopt : std::optional{found->second};
}

Session::Rule Session::read_rule(const Settings& settings, const std::string& name, Mistakes& mistakes) {
    Rule rule;
    if (settings.has(name + "_at")) {
        auto place = profiles::Place::parse(settings.text(name + "_at"));
        if (place) {
            rule.at.push_back(std::move(*place));
        } else {
            mistakes.push_back(adapter::mistake_at(settings.where(name + "_at"), name + "_at 不是可用的路径",
                                                   name + "_at must be names with dots between", "HEAD.RtnCode"));
        }
    }
    if (name != "key") {
        rule.values = settings.texts(name + "_values");
    }
    return rule;
}

std::unique_ptr<const Session> Session::read(const Settings& settings, Mistakes& mistakes) {
    const std::size_t before = mistakes.size();
    auto made = std::make_unique<Session>();
    made->user_ = settings.text("user");
    made->password_ = settings.secret("password");
    made->values_ = settings.map("values");
    auto message = adapter::Pattern::parse(settings.text("message"));
    if (message) {
        made->message_ = std::move(*message);
    }
    made->charset_ = charset::by_name(settings.text("charset")).value_or(charset::Charset::gb18030);
    made->ok_ = read_rule(settings, "ok", mistakes);
    made->key_ = read_rule(settings, "key", mistakes);
    made->expired_ = read_rule(settings, "expired", mistakes);
    const std::string& form = settings.text("key_form");
    made->key_form_ = form == "hex" ? KeyForm::hex : form == "text" ? KeyForm::text : KeyForm::base64;
    made->key_cipher_ = cipher_of(settings.text("key_cipher"));
    made->master_key_ = Secret{from_hex(settings.secret("master_key").reveal()).value_or(std::string{})};
    made->cipher_ = cipher_of(settings.text("cipher"));
    made->iv_ = from_hex(settings.text("iv")).value_or(std::string{});
    made->makes_macs_ = settings.flag("macs");
    made->mark_ = settings.text("mark");
    made->marks_ = settings.texts("marks");
    made->life_ = settings.milliseconds("life_ms");
    made->check(settings, mistakes);
    return mistakes.size() == before ? std::move(made) : nullptr;
}

/// What a list of settings can't say.
void Session::check(const Settings& settings, Mistakes& mistakes) const {
    const auto refuse = [&](const char* name, std::string zh, std::string en, std::string hint = {}) {
        mistakes.push_back(adapter::mistake_at(settings.where(name), std::move(zh), std::move(en), std::move(hint)));
    };
    constexpr std::array<std::string_view, 5> kNames{"exchange", "date", "time", "user", "password"};
    for (const std::string& name : message_.names()) {
        if (std::ranges::find(kNames, name) == kNames.end()) {
            refuse("message", "message 中没有 {" + name + "} 可填", "nothing stands at {" + name + "} of message",
                   "{exchange}");
        }
    }
    const std::size_t iv = cipher_ && takes_iv(*cipher_) ? crypto::kCipherBlock : 0;
    if (iv_.size() != iv) {
        refuse("iv", iv == 0 ? "该 cipher 不用 iv" : "iv 应为 32 位十六进制",
               iv == 0 ? "this cipher has no iv" : "iv must be 32 hexadecimal digits");
    }
    if (key_cipher_ && master_key_.reveal().size() != crypto::key_size(*key_cipher_)) {
        refuse("master_key", "key_cipher 须有 master_key，长度与算法相符（十六进制）",
               "key_cipher needs a master_key of the cipher's size, in hexadecimal");
    }
    if (!cipher_ && !makes_macs_) {
        refuse("cipher", "工作密钥没有用处：须写 cipher 或 macs: true",
               "the session's key does nothing: say cipher, or macs: true");
    }
    if (mark_.empty() != marks_.empty()) {
        refuse("mark", "mark 与 marks 须同时给出", "mark and marks go together");
    }
    if (expired_.at.empty() != expired_.values.empty()) {
        refuse("expired_at", "expired_at 与 expired_values 须同时给出", "expired_at and expired_values go together");
    }
}

Result<std::string> Session::sign_in(std::string_view exchange, std::chrono::system_clock::time_point now) const {
    const std::string at = to_rfc3339(now);  // 2026-03-01T09:00:00.123+08:00
    const auto value_of = [&](const std::string& name) -> Result<std::string> {
        if (name == "date") {
            return at.substr(0, 4) + at.substr(5, 2) + at.substr(8, 2);
        }
        if (name == "time") {
            return at.substr(11, 2) + at.substr(14, 2) + at.substr(17, 2);
        }
        return codec::write_xml_text(name == "exchange" ? exchange
                                     : name == "user"   ? std::string_view{user_}
                                                        : std::string_view{password_.reveal()});
    };
    auto text = message_.fill(value_of);
    if (!text) {
        return text;
    }
    auto octets = charset::encode(*text, charset_);
    return octets ? Result<std::string>{std::move(*octets)}
                  : fail(Fault::internal, "frame: the sign-in has characters that its charset can't hold");
}

bool Session::Rule::matches(const Record& message) const {
    const auto said = at.empty() ? std::nullopt : text_at(at.front(), message);
    return said && std::ranges::find(values, *said) != values.end();
}

std::optional<std::string> Session::decoded(std::string_view text) const {
    switch (key_form_) {
        case KeyForm::hex:
            return from_hex(text);
        case KeyForm::text:
            return std::string{text};
        case KeyForm::base64:
            break;
    }
    return from_base64(text);
}

Result<outbound::Grant> Session::grant_of(std::string_view answer, std::chrono::system_clock::time_point now) const {
    const auto message = profiles::read_message(answer);
    if (!message) {
        return invalid("the sign-in's answer is no XML");
    }
    if (!ok_.matches(*message)) {
        // what it says may hold the user's name
        return fail(Fault::department_refused, "frame: the department does not take the sign-in (user, password)");
    }
    const auto written = text_at(key_.at.front(), *message);
    auto octets = written ? decoded(*written) : std::nullopt;
    if (!octets || octets->empty()) {
        return invalid("the sign-in's answer brings no key");
    }
    Secret key{std::move(*octets)};
    if (key_cipher_) {
        auto plain = crypto::decrypt(*key_cipher_, master_key_, {}, key.reveal(), crypto::Padding::none);
        if (!plain) {
            return invalid("the sign-in's key was not enciphered in whole blocks");
        }
        key = Secret{std::move(*plain)};
    }
    if (cipher_ && key.reveal().size() != crypto::key_size(*cipher_)) {
        return invalid("the sign-in's key is of another size than the cipher's");
    }
    outbound::Grant grant;
    grant.secret = std::move(key);
    grant.ends = now + life_;
    return grant;
}

Result<std::string> Session::seal(std::string body, const Secret& key) const {
    return cipher_ ? crypto::encrypt(*cipher_, key, iv_, body) : Result<std::string>{std::move(body)};
}

Result<std::string> Session::open(std::string_view body, const Secret& key) const {
    if (!cipher_) {
        return std::string{body};
    }
    auto plain = crypto::decrypt(*cipher_, key, iv_, body);
    return plain ? std::move(plain)
                 : Result<std::string>{invalid("the answer is not enciphered with the session's key")};
}

bool Session::marks_enciphered(std::string_view octets) const {
    return mark_.empty() || std::ranges::find(marks_, octets) != marks_.end();
}

bool Session::is_expired(std::string_view body) const {
    const bool may_say = std::ranges::any_of(
        expired_.values, [&](const std::string& value) { return body.find(value) != std::string_view::npos; });
    const auto message = may_say ? profiles::read_message(body) : fail(Fault::bad_request, "");
    return message && expired_.matches(*message);
}

std::vector<adapter::Warning> Session::warnings() const {
    std::vector<adapter::Warning> all;
    if (!key_cipher_) {
        all.push_back({.text_zh = "session：工作密钥明文下发（没有 key_cipher），途中可被看到",
                       .text_en = "session: the key comes in the clear (no key_cipher), whoever listens has it"});
    }
    if (!makes_macs_) {
        all.push_back(
            {.text_zh = "session：报文加密而无校验值，途中可被改动",
             .text_en = "session: bodies are enciphered without a check value, on the way they can be changed"});
    }
    return all;
}

}  // namespace datong::adapters::frame
