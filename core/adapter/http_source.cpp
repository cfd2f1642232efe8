#include "core/adapter/http_source.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/token.h"
#include "core/keyring/folder.h"

namespace datong::adapter {
namespace {

/// What the client sets itself: a second one would make two readers read two messages.
constexpr std::array<std::string_view, 6> kOwnHeaders{"host",       "content-length", "transfer-encoding",
                                                      "connection", "upgrade",        "content-type"};

void check_headers(const Settings& settings, Mistakes& mistakes) {
    for (const auto& [name, value] : settings.map("headers")) {
        if (!is_allowed_header(name, value.reveal())) {
            mistakes.push_back(mistake_at(settings.where("headers"), "headers 中的 " + name + " 不可用",
                                          "headers: " + name + " can't be set here"));
        }
    }
}

void check_tls(const Settings& settings, Mistakes& mistakes) {
    const bool is_https = settings.text("url").starts_with("https://");
    if (is_https && settings.has("ca") == settings.has("pinned")) {
        mistakes.push_back(mistake_at(
            settings.where("url"), "https 须用 ca 指明信任的根证书，或用 pinned 指明对方证书本身",
            "https needs `ca`, the certificates to trust, or `pinned`, the server's own", "ca: keys/ca.pem"));
    }
    if (settings.flag("old_tls") && !settings.has("pinned")) {
        mistakes.push_back(mistake_at(settings.where("old_tls"), "old_tls 只能与 pinned 同用",
                                      "old_tls goes with `pinned`, the server's own certificate, only",
                                      "pinned: keys/old-box.pem"));
    }
    if (settings.has("client_chain") != settings.has("client_key")) {
        mistakes.push_back(mistake_at(settings.where("url"), "client_chain 与 client_key 须同时写",
                                      "client_chain and client_key go together"));
    }
}

void read_client_key(const Settings& settings, const Tools& tools, http::ClientSettings& client, Mistakes& mistakes) {
    const std::string& key = settings.text("client_key");
    if (!crypto::is_token_uri(key)) {
        client.client_key_pem = read_secret_file(settings, "client_key", tools, mistakes);
        return;
    }
    auto opened = keyring::open_in_token(key, tools.folder);
    if (!opened) {
        const std::string& why = opened.error().detail();  // in both languages
        mistakes.push_back(
            mistake_at(settings.where("client_key"), "client_key: " + why, "client_key: " + why, "docs/keys.md"));
        return;
    }
    client.client_token = std::move(*opened);
}

std::vector<Setting> revocation_settings() {
    return {{.name = "mode",
             .otherwise = "hard",
             .help_en = "hard: nothing is sent where nothing current is known; soft: it is; none: not looked at",
             .help_zh = "hard：无有效信息则不发；soft：照发；none：不查",
             .choices = {"hard", "soft", "none"}},
            {.name = "crl",
             .kind = SettingKind::list,
             .help_en = "lists, files or http:// URLs, PEM or DER",
             .help_zh = "吊销列表：文件或 http:// 地址"},
            {.name = "ocsp", .help_en = "http:// URL of a responder", .help_zh = "OCSP 响应器的 http:// 地址"},
            {.name = "refresh_s",
             .kind = SettingKind::whole,
             .otherwise = "60",
             .help_en = "seconds between two looks",
             .help_zh = "刷新间隔（秒）",
             .least = 1,
             .most = 86'400},
            {.name = "timeout_ms",
             .kind = SettingKind::milliseconds,
             .otherwise = "3000",
             .help_en = "how long one question may take",
             .help_zh = "每次询问的时限",
             .least = 10,
             .most = 60'000}};
}

/// What `revocation` says; nullopt where it is not looked at, or is a mistake.
std::optional<ServerRevocation> read_revocation(const Settings& settings, const Tools& tools, const std::string& ca_pem,
                                                Mistakes& mistakes) {
    const Settings* group = settings.group("revocation");
    if (group == nullptr || group->text("mode") == "none") {
        return std::nullopt;
    }
    ServerRevocation rules{.is_hard = group->text("mode") == "hard",
                           .crls = group->texts("crl"),
                           .ocsp = group->text("ocsp"),
                           .anchors = {ca_pem},
                           .refresh = std::chrono::seconds{group->whole("refresh_s")},
                           .timeout = group->milliseconds("timeout_ms")};
    const bool may_ask = rules.ocsp.empty() || rules.ocsp.starts_with("http://");
    if (ca_pem.empty() || (rules.crls.empty() && rules.ocsp.empty()) || !may_ask) {
        mistakes.push_back(mistake_at(settings.where("revocation"),
                                      "revocation 须与 ca 同用, 并写 crl 或 ocsp (http://)",
                                      "revocation goes with `ca` (not `pinned`), and needs crl, or ocsp (http://)",
                                      "revocation: {crl: [keys/department.crl]}"));
        return std::nullopt;
    }
    for (std::string& crl : rules.crls) {
        crl = crl.starts_with("http://") ? crl : resolve(tools, crl);
    }
    return rules;
}

/// Who can't ask lets nothing pass that would have to be asked about.
boost::asio::awaitable<Status> nobody_asks(bool is_hard) {
    co_return is_hard ? Status{tl::unexpected{Error{Fault::department_down, "revocation can't be asked here"}.unsent()}}
                      : Status{};
}

}  // namespace

bool is_token(std::string_view text) {
    constexpr std::string_view kAlso = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               kAlso.find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

bool is_allowed_header(std::string_view name, std::string_view value) {
    return is_token(name) && is_header_value(value) &&
           std::ranges::find(kOwnHeaders, ascii_lower(name)) == kOwnHeaders.end();
}

bool is_path(std::string_view text) {
    const bool is_printable =
        std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F && c != '?' && c != '#' && c != '\\'; });
    const auto segments = split(text, '/');
    const bool has_dots =
        std::ranges::any_of(segments, [](std::string_view segment) { return segment == "." || segment == ".."; });
    return is_printable && !has_dots && (text.empty() || text.front() == '/');
}

std::vector<Setting> HttpSource::settings() {
    return {{.name = "url",
             .kind = SettingKind::url,
             .required = true,
             .help_en = "where the department's system listens, with a path in front of every operation's",
             .help_zh = "部门系统地址，可带公共路径"},
            {.name = "ca",
             .kind = SettingKind::file,
             .help_en = "PEM: the certificates that https trusts, and no others",
             .help_zh = "PEM：https 信任的证书（仅此）"},
            {.name = "pinned",
             .kind = SettingKind::file,
             .help_en = "PEM: the server's own certificate, in place of ca; no other is taken, its name does not count",
             .help_zh = "PEM：对方服务器证书本身，代替 ca；只认此证书，不看其名称"},
            {.name = "old_tls",
             .kind = SettingKind::flag,
             .otherwise = "false",
             .help_en = "for a box that nobody can mend: TLS 1.0, SHA-1, RSA-1024, expired; only with pinned",
             .help_zh = "无法升级的旧设备：TLS 1.0、SHA-1、RSA-1024、已过期；须与 pinned 同用"},
            {.name = "revocation",
             .kind = SettingKind::group,
             .help_en = "whether the server's certificate was revoked, by lists and a responder",
             .help_zh = "对方服务器证书的吊销检查",
             .entry = revocation_settings()},
            {.name = "client_chain",
             .kind = SettingKind::file,
             .help_en = "PEM: the gateway's certificate for mutual TLS",
             .help_zh = "PEM：双向 TLS 的本方证书链"},
            {.name = "client_key",
             .kind = SettingKind::file,
             .help_en = "PEM: its private key; or a pkcs11: URI, where it stays in a token",
             .help_zh = "PEM：对应私钥；或 pkcs11: URI（密钥留在密码机中）"},
            {.name = "headers",
             .kind = SettingKind::map,
             .secret = true,
             .help_en = "constant headers, such as an application's key",
             .help_zh = "固定请求头，如应用密钥"},
            {.name = "connect_ms",
             .kind = SettingKind::milliseconds,
             .otherwise = "3000",
             .help_en = "how long connecting may take",
             .help_zh = "建立连接的时限",
             .least = 10,
             .most = 60'000},
            {.name = "max_answer",
             .kind = SettingKind::whole,
             .otherwise = "33554432",
             .help_en = "most bytes of an answer's body",
             .help_zh = "答复体的最大字节数",
             .least = 1,
             .most = 1 << 30},
            FileOrigins::setting()};
}

std::unique_ptr<HttpSource> HttpSource::make(const Settings& settings, const Tools& tools, Mistakes& mistakes) {
    const std::size_t before = mistakes.size();
    check_headers(settings, mistakes);
    check_tls(settings, mistakes);
    HttpAddress url = take_apart(settings.text("url"));
    if (!is_path(url.path)) {
        mistakes.push_back(mistake_at(settings.where("url"), "url 的路径不可用", "the path of url can't be used"));
    }
    http::ClientSettings client{.url = url.origin,
                                .ca_pem = read_named_file(settings, "ca", tools, mistakes),
                                .pinned_pem = read_named_file(settings, "pinned", tools, mistakes),
                                .old_tls = settings.flag("old_tls"),
                                .client_chain_pem = read_named_file(settings, "client_chain", tools, mistakes),
                                .client_key_pem = {},
                                .max_answer = static_cast<std::size_t>(settings.whole("max_answer")),
                                .most_open = tools.in_flight,
                                .connect_timeout = settings.milliseconds("connect_ms"),
                                .look_up = tools.look_up};
    read_client_key(settings, tools, client, mistakes);
    if (auto rules = read_revocation(settings, tools, client.ca_pem, mistakes)) {
        client.judge_server = [judge = tools.judge_server, rules = std::move(*rules)](
                                  std::string sha256, std::shared_ptr<const std::string> chain, Deadline deadline) {
            return judge ? judge(rules, std::move(sha256), std::move(chain), deadline) : nobody_asks(rules.is_hard);
        };
    }
    FileOrigins files = FileOrigins::make(settings, client, url, mistakes);
    if (mistakes.size() != before) {
        return nullptr;
    }
    auto made = http::Client::make(std::move(client));
    if (!made) {
        const std::string& why = made.error().detail();
        mistakes.push_back(mistake_at(settings.where("url"), "连接设置有误：" + why, "the connection: " + why));
        return nullptr;
    }
    return std::make_unique<HttpSource>(std::move(*made), std::move(url), std::move(files), settings.map("headers"),
                                        settings.flag("old_tls"), settings.has("client_key"));
}

boost::asio::awaitable<Result<codec::HttpMessage>> HttpSource::exchange(codec::HttpMessage request, Deadline deadline,
                                                                        bool once) {
    request.target.insert(0, address_.path);
    if (!request.target.starts_with('/')) {
        request.target.insert(0, "/");
    }
    for (const auto& [name, value] : headers_) {
        request.set(name, value.reveal());
    }
    co_return co_await client_->send(std::move(request), deadline, {.once = once});
}

boost::asio::awaitable<Result<Reply>> HttpSource::send(codec::HttpMessage request, Deadline deadline, bool once) {
    auto answer = co_await exchange(std::move(request), deadline, once);
    if (!answer) {
        co_return fail(std::move(answer.error()));
    }
    Reply reply;
    reply.status = answer->status;
    reply.content_type = answer->field("Content-Type").value_or("");
    reply.body = std::move(answer->body);
    co_return reply;
}

boost::asio::awaitable<Result<Reply>> HttpSource::fetch_file(std::string address, std::size_t most, Deadline deadline) {
    const auto place = files_.find(address, address_);
    if (!place) {
        co_return fail(place.error());
    }
    codec::HttpMessage request;
    request.method = "GET";
    request.target = place->target;
    const bool is_own = place->client == nullptr;
    for (std::size_t i = 0; is_own && i < headers_.size(); ++i) {
        request.set(headers_[i].first, headers_[i].second.reveal());
    }
    http::Client& client = is_own ? *client_ : *place->client;
    auto answer = co_await client.send(std::move(request), deadline, {.most = most});
    if (!answer) {
        co_return fail(std::move(answer.error()));
    }
    if (answer->status != 200) {  // a redirect would lead where the settings do not say
        co_return fail(answer->status >= 500 ? Fault::department_down : Fault::department_refused,
                       "a file's address answers with status " + std::to_string(answer->status));
    }
    Reply reply;
    reply.status = answer->status;
    reply.body = std::move(answer->body);
    co_return reply;
}

std::vector<Warning> HttpSource::warnings() const {
    if (!old_tls_) {
        return {};
    }
    return {{.text_zh = "old_tls：允许 TLS 1.0、SHA-1、RSA-1024 和过期证书，只靠固定的证书认人；请尽快更换该设备",
             .text_en = "old_tls: TLS 1.0, SHA-1, RSA-1024 and expired certificates pass, and only the pinned "
                        "certificate tells who it is; have the box replaced"}};
}

boost::asio::awaitable<Result<Contact>> HttpSource::probe(Deadline deadline) {
    auto reached = co_await client_->greet(deadline);
    if (!reached) {
        co_return fail(std::move(reached.error()));
    }
    co_return headers_.empty() && !has_certificate_ ? Contact::anonymous : Contact::reachable;
}

}  // namespace datong::adapter
