#include "adapters/file/file_settings.h"

#include <algorithm>
#include <utility>

namespace datong::adapters::file {
namespace {

using adapter::Pattern;
using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;

void add(Mistakes& mistakes, const Settings& settings, std::string_view setting, std::string zh, std::string en,
         std::string hint = {}) {
    const std::string name{setting};
    mistakes.push_back(adapter::mistake_at(settings.where(setting), name + ' ' + std::move(zh),
                                           name + ' ' + std::move(en), std::move(hint)));
}

Pattern read_pattern(const Settings& settings, std::string_view setting, Mistakes& mistakes) {
    auto pattern = Pattern::parse(settings.text(setting));
    if (!pattern) {
        add(mistakes, settings, setting, "的占位符有误", "has a broken place: " + pattern.error().detail());
        return {};
    }
    return std::move(*pattern);
}

/// @param may_be_any  '*' stands for what the department chooses.
Pattern read_name(const Settings& settings, std::string_view setting, bool may_be_any, Mistakes& mistakes) {
    const std::string& text = settings.text(setting);
    Pattern pattern = read_pattern(settings, setting, mistakes);
    if (text.find('/') != std::string::npos || (pattern.names().empty() && !may_be_any && !has_errors(mistakes))) {
        add(mistakes, settings, setting, "应为含占位符的文件名", "must be a file name with a place such as {exchange}",
            "REQ_{exchange}.xml");
    } else if (!may_be_any && text.find('*') != std::string::npos) {
        add(mistakes, settings, setting, "含 '*' 时须给出 holds", "has a '*': then holds must say whose a reply is");
    }
    return pattern;
}

Operation read_operation(const Settings& settings, charset::Charset names, Mistakes& mistakes) {
    Operation made;
    made.by_value = settings.has("holds");
    made.request = read_name(settings, "request", false, mistakes);
    made.reply = read_name(settings, "reply", made.by_value, mistakes);
    made.content_type = settings.text("content_type");
    made.is_zip = settings.has("archive");
    made.entry = charset::encode(settings.text("entry"), names).value_or("");
    made.holds_charset = charset::by_name(settings.text("holds_charset")).value_or(charset::Charset::utf_8);
    if (!made.by_value) {
        return made;
    }
    made.holds = read_pattern(settings, "holds", mistakes);
    if (std::ranges::find(made.holds.names(), "exchange") == made.holds.names().end()) {
        add(mistakes, settings, "holds", "须含 {exchange}, 否则可能取到别人的答复",
            "must have {exchange}: else it could be in another call's reply", "<id>{exchange}</id>");
    }
    if (made.is_zip) {
        add(mistakes, settings, "holds", "不能与 archive 同用", "can't be seen inside an archive");
    }
    return made;
}

bool is_fingerprint(std::string_view text) {
    constexpr std::string_view kPrefix = "SHA256:";
    return text.starts_with(kPrefix) && text.size() == kPrefix.size() + 43;
}

std::optional<SftpServer> read_server(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    constexpr std::string_view kOnlySftp[] = {"user", "key", "key_password", "password", "host_key"};
    if (!settings.has("host")) {
        for (const std::string_view name : kOnlySftp) {
            if (settings.has(name)) {
                add(mistakes, settings, name, "只用于 SFTP, 缺少 host", "is for SFTP: host is missing");
            }
        }
        return std::nullopt;
    }
    SftpServer server{.host = settings.text("host"),
                      .port = std::to_string(settings.whole("port")),
                      .user = settings.text("user"),
                      .key_file = settings.has("key") ? adapter::resolve(tools, settings.text("key")) : std::string{},
                      .key_password = settings.secret("key_password"),
                      .password = settings.secret("password"),
                      .host_keys = settings.texts("host_key"),
                      .connect = settings.milliseconds("connect_ms")};
    static_cast<void>(adapter::read_secret_file(settings, "key", tools, mistakes));  // there and kept, said at start
    if (server.user.empty()) {
        add(mistakes, settings, "user", "缺少", "is missing");
    }
    if (server.host_keys.empty() || !std::ranges::all_of(server.host_keys, is_fingerprint)) {
        add(mistakes, settings, "host_key", "须为服务器公钥指纹 SHA256:…",
            "must be the fingerprint of the server's key, SHA256: and 43 characters: no server is taken unseen",
            "ssh-keyscan -p " + server.port + ' ' + server.host + " | ssh-keygen -lf -");
    }
    if (settings.has("key") == settings.has("password")) {
        add(mistakes, settings, "key", "与 password 二者须且只须给出一个", "or password must be given, and not both");
    }
    return server;
}

Rules read_rules(const Settings& settings, const adapter::Tools& tools, bool is_local) {
    const auto folder = [&](std::string_view name) {
        const std::string& path = settings.text(name);
        return path.empty() || !is_local ? path : adapter::resolve(tools, path);
    };
    return {.folders = {.out = folder("out"), .in = folder("in"), .done = folder("done"), .late = folder("late")},
            .settle = settings.milliseconds("settle_ms"),
            .reply_flag = settings.text("reply_flag"),
            .request_flag = settings.text("request_flag"),
            .late = settings.milliseconds("late_ms"),
            .max_reply = static_cast<std::size_t>(settings.whole("max_reply")),
            .clean = std::chrono::hours{settings.whole("clean_hours")},
            .own_requests = {}};
}

void check_flag(const Settings& settings, std::string_view name, Mistakes& mistakes) {
    const std::string& flag = settings.text(name);
    if (!flag.empty() && (flag.find_first_of("/*") != std::string::npos || flag == ".tmp")) {
        add(mistakes, settings, name, "应为后缀, 如 .ok", "must be an ending of names, not .tmp", ".ok");
    }
}

Setting text(std::string name, std::string help_en, std::string help_zh, std::string otherwise = {}) {
    return {.name = std::move(name),
            .otherwise = std::move(otherwise),
            .help_en = std::move(help_en),
            .help_zh = std::move(help_zh)};
}

Setting folder(std::string name, bool required, std::string help_en, std::string help_zh) {
    return {.name = std::move(name),
            .kind = SettingKind::folder,
            .required = required,
            .help_en = std::move(help_en),
            .help_zh = std::move(help_zh)};
}

Setting time(std::string name, std::string otherwise, std::int64_t least, std::int64_t most, std::string help_en,
             std::string help_zh) {
    return {.name = std::move(name),
            .kind = SettingKind::milliseconds,
            .otherwise = std::move(otherwise),
            .help_en = std::move(help_en),
            .help_zh = std::move(help_zh),
            .least = least,
            .most = most};
}

Setting whole(std::string name, std::string otherwise, std::int64_t least, std::int64_t most, std::string help_en,
              std::string help_zh) {
    Setting made = time(std::move(name), std::move(otherwise), least, most, std::move(help_en), std::move(help_zh));
    made.kind = SettingKind::whole;
    return made;
}

Setting secret(std::string name, std::string help_en, std::string help_zh) {
    Setting made = text(std::move(name), std::move(help_en), std::move(help_zh));
    made.secret = true;
    return made;
}

Setting choice(std::string name, std::string otherwise, std::vector<std::string> choices, std::string help_en,
               std::string help_zh) {
    Setting made = text(std::move(name), std::move(help_en), std::move(help_zh), std::move(otherwise));
    made.choices = std::move(choices);
    return made;
}

std::vector<Setting> server_settings() {
    Setting key = text("key", "private key to sign in with, a PEM or OpenSSH file", "登录私钥文件");
    key.kind = SettingKind::file;
    Setting host_key = text("host_key", "fingerprint of the server's key, SHA256:…; several while it changes",
                            "服务器公钥指纹 SHA256:…；更换期间可列多个");
    host_key.kind = SettingKind::list;
    return {text("host", "SFTP server; left out: the folders are this machine's", "SFTP 服务器；不写则为本机文件夹"),
            whole("port", "22", 1, 65'535, "of the SFTP server", "SFTP 端口"),
            text("user", "to sign in as", "登录用户"),
            std::move(key),
            secret("key_password", "of the private key", "私钥口令"),
            secret("password", "where there is no key", "无私钥时的口令"),
            std::move(host_key),
            time("connect_ms", "3000", 1, 60'000, "to the SFTP server", "连接 SFTP 服务器的时限")};
}

}  // namespace

FileSettings read_file_settings(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    FileSettings made;
    made.names = charset::by_name(settings.text("name_charset")).value_or(charset::Charset::utf_8);
    made.poll = settings.milliseconds("poll_ms");
    made.server = read_server(settings, tools, mistakes);
    made.rules = read_rules(settings, tools, !made.server);
    check_flag(settings, "reply_flag", mistakes);
    check_flag(settings, "request_flag", mistakes);
    for (const auto& [name, operation] : settings.entries("operations")) {
        Mistakes own;
        made.operations[name] = read_operation(operation, made.names, own);
        made.rules.own_requests.push_back(own_pattern(made.operations[name].request, made.names));
        mistakes.insert(mistakes.end(), own.begin(), own.end());
    }
    return made;
}

std::vector<Setting> source_settings() {
    std::vector<Setting> all{
        folder("out", true, "where requests are laid down", "请求文件所在文件夹"),
        folder("in", true, "where replies come", "答复文件所在文件夹"),
        folder("done", false, "where replies go that were read; empty: removed", "已读答复移入；空则删除"),
        folder("late", false, "where replies go that came too late; empty: removed", "迟到的答复移入；空则删除"),
        choice("name_charset", "utf-8", {"utf-8", "gb18030", "gbk"}, "of file names", "文件名的字符集"),
        time("poll_ms", "200", 10, 60'000, "how often the reply is looked for", "查找答复的间隔"),
        time("settle_ms", "300", 0, 60'000,
             "how long a reply must not have changed; 0 where the department renames a finished file",
             "答复文件须静止多久；对方写完再改名时可为 0"),
        text("reply_flag",
             "ending of the file that says that a reply is whole, such as .ok; then settle_ms is not used",
             "答复写完的标志文件后缀，如 .ok；有则不看 settle_ms"),
        text("request_flag", "ending of an empty file that is laid behind each request",
             "请求写完后另放的标志文件后缀"),
        time("late_ms", "60000", 0, 86'400'000,
             "how long a given-up reply may still come: so long no call of the same reply name is made",
             "放弃后的答复多久内仍可能到来；其间同名答复的调用被拒绝"),
        whole("clean_hours", "24", 0, 8'760, "own requests that nobody fetched for so long are removed; 0: never",
              "无人取走的自有请求保留多少小时；0 为不清理"),
        {.name = "max_reply",
         .kind = SettingKind::whole,
         .otherwise = "33554432",
         .help_en = "most bytes of a reply, and of what an archive unpacks to",
         .help_zh = "答复及解压后的最大字节数",
         .least = 1,
         .most = 1 << 30}};
    std::vector<Setting> server = server_settings();
    std::ranges::move(server, std::back_inserter(all));
    return all;
}

std::vector<Setting> operation_settings() {
    Setting request = text("request", "the request's file name, with {exchange} and {FIELD}",
                           "请求文件名，可用 {exchange} 与 {字段}");
    Setting reply = text("reply", "the reply's file name, with {exchange} and {FIELD}; with holds also '*'",
                         "答复文件名，可用 {exchange} 与 {字段}；有 holds 时可用 '*'");
    request.required = true;
    reply.required = true;
    return {
        std::move(request),
        std::move(reply),
        text("content_type", "what the mapping is told that the reply is", "告知映射的答复内容类型"),
        text("holds", "text that stands in this call's reply and in no other's, with {exchange}",
             "只在本次答复中出现的文字，须含 {exchange}"),
        choice("holds_charset", "utf-8", {"utf-8", "gb18030", "gbk"}, "of the replies, for holds",
               "答复的字符集，用于 holds"),
        choice("archive", "", {"zip"}, "the reply is packed", "答复为压缩包"),
        text("entry", "name of the wanted file in the archive, '*' for anything", "压缩包内所需文件名，可用 '*'", "*")};
}

}  // namespace datong::adapters::file
