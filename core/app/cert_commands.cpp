#include <memory>

#include <CLI/CLI.hpp>

#include "core/app/signature_tools.h"

namespace datong::app {

void add_cert_tools(CLI::App& app, int& code) {
    CLI::App* cert = app.add_subcommand("cert", "证书 X.509 certificates: verify a path, read, watch their time");
    cert->require_subcommand(1);

    CLI::App* verify = cert->add_subcommand("verify", "验证 Check a certificate's path, time and revocation");
    const auto options = std::make_shared<CertVerifyOptions>();
    verify->add_option("FILE", options->file, "证书 certificate, PEM or DER; a chain with the leaf first")->required();
    verify->add_option("--trust", options->trust, "信任的根 trusted authorities")->required();
    verify->add_option("--with", options->others, "中间证书 intermediate certificates");
    verify->add_option("--crl", options->crls, "吊销列表 CRLs, PEM or DER");
    CLI::Option* ocsp = verify->add_option("--ocsp", options->ocsp, "OCSP 响应 response about it, DER");
    ocsp->needs(verify->add_option("--issuer", options->issuer, "签发者证书 its issuer, for --ocsp"));
    verify->add_option("--at", options->at, "时刻 the moment, such as 2026-03-01T09:00:00+08:00; now without it");
    verify
        ->add_option("--revocation", options->revocation,
                     "hard 须有吊销列表 every one needs a CRL, soft 有则查 or none")
        ->check(CLI::IsMember({"hard", "soft", "none"}))
        ->capture_default_str();
    verify->footer(
        "例 example:\n"
        "  datong cert verify server.pem --trust ca.pem --crl ca.crl --at 2026-03-01T09:00:00+08:00");
    verify->callback([options, &code] { code = cert_verify(*options); });

    CLI::App* list = cert->add_subcommand("list", "列出 Print what certificates say of themselves");
    const auto files = std::make_shared<std::vector<std::string>>();
    list->add_option("FILE", *files, "PEM")->required();
    list->callback([files, &code] { code = cert_list(*files); });

    CLI::App* check = cert->add_subcommand("check", "到期检查 How long the configured certificates still hold");
    const auto config = std::make_shared<std::string>("config/gateway.yaml");
    const auto days = std::make_shared<int>(30);
    check->add_option("--config,-c", *config, "gateway.yaml")->capture_default_str();
    check->add_option("--warn-days", *days, "少于这些天则退出 1 exit 1 when one holds for less")
        ->check(CLI::Range(0, 3650))
        ->capture_default_str();
    check->callback([config, days, &code] { code = cert_check(*config, *days); });
}

}  // namespace datong::app
