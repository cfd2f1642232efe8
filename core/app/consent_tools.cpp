#include <memory>

#include "core/app/commands.h"
#include "core/command_line/command_line.h"

namespace datong::app {
namespace {

using Options = std::shared_ptr<ConsentOptions>;

Command* add(Command& consent, const std::string& name, const std::string& help, const Options& options) {
    Command* command = consent.add_subcommand(name, help);
    command->add_option("--config,-c", options->config, "gateway.yaml")->capture_default_str();
    command->add_flag("--json", options->json, "输出 JSON one JSON text");
    return command;
}

void add_sign(Command& consent, int& code) {
    const auto options = std::make_shared<ConsentOptions>();
    Command* signer = consent.add_subcommand(
        "sign", "签发 Sign a consent or a revocation, as its issuer: prints the compact JWS that is registered");
    signer
        ->add_option("FILE", options->file,
                     "同意书或撤回声明 consent or revocation, .yaml or .json (docs/consent.md); - for input")
        ->required();
    signer->add_option("--key", options->key, "签发方私钥 PEM file of the issuer's key")->required();
    signer->add_option("--keyid", options->keyid, "密钥编号 its id under consent_issuers in gateway.yaml")->required();
    signer->callback([options, &code] { code = consent_sign(*options); });
}

}  // namespace

void add_consent_tools(Command& app, int& code) {
    Command* consent =
        app.add_subcommand("consent", "同意书 Consents: registered, used, revoked, signed (docs/consent.md)");
    consent->require_subcommand(1);

    const auto list = std::make_shared<ConsentOptions>();
    Command* lister = add(*consent, "list", "列出 List consents, newest first, with their uses", list);
    lister->add_option("--consumer", list->consumer, "调用方 only hers");
    lister->callback([list, &code] { code = consent_list(*list); });

    const auto show = std::make_shared<ConsentOptions>();
    Command* shower = add(*consent, "show", "查看 Show one consent; nothing of the person", show);
    shower->add_option("ID", show->id, "同意书编号 id of the consent")->required();
    shower->callback([show, &code] { code = consent_show(*show); });

    const auto revoke = std::make_shared<ConsentOptions>();
    Command* revoker = add(*consent, "revoke", "撤回 Revoke a consent; it holds at once and for good", revoke);
    revoker->add_option("ID", revoke->id, "同意书编号 id of the consent")->required();
    revoker->add_option("--reason", revoke->reason, "理由 why; it stands in the evidence")->required();
    revoker->callback([revoke, &code] { code = consent_revoke(*revoke); });

    add_sign(*consent, code);
    consent->footer(
        "例 example:\n"
        "  datong consent sign consent.yaml --key issuer.pem --keyid city-consent-2026\n"
        "  datong consent list --consumer portal\n"
        "  datong consent revoke c-2026-000123 --reason 本人到窗口撤回");
}

}  // namespace datong::app
