#include "adapters/soap/header.h"

#include "core/codec/xml.h"
#include "core/envelope/tree.h"
#include "core/record/record.h"

namespace datong::adapters::soap {
namespace {

using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;
using envelope::UsernameToken;
using record::Record;

/// A block whose elements all stand in its namespace.
Result<std::string> write_block(const std::string& name, const std::string& uri, const Settings::Map& values) {
    Record content = Record::object();
    for (const auto& [key, value] : values) {
        content.append(key, Record::text(value.reveal()));
    }
    return codec::write_xml(content, name, uri);
}

Error without_content(const char* what) {
    return {Fault::internal, std::string{"soap: the mapping made no envelope: "} + what};
}

}  // namespace

std::vector<Setting> Header::settings() {
    return {
        {.name = "soap_headers",
         .kind = SettingKind::map,
         .help_en = "constant blocks of the SOAP header, by element name",
         .help_zh = "SOAP 头中的固定元素，按元素名",
         .entry = {{.name = "uri", .help_en = "namespace of the block", .help_zh = "命名空间"},
                   {.name = "values",
                    .kind = SettingKind::map,
                    .secret = true,
                    .help_en = "its child elements: name and text",
                    .help_zh = "子元素：名称与文本"}}},
        {.name = "wss_username",
         .help_en = "WS-Security UsernameToken: the name; none: no token",
         .help_zh = "WS-Security 用户名令牌的用户名；不写则不带令牌"},
        {.name = "wss_password", .secret = true, .help_en = "its password", .help_zh = "用户名令牌的口令"},
        {.name = "wss_password_type",
         .otherwise = "digest",
         .help_en = "digest: with nonce and time, never the password itself; text: over https only",
         .help_zh = "digest：带随机数与时间的摘要；text：口令原文，只应走 https",
         .choices = {"digest", "text"}},
        {.name = "wss_certificate",
         .kind = SettingKind::file,
         .help_en = "PEM: the X.509 certificate whose key signs Body and Timestamp",
         .help_zh = "PEM：签名证书（签 Body 与 Timestamp）"},
        {.name = "wss_key", .kind = SettingKind::file, .help_en = "PEM: its private key", .help_zh = "PEM：对应私钥"},
        {.name = "wss_lifetime_s",
         .kind = SettingKind::whole,
         .otherwise = "0",
         .help_en = "seconds that wsu:Timestamp holds; 0: no timestamp",
         .help_zh = "wsu:Timestamp 有效秒数；0 表示不带",
         .most = 86'400},
        {.name = "wss_must_understand",
         .kind = SettingKind::flag,
         .otherwise = "true",
         .help_en = "mustUnderstand of the wsse:Security block",
         .help_zh = "wsse:Security 的 mustUnderstand"}};
}

/// A signature wants a Timestamp, which it covers.
void Header::read_signer(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    if (settings.has("wss_key") != settings.has("wss_certificate")) {
        mistakes.push_back(adapter::mistake_at(settings.where("wss_key"), "wss_key 与 wss_certificate 须同时写",
                                               "wss_key and wss_certificate go together"));
        return;
    }
    if (!settings.has("wss_key")) {
        return;
    }
    const std::string pem = adapter::read_named_file(settings, "wss_certificate", tools, mistakes);
    auto key = crypto::SigningKey::from_pem(adapter::read_secret_file(settings, "wss_key", tools, mistakes).reveal());
    const std::string token = envelope::token_of(pem);
    const auto certified = crypto::VerifyingKey::from_pem(pem);
    if (!key || token.empty() || !certified || certified->thumbprint() != key->verifying_key().thumbprint()) {
        mistakes.push_back(adapter::mistake_at(settings.where("wss_certificate"), "wss_key 与 wss_certificate 不是一对",
                                               "wss_certificate is not that of wss_key"));
        return;
    }
    constexpr std::chrono::seconds kUsual{300};
    security_.lifetime = security_.lifetime.count() > 0 ? security_.lifetime : kUsual;
    security_.token_der = token;
    signer_ = envelope::Signer{std::move(*key), pem};
}

Header Header::make(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    Header made;
    for (const auto& [name, block] : settings.entries("soap_headers")) {
        if (!write_block(name, block.text("uri"), block.map("values"))) {
            mistakes.push_back(adapter::mistake_at(block.where("values"), "soap_headers 中的 " + name + " 不能写成 XML",
                                                   "soap_headers: " + name + " can't be written as XML"));
        }
        made.blocks_.push_back({name, block.text("uri"), block.map("values")});
    }
    const bool has_token = settings.has("wss_username");
    if (has_token != settings.has("wss_password")) {
        mistakes.push_back(adapter::mistake_at(settings.where("wss_username"), "wss_username 与 wss_password 须同时写",
                                               "wss_username and wss_password go together"));
    }
    made.security_.lifetime = std::chrono::seconds{settings.whole("wss_lifetime_s")};
    made.security_.must_understand = settings.flag("wss_must_understand");
    if (has_token) {
        made.security_.token =
            UsernameToken{.username = settings.text("wss_username"),
                          .password = settings.secret("wss_password"),
                          .kind = settings.text("wss_password_type") == "text" ? UsernameToken::Kind::text
                                                                               : UsernameToken::Kind::digest};
    }
    made.read_signer(settings, tools, mistakes);
    made.secures_ = has_token || made.security_.lifetime.count() > 0;
    made.is_plain_http_ = settings.text("url").starts_with("http://");
    made.charset_name_ = settings.text("charset");
    return made;
}

Result<envelope::Tree> Header::read(const std::string& envelope, charset::Charset charset) {
    const auto text = charset::decode(envelope, charset);
    if (!text) {
        return fail(without_content("not of the source's charset"));
    }
    auto tree = envelope::Tree::read(*text);
    if (!tree) {
        return fail(without_content(tree.error().detail().c_str()));
    }
    return tree;
}

Result<std::string> Header::write(const envelope::Tree& tree, charset::Charset charset) const {
    auto octets =
        charset::encode("<?xml version=\"1.0\" encoding=\"" + charset_name_ + "\"?>\n" + tree.write(), charset);
    if (!octets) {
        return fail(Fault::internal, "soap: the header has a character that the source's charset can't hold");
    }
    return std::move(*octets);
}

Result<std::string> Header::add(std::string envelope, charset::Charset charset,
                                const outbound::SoapBlock& block) const {
    auto tree = read(envelope, charset);
    if (!tree) {
        return fail(std::move(tree.error()));
    }
    auto put = codec::write_xml(block.values, block.name, block.uri).and_then([&](const std::string& written) {
        return tree->add_header(written);
    });
    if (!put) {
        return fail(std::move(put.error()));
    }
    return write(*tree, charset);
}

Result<std::string> Header::put_into(std::string envelope, charset::Charset charset,
                                     const envelope::Moment& moment) const {
    auto tree = read(envelope, charset);
    if (!tree) {
        return fail(std::move(tree.error()));
    }
    for (const Block& block : blocks_) {
        auto put = write_block(block.name, block.uri, block.values).and_then([&](const std::string& written) {
            return tree->add_header(written);
        });
        if (!put) {
            return fail(std::move(put.error()));
        }
    }
    if (secures_) {
        auto put = envelope::security_block(security_, tree->uri(), moment).and_then([&](const std::string& written) {
            return tree->add_header(written);
        });
        if (!put) {
            return fail(std::move(put.error()));
        }
    }
    if (signer_) {
        if (auto done = envelope::sign(*tree, *signer_); !done) {
            return fail(std::move(done.error()));
        }
    }
    return write(*tree, charset);
}

std::vector<adapter::Warning> Header::warnings() const {
    if (!security_.token || security_.token->kind != UsernameToken::Kind::text || !is_plain_http_) {
        return {};
    }
    return {{.text_zh = "WS-Security 口令以原文走 http，途中可被读取；请改用 https 或 digest。",
             .text_en = "the WS-Security password travels as text over http: use https, or digest"}};
}

}  // namespace datong::adapters::soap
