#include <filesystem>

#include "core/base/text.h"
#include "core/catalogue/administration.h"
#include "core/catalogue/granting.h"
#include "core/catalogue/loading.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

Listener read_listener(Loading& loading, SettingsReader& reader) {
    Listener listener;
    listener.address = reader.text("address", "127.0.0.1");
    listener.port = static_cast<std::uint16_t>(reader.whole("port", 0, 65'535, 0));
    listener.authorities = reader.texts("authorities");
    if (const yaml::Node* tls = reader.node("tls"); tls != nullptr) {
        read_tls(loading, *tls, listener);
    }
    return listener;
}

bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address == "::1";
}

/// What an administrator does is done by somebody, wherever it counts.
void check_accounts(Loading& loading, const yaml::Node& node, const Administration& administration) {
    const Gateway& gateway = loading.snapshot.gateway;
    if (gateway.stage == "production" && !administration.has_accounts) {
        loading.mistake(node, "C222", "生产环境须启用管理账号", "stage production needs named accounts",
                        "accounts: required");
    }
    if (is_loopback(gateway.admin.address)) {
        return;
    }
    if (!gateway.admin.tls) {
        loading.mistake(node, "C210", "管理端口监听非本机地址时必须启用 TLS",
                        "an admin listener beyond loopback needs tls",
                        "tls: {chain: ..., key: ...}, or address: 127.0.0.1");
    }
    if (!administration.has_accounts) {
        loading.mistake(node, "C222", "管理端口监听非本机地址时须启用管理账号",
                        "an admin listener beyond loopback needs named accounts", "accounts: required");
    }
}

void read_admin(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Gateway& gateway = loading.snapshot.gateway;
    gateway.admin = read_listener(loading, reader);
    const Administration administration = read_administration(reader, loading.mistakes);
    reader.finish();
    check_accounts(loading, node, administration);
}

void read_listeners(Loading& loading, SettingsReader& reader) {
    Gateway& gateway = loading.snapshot.gateway;
    if (const yaml::Node* listen = reader.required_node("listen"); listen != nullptr) {
        SettingsReader inner{*listen, loading.mistakes};
        gateway.listen = read_listener(loading, inner);
        inner.finish();
        if (!gateway.listen.tls && !is_loopback(gateway.listen.address)) {
            loading.mistake(*listen, "C210", "非本机地址必须启用 TLS", "an address beyond loopback needs tls");
        }
        if (gateway.listen.authorities.empty() && !gateway.test_division) {
            loading.mistake(*listen, "C216", "test_division: false 时须写明 authorities: 空表示任何 Host 均可",
                            "without test_division the authorities must be named: none would mean any Host",
                            "authorities: [HOST:PORT]");
        }
    }
    if (const yaml::Node* admin = reader.required_node("admin"); admin != nullptr) {
        read_admin(loading, *admin);
    }
}

void read_subject_key(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    const std::string written = reader.text("file");
    reader.finish();
    if (written.empty()) {
        return;
    }
    auto key = loading.secret(written, node);
    if (key && key->reveal().size() < 32) {
        loading.mistake(node, "C204", "对象密钥须为至少 32 字节的文件: " + loading.path_of(written),
                        "the subject key must be a file of at least 32 octets: " + loading.path_of(written),
                        "openssl rand -out " + loading.path_of(written) + " 32");
        return;
    }
    if (key) {
        loading.refuse_published(*key, node);
    }
    loading.snapshot.gateway.subject_key = std::move(key).value_or(Secret{});
}

/// A certificate around a key of the gateway's that nobody vouches for: callers pin the key. Its dates are wide, for it
/// says nothing that the configuration does not.
std::string self_signed(const NamedKey& key, const std::string& name) {
    constexpr int kDays = 36'500;
    const crypto::Validity validity{.not_before = std::chrono::sys_days{std::chrono::January / 1 / 2026},
                                    .days = kDays};
    return key.key ? crypto::make_ca(*key.key, name, validity).value_or("") : std::string{};
}

bool is_of(const crypto::X509Facts& x509, const NamedKey& key) {
    const auto own = key.key ? key.key->public_pem() : fail(Fault::bad_request, "no key");
    return own && *own == x509.public_key_pem;
}

/// The certificates that SOAP answers carry: of every key that may come to sign while this configuration is in force.
void read_x509(Loading& loading, const yaml::Node& node, const std::string& written) {
    Gateway& gateway = loading.snapshot.gateway;
    std::vector<NamedKey*> keys{&gateway.key};
    for (NamedKey& other : gateway.key.others) {
        keys.push_back(&other);
    }
    const std::string pem =
        written.empty() ? std::string{} : loading.file(written, place_of(node, "x509")).value_or("");
    const auto x509 = crypto::read_x509(pem);
    bool is_ours = written.empty();
    for (NamedKey* key : keys) {
        if (x509 && is_of(*x509, *key)) {
            key->chain_pem = pem;
            is_ours = true;
        } else if (key->chain_pem.empty()) {
            key->chain_pem = self_signed(*key, gateway.name);
        }
    }
    if (!is_ours) {
        loading.mistake(node, "C204", "x509 不是网关密钥 key 的证书: " + written,
                        "x509 is not a certificate of the gateway's key: " + written);
    }
}

void read_limits(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Gateway& gateway = loading.snapshot.gateway;
    gateway.max_body = static_cast<std::size_t>(reader.whole("body", 1'024, 32 << 20, 1 << 20));
    gateway.max_connections = static_cast<std::size_t>(reader.whole("connections", 1, 100'000, 10'000));
    gateway.freshness.window = std::chrono::seconds{reader.whole("freshness_s", 1, 3'600, 300)};
    gateway.freshness.skew = std::chrono::seconds{reader.whole("skew_s", 0, 300, 30)};
    gateway.nonces_per_key = static_cast<std::size_t>(reader.whole("nonces_per_key", 1'000, 100'000'000, 500'000));
    gateway.drain = reader.milliseconds("drain_ms", std::chrono::milliseconds{10'000});
    reader.finish();
}

/// What nobody may have more of at once where neither grant nor service says so.
void read_caps(Loading& loading, const yaml::Node* node) {
    if (node == nullptr) {
        return;
    }
    SettingsReader reader{*node, loading.mistakes};
    Gateway& gateway = loading.snapshot.gateway;
    gateway.missed_percent = static_cast<std::uint64_t>(reader.whole("not_found_percent", 1, 100, 50));
    const policy::Most said = read_most(reader);
    reader.finish();
    for (const auto cap : {&policy::Most::rows, &policy::Most::persons, &policy::Most::subjects_per_hour,
                           &policy::Most::operator_subjects_per_hour, &policy::Most::guesses_per_hour}) {
        gateway.most.*cap = said.*cap ? said.*cap : gateway.most.*cap;
    }
}

/// Classes of use that are not told yet.
void read_usage(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    for (const yaml::Node& item : reader.list("withheld")) {
        SettingsReader inner{item, loading.mistakes};
        Withheld one{.purposes = inner.texts("purposes"),
                     .lasts = std::chrono::hours{24 * inner.whole("days", 1, 36'500, 180)}};
        inner.finish();
        if (one.purposes.empty()) {
            loading.mistake(item, "C102", "withheld 须写明 purposes", "withheld must name its purposes",
                            "{purposes: [investigation, audit], days: 180}");
        }
        loading.snapshot.gateway.withheld.push_back(std::move(one));
    }
    reader.finish();
}

/// How access is applied for; the folder is read by load_grants.
void read_access(Loading& loading, const yaml::Node* node) {
    AccessRules& access = loading.snapshot.gateway.access;
    const std::string& store = loading.snapshot.gateway.store_file;
    access.folder = (std::filesystem::path{store}.parent_path() / "grants/").lexically_normal().string();
    if (node == nullptr) {
        return;
    }
    SettingsReader reader{*node, loading.mistakes};
    if (const std::string folder = reader.text("folder", ""); !folder.empty()) {
        access.folder = loading.path_of(folder) + '/';
    }
    access.decide_days = static_cast<int>(reader.whole("decide_days", 1, 250, access.decide_days));
    access.most_days = static_cast<int>(reader.whole("most_days", 1, 36'500, access.most_days));
    for (const yaml::Node& item : reader.list("legal_bases")) {
        SettingsReader inner{item, loading.mistakes};
        LegalBasis basis{.number = inner.text("number"),
                         .title = inner.text("title"),
                         .most_days = static_cast<int>(inner.whole("most_days", 1, 36'500, access.most_days))};
        inner.finish();
        access.bases.push_back(std::move(basis));
    }
    reader.finish();
}

/// One that is not there is told once, not by each mapping that it would hold.
void read_mappings_folder(Loading& loading, const yaml::Node& node, const std::string& written) {
    loading.mappings = loading.path_of(written) + '/';
    if (!loading.with.files.is_folder(loading.mappings)) {
        loading.mistake(place_of(node, "mappings"), "C203", "mappings 不是目录: " + loading.mappings,
                        "mappings is no folder: " + loading.mappings);
        loading.mappings.clear();
    }
}

void load_plugins(Loading& loading, const yaml::Node* node) {
    if (node == nullptr) {
        return;
    }
    for (const auto& [key, value] : node->entries) {
        SettingsReader inner{value, loading.mistakes};
        adapter::PluginPin pin{
            .kind = key.text,
            .file = inner.text("file"),
            .sha256 = ascii_lower(inner.text("sha256")),
            .max_answer = static_cast<std::size_t>(inner.whole("max_answer", 1'024, 1 << 30, 32 << 20))};
        inner.finish();
        if (!pin.file.empty() && !pin.file.starts_with('/')) {
            loading.mistake(value, "C103", "file 须为绝对路径", "file must be an absolute path: no folder is searched");
        }
        const auto digest = from_hex(pin.sha256);
        if (!pin.sha256.empty() && (!digest || digest->size() != 32)) {
            loading.mistake(value, "C103", "sha256 应为 64 位十六进制数", "sha256 must be 64 hexadecimal digits",
                            "sha256sum " + pin.file);
        }
        if (loading.with.adapters.find(pin.kind) != nullptr) {
            loading.mistake(key, "C202", "适配器 " + pin.kind + " 已内置", "adapter " + pin.kind + " is built in");
        }
        loading.snapshot.gateway.plugins[pin.kind] = std::move(pin);
    }
}

}  // namespace

void load_gateway(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Gateway& gateway = loading.snapshot.gateway;
    (void)reader.text("datong");
    gateway.name = reader.text("name");
    if (const yaml::Node* name = reader.node("name");
        name != nullptr && !gateway.name.empty() && !is_id(gateway.name)) {
        // an older one keeps its name: orders, approvals and consents were signed for it
        loading.mistakes.push_back(
            {name->where, "C103", Severity::warning,
             "网关的 name 写入每个应答，宜为小写字母、数字和 -，以字母开头；中文名写在 title。已在运行的勿改: "
             "部门指令、授权名册和同意书均按此名签署",
             "the name stands in every answer and should be [a-z][a-z0-9-]*; what people read is the title. One that "
             "runs keeps its own: orders, approvals and consents are signed for it",
             "shili"});
    }
    gateway.title = reader.text("title", gateway.name);
    gateway.stage = reader.one_of("stage", {"sandbox", "production"}, "sandbox");
    gateway.division = reader.text("division");
    gateway.test_division = reader.flag("test_division", false);
    read_mappings_folder(loading, node, reader.text("mappings", "../mappings"));
    gateway.threads = static_cast<std::size_t>(reader.whole("threads", 1, 256, 1));
    read_listeners(loading, reader);
    if (const yaml::Node* key = reader.required_node("key"); key != nullptr) {
        gateway.key = loading.signing_key(*key, "gateway").value_or(NamedKey{});
    }
    read_x509(loading, node, reader.text("x509", ""));
    loading.retired_keys(reader.node("retired"), "gateway");
    if (const yaml::Node* key = reader.required_node("subject_key"); key != nullptr) {
        read_subject_key(loading, *key);
    }
    if (const yaml::Node* evidence = reader.required_node("evidence"); evidence != nullptr) {
        read_evidence(loading, *evidence);
    }
    gateway.store_file = gateway.evidence_folder + "/../state/datong.db";
    if (const yaml::Node* store = reader.node("store"); store != nullptr) {
        SettingsReader inner{*store, loading.mistakes};
        gateway.store_file = loading.path_of(inner.text("file"));
        inner.finish();
    }
    read_access(loading, reader.node("access"));
    if (const yaml::Node* limits = reader.node("limits"); limits != nullptr) {
        read_limits(loading, *limits);
    }
    read_caps(loading, reader.node("most"));
    if (const yaml::Node* sharing = reader.node("sharing"); sharing != nullptr) {
        SettingsReader inner{*sharing, loading.mistakes};
        gateway.sharing = Sharing{.valid = std::chrono::days{inner.whole("valid_days", 1, 3'650, 30)},
                                  .code = std::chrono::days{inner.whole("code_days", 1, 365, 30)}};
        inner.finish();
    }
    if (const yaml::Node* callbacks = reader.node("callbacks"); callbacks != nullptr) {
        SettingsReader inner{*callbacks, loading.mistakes};
        for (const std::string& host : inner.texts("hosts")) {
            gateway.callback_hosts.push_back(ascii_lower(host));
        }
        inner.finish();
    }
    if (const yaml::Node* files = reader.node("files"); files != nullptr) {
        SettingsReader inner{*files, loading.mistakes};
        constexpr std::int64_t kLeast = 2 * static_cast<std::int64_t>(files::kMost);  // a consumer has half of it
        constexpr std::int64_t kUsual = std::int64_t{256} << 20;
        gateway.files.most = static_cast<std::size_t>(inner.whole("max_bytes", kLeast, std::int64_t{16} << 30, kUsual));
        gateway.files.keep = std::chrono::seconds{inner.whole("keep_s", 1, 86'400, 600)};
        inner.finish();
    }
    if (const yaml::Node* usage = reader.node("usage"); usage != nullptr) {
        read_usage(loading, *usage);
    }
    load_plugins(loading, reader.node("plugins"));
    (void)reader.node("case_register");    // needs the departments: load_case_register
    (void)reader.node("consent_issuers");  // needs the consumers: load_consent_issuers
    (void)reader.node("calendar");         // load_calendar
    (void)reader.node("supervision");      // supervision/figures
    reader.finish();
    if (gateway.stage == "production" && gateway.test_division) {
        loading.mistake(node, "C211", "生产环境不得启用 test_division",
                        "test_division must not be on in stage production", "test_division: false");
    }
}

void load_case_register(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    CaseRegister cases;
    const std::string department = reader.text("department");
    const std::string source = reader.text("source");
    cases.operation = reader.text("operation");
    const std::string request = reader.text("request");
    const std::string response = reader.text("response");
    reader.finish();
    const auto owner = loading.snapshot.departments.find(department);
    const auto guard = loading.snapshot.sources.find(department + '/' + source);
    if (owner == loading.snapshot.departments.end()) {
        loading.unknown(place_of(node, "department"), "department", department, ids_of(loading.snapshot.departments));
        return;
    }
    if (guard == loading.snapshot.sources.end()) {
        loading.unknown(place_of(node, "source"), "source", department + '/' + source,
                        ids_of(loading.snapshot.sources));
        return;
    }
    cases.department = owner->second.get();
    cases.source = guard->second;
    loading.check_operation(node, *cases.source, cases.operation);
    cases.request = loading.compile_mapping(request, place_of(node, "request"));
    cases.response = loading.compile_mapping(response, place_of(node, "response"));
    loading.snapshot.case_register = std::move(cases);
}

}  // namespace datong::catalogue
