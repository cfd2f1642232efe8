#include "examples/clients/cpp/command_line.h"

#include <CLI/CLI.hpp>

namespace datong::client {
namespace {

constexpr const char* kAbout =
    "datong-call 打通网关调用工具：签名、调用、验签、验证照。\n"
    "Calls a datong gateway: signs the request, verifies the answer and every certificate in it.\n\n"
    "退出码 exit codes: 0 一切有效 all valid; 1 不合格或被拒 found wanting or refused;\n"
    "                   2 命令行错误 usage; 4 尚无定论，稍后查询 no last word yet;\n"
    "                   78 文件不可用 a file that can't be used";

constexpr const char* kExamples =
    "示例 examples:\n"
    "  1. 取得网关与各部门公钥，核对后存档  fetch the public keys once, compare them, keep them:\n"
    "       datong-call --url https://127.0.0.1:8443 --ca ca.pem keys --json > trust.jwks\n"
    "  2. 调用一项共享服务  call one service:\n"
    "       datong-call --url https://127.0.0.1:8443 --ca ca.pem --trust trust.jwks \\\n"
    "         --key one-window.key.pem --keyid one-window-2026 \\\n"
    "         service realestate-certificate --body request.json\n"
    "  3. 一次取齐一个事项的全部材料  all materials of a matter:\n"
    "       datong-call ... matter existing-home-transfer --body context.json --json > answer.json\n"
    "  4. 事后离线复验  check a kept answer later, offline:\n"
    "       datong-call --trust trust.jwks verify --answer answer.json\n"
    "  5. 推送办件，稍后查询其状态  push a case, ask later how far it is:\n"
    "       datong-call ... matter case-push-existing-home-transfer --body push.json\n"
    "       datong-call ... status 0193f6a2-…\n"
    "  6. 连同证照文件  with the files of a certificate:\n"
    "       datong-call ... service discharge-permit --body request.json --files licences\n"
    "  7. 本方可调用什么、怎样调用  what you may call, and how:\n"
    "       datong-call ... services\n"
    "       datong-call ... openapi realestate-certificate > realestate.json\n\n"
    "请求体 body: {\"context\": {...}, \"query\": {...}}; 核验加 to verify add\n"
    "\"verify\": [{\"field\": \"/status\", \"operator\": \"equals\", \"value\": \"active\"}], 或字段子集 or a subset\n"
    "\"subset\": \"age-of-majority\"; 提交须有 to submit give\n"
    "context.idempotency_key, 重发时不变 the same whenever it is sent again. 参数也可用环境变量 options also as "
    "DATONG_URL,\n"
    "DATONG_CA, DATONG_KEY, DATONG_KEYID, DATONG_TRUST.";

/// The parser bound to one set of options, so that both live as long as each other.
struct Parser {
    Parser() : app{kAbout, "datong-call"} {
        app.footer(kExamples);
        app.fallthrough();
        app.require_subcommand(1);
        app.add_option("--url", options.url, "网关地址 the gateway: https://HOST:PORT")->envname("DATONG_URL");
        app.add_option("--ca", options.ca, "信任的 CA（PEM）；不给则用系统的 trust anchors; else the system's")
            ->envname("DATONG_CA");
        app.add_option("--key", options.key, "本方签名私钥（PKCS #8 PEM） your private key")->envname("DATONG_KEY");
        app.add_option("--keyid", options.keyid, "本方密钥编号 the id the gateway knows it by")
            ->envname("DATONG_KEYID");
        app.add_option("--trust", options.trust, "存档的公钥集（JWKS） the public keys you trust, kept in a file")
            ->envname("DATONG_TRUST");
        auto* cert = app.add_option("--cert", options.cert, "双向 TLS 客户端证书 client certificate for mutual TLS");
        auto* cert_key = app.add_option("--cert-key", options.cert_key, "及其私钥 and its private key");
        cert->needs(cert_key);
        cert_key->needs(cert);
        app.add_option("--timeout", options.timeout_s, "等待秒数 seconds to wait")->check(CLI::Range(1, 600));
        app.add_option("--files", options.files,
                       "把答复中的文件取到此目录，不覆盖已有文件 fetch an answer's files into this folder; none is "
                       "written over");
        app.add_flag("--json", options.json,
                     "标准输出为原始答复，说明改到标准错误 raw answer on stdout, words on stderr");
        app.add_flag("--soap", options.soap,
                     "以签名的 SOAP 1.2 调用 service、matter、status call them by signed SOAP 1.2");
        app.add_option("--major", options.major,
                       "SOAP 所调用的主版本号，不写为 1 MAJOR version that is called over SOAP; 1 when not said")
            ->check(CLI::Range(0, 9999));
        app.add_flag("--content", options.content,
                     "显示统一记录 print the unified record of a certificate that is valid");
        add_call("service", "调用一项共享服务 call a service", Command::service);
        add_call("matter", "取齐一个事项的材料 all materials of a matter", Command::matter);
        auto* status = app.add_subcommand("status", "查询一次提交的状态 how far a submission is");
        status->callback([this] { options.command = Command::status; });
        status
            ->add_option("ID", options.name, "提交编号（首次答复的 exchange） the exchange that the first answer names")
            ->required();
        add_list("services", "列出本方可调用的服务及授权 the services that you may call, with their grants",
                 Command::services);
        add_list("matters", "列出本方可办的事项 the matters that you may call", Command::matters);
        add_list("grants", "列出本方的授权 your grants", Command::grants);
        add_document("openapi", "取接口说明 OpenAPI 3.1 of a service, on stdout", Command::openapi);
        add_document("wsdl", "取 WSDL 1.1 of a service, on stdout", Command::wsdl);
        add_consents();
        app.add_subcommand("keys", "列出网关公布的公钥 list the keys that the gateway publishes")->callback([this] {
            options.command = Command::keys;
        });
        auto* verify = app.add_subcommand("verify", "离线复验存档的答复 check a kept answer, offline");
        verify->callback([this] { options.command = Command::verify; });
        verify->add_option("--answer", options.answer, "--json 存下的答复；- 为标准输入 what --json gave; - is stdin")
            ->required();
    }

    void add_call(const char* name, const char* about, Command command) {
        auto* sub = app.add_subcommand(name, about);
        sub->callback([this, command] { options.command = command; });
        sub->add_option("NAME", options.name, "名称 its name")->required();
        sub->add_option("--body", options.body, "JSON 请求体文件；- 为标准输入 a JSON file; - is stdin")->required();
    }

    /// The consent of a person: what its issuer signed, and how it stands (docs/consent.md).
    void add_consents() {
        auto* brought = app.add_subcommand("register-consent", "登记同意书 register a consent that its issuer signed");
        brought->callback([this] { options.command = Command::register_consent; });
        brought->add_option("FILE", options.body, "同意书（紧凑 JWS） the compact JWS; - is stdin")->required();
        auto* state = app.add_subcommand("consent", "查询同意书 how a consent stands: uses left, revoked or not");
        state->callback([this] { options.command = Command::consent; });
        state->add_option("ID", options.name, "同意书编号 its id")->required();
        auto* revoked = app.add_subcommand("revoke-consent", "递交撤回声明 bring an issuer's word that one is revoked");
        revoked->callback([this] { options.command = Command::revoke_consent; });
        revoked->add_option("ID", options.name, "同意书编号 its id")->required();
        revoked->add_option("FILE", options.body, "撤回声明（紧凑 JWS） the compact JWS; - is stdin")->required();
    }

    void add_list(const char* name, const char* about, Command command) {
        app.add_subcommand(name, about)->callback([this, command] { options.command = command; });
    }

    void add_document(const char* name, const char* about, Command command) {
        auto* sub = app.add_subcommand(name, about);
        sub->callback([this, command] { options.command = command; });
        sub->add_option("NAME", options.name, "名称 its name")->required();
        sub->add_flag("--matter", options.of_matter, "名称是事项的 NAME is a matter's");
    }

    /// What each command needs beyond its own options; empty when it is there.
    [[nodiscard]] std::string missing() const {
        const bool calls = options.command != Command::keys && options.command != Command::verify;
        if (options.url.empty() && (options.command != Command::verify || options.trust.empty())) {
            return options.command == Command::verify ? "--trust (or --url)" : "--url";
        }
        if (calls && options.key.empty()) {
            return "--key";
        }
        const bool has_files = options.command == Command::service || options.command == Command::matter ||
                               options.command == Command::status;
        if (!options.files.empty() && !has_files) {
            return "service, matter or status (--files)";
        }
        return calls && options.keyid.empty() ? "--keyid" : "";
    }

    Options options;
    CLI::App app;
};

}  // namespace

std::variant<Options, int> read_command_line(int argc, const char* const* argv) {
    Parser parser;
    try {
        parser.app.parse(argc, argv);
    } catch (const CLI::ParseError& stop) {
        return parser.app.exit(stop) == 0 ? kGood : kUsage;
    }
    const std::string missing = parser.missing();
    if (!missing.empty()) {
        std::cerr << "缺少参数 missing: " << missing << "\n--help 查看用法 shows how\n";
        return kUsage;
    }
    return parser.options;
}

}  // namespace datong::client
