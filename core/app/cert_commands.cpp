#include <memory>

#include "core/app/signature_tools.h"
#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

using Options = std::shared_ptr<CertKeyOptions>;

Options options_of(Command& command) {
    const auto options = std::make_shared<CertKeyOptions>();
    command.add_option("--folder", options->folder, "密钥目录 the keys' folder")
        ->envname("DATONG_KEYS")
        ->capture_default_str();
    return options;
}

void add_ring(Command& command, const Options& options) {
    command.add_option("NAME", options->name, "密钥环 the ring, such as gateway")->required();
}

void add_names(Command& command, const Options& options) {
    command.add_option("--cn", options->common_name, "通用名 common name (default: the first name, or the ring's)");
    command.add_option("--organization", options->organization, "单位 organization");
    command.add_option("--dns", options->dns_names, "域名 DNS names of a TLS certificate");
    command.add_option("--ip", options->addresses, "地址 IP addresses of one");
}

void add_key(Command& command, const Options& options) {
    command.add_option("--id", options->id, "密钥编号 the key's id (default: NAME-YEAR)");
    command.add_option("--kind", options->kind, "密钥类型 kind of key (default: p256, or like the one before)")
        ->check(one_of({"p256", "rsa-2048", "rsa-3072", "ed25519", "sm2"}));
    command.add_option("--key", options->key,
                       "已有的私钥 a private key that is there already (PEM, 0600, or a pkcs11: URI)");
    command.add_option("--self-signed", options->self_signed_days, "自签名证书天数 also a certificate by itself, days")
        ->check(within(1, 3'650));
}

void add_init(Command& cert, int& code) {
    Command* init = cert.add_subcommand("init", "新建 Make a ring with its first key and certificate request");
    const Options options = options_of(*init);
    init->add_option("ROLE", options->role, "用途 tls, sign or encrypt")
        ->required()
        ->check(one_of({"tls", "sign", "encrypt"}));
    add_ring(*init, options);
    add_key(*init, options);
    add_names(*init, options);
    init->footer(
        "例 examples:\n"
        "  datong cert init sign gateway\n"
        "  datong cert init tls front --dns gw.shili.example --organization 示例市政务服务数据管理局");
    init->callback([options, &code] { code = cert_init(*options); });
}

void add_csr(Command& cert, int& code) {
    Command* csr = cert.add_subcommand("csr", "证书请求 Print a key's certificate request, to send to the authority");
    const Options options = options_of(*csr);
    add_ring(*csr, options);
    csr->add_option("--id", options->id, "密钥编号 which key (default: the last of the ring)");
    add_names(*csr, options);
    csr->callback([options, &code] { code = cert_csr(*options); });
}

void add_import(Command& cert, int& code) {
    Command* import = cert.add_subcommand("import", "导入证书 Take the authority's answer, once it was checked");
    const Options options = options_of(*import);
    add_ring(*import, options);
    import->add_option("FILE", options->file, "证书 certificate and those above it: PEM, DER or PKCS #7")->required();
    import->add_option("--trust", options->trust, "信任的根 trusted authorities at which the path must end");
    import->footer("例 example:\n  datong cert import front answer.p7b --trust root.pem && datong reload");
    import->callback([options, &code] { code = cert_import(*options); });
}

void add_rotate(Command& cert, int& code) {
    Command* rotate = cert.add_subcommand("rotate", "换钥 A second key beside the first, used from a moment on");
    const Options options = options_of(*rotate);
    const auto finish = std::make_shared<bool>(false);
    add_ring(*rotate, options);
    add_key(*rotate, options);
    rotate->add_option("--at", options->at, "启用时刻 from when it is used: RFC 3339 or now (default: in a day)");
    Option* end = rotate->add_flag("--finish", *finish, "收尾 retire the keys before the one in use");
    rotate->add_flag("--keep", options->keep_old, "保留旧私钥 with --finish: keep the old private keys")->needs(end);
    rotate->footer(
        "例 example:\n"
        "  datong cert rotate gateway --at 2026-12-01T00:00:00+08:00 && datong reload\n"
        "  datong cert rotate gateway --finish && datong reload      # 启用之后 once it is in use");
    rotate->callback([options, finish, &code] { code = cert_rotate(*options, *finish); });
}

}  // namespace

void add_cert_tools(Command& app, int& code) {
    Command* cert = app.add_subcommand("cert", "证书与密钥 Keys and certificates (docs/keys.md)");
    cert->require_subcommand(1);
    add_init(*cert, code);
    add_csr(*cert, code);
    add_import(*cert, code);
    add_rotate(*cert, code);

    Command* verify = cert->add_subcommand("verify", "验证 Check a certificate's path, time and revocation");
    const auto options = std::make_shared<CertVerifyOptions>();
    verify->add_option("FILE", options->file, "证书 certificate, PEM or DER; a chain with the leaf first")->required();
    verify->add_option("--trust", options->trust, "信任的根 trusted authorities")->required();
    verify->add_option("--with", options->others, "中间证书 intermediate certificates");
    verify->add_option("--crl", options->crls, "吊销列表 CRLs, PEM or DER");
    Option* ocsp = verify->add_option("--ocsp", options->ocsp, "OCSP 响应 response about it, DER");
    ocsp->needs(verify->add_option("--issuer", options->issuer, "签发者证书 its issuer, for --ocsp"));
    verify->add_option("--at", options->at, "时刻 the moment, such as 2026-03-01T09:00:00+08:00; now without it");
    verify
        ->add_option("--revocation", options->revocation,
                     "hard 须有吊销列表 every one needs a CRL, soft 有则查 or none")
        ->check(one_of({"hard", "soft", "none"}))
        ->capture_default_str();
    verify->footer(
        "例 example:\n"
        "  datong cert verify server.pem --trust ca.pem --crl ca.crl --at 2026-03-01T09:00:00+08:00");
    verify->callback([options, &code] { code = cert_verify(*options); });

    Command* list = cert->add_subcommand("list", "列出 Print what certificates say of themselves");
    const auto files = std::make_shared<std::vector<std::string>>();
    list->add_option("FILE", *files, "PEM, or the pkcs11: URI of a key in a token")->required();
    list->callback([files, &code] { code = cert_list(*files); });

    Command* check = cert->add_subcommand("check", "到期检查 How long the configured certificates still hold");
    const auto config = std::make_shared<std::string>("config/gateway.yaml");
    const auto days = std::make_shared<int>(30);
    check->add_option("--config,-c", *config, "gateway.yaml")->capture_default_str();
    check->add_option("--warn-days", *days, "少于这些天则退出 1 exit 1 when one holds for less")
        ->check(within(0, 3650))
        ->capture_default_str();
    check->callback([config, days, &code] { code = cert_check(*config, *days); });
}

}  // namespace datong::app
