#include <chrono>
#include <fstream>

#include "core/app/demo_calls.h"
#include "core/base/clock.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

using record::Record;

constexpr const char* kService = "fund-deposit-certificate";
constexpr const char* kId = "demo-consent-1";

Record body_of_portal(const Stage& stage) {
    Record body = body_for(stage, "subject", Record::object());
    Record& context = *body.find("context");
    std::erase_if(context.members_to_edit(),
                  [](const record::Member& one) { return one.name == "matter" || one.name == "case_number"; });
    context.put("purpose", Record::text("housing-loan"));
    return body;
}

/// What the person consented to at the platform's service.
Record consent_of(const Record& person) {
    const auto now = std::chrono::system_clock::now();
    Record made = Record::object();
    for (const auto& [name, text] :
         {std::pair{"id", kId}, std::pair{"issuer", "city-consent"}, std::pair{"gateway", "shili"},
          std::pair{"consumer", "portal"}, std::pair{"purpose", "housing-loan"}, std::pair{"mode", "view"}}) {
        made.put(record::Text{std::string{name}}, Record::text(std::string{text}));
    }
    made.put("person", person);
    made.put("services", Record::list({Record::text(std::string{kService})}));
    Record frequency = Record::object();
    frequency.put("uses", Record::integer(2));
    frequency.put("per", Record::text("consent"));
    made.put("frequency", std::move(frequency));
    made.put("valid_from", Record::text(to_rfc3339(now)));
    made.put("valid_to", Record::text(to_rfc3339(now + std::chrono::hours{24 * 7})));
    Record given = Record::object();
    given.put("at", Record::text(to_rfc3339(now)));
    given.put("how", Record::text("face"));
    made.put("given", std::move(given));
    return made;
}

/// Runs a program of ours and shows what it says; its standard output goes to the file.
void run_into(Stage& stage, const std::vector<std::string>& words, const std::string& output) {
    auto child = Child::start(words, stage.environment, output);
    const bool good = child && child->wait() == kGood;
    if (!good && !asked_to_end()) {
        ++stage.failures;
        say("   失败 FAILED");
    }
}

}  // namespace

void call_by_consent(Stage& stage) {
    Record body = body_of_portal(stage);
    make_call(stage, {.title = "未经同意 Without the person's consent the portal is refused",
                      .consumer = "portal",
                      .name = kService,
                      .body = body,
                      .expected = kWanting,
                      .expected_text = "consent_required"});
    if (asked_to_end()) {
        return;
    }
    const std::string file = stage.folder + "/calls/consent.json";
    const std::string jws = stage.folder + "/calls/consent.jws";
    std::ofstream{file} << codec::write_json_for_people(consent_of(*body.find("context")->find("subject"))) << '\n';
    say("\n── 同意书 The person consents: the platform's service signs it, the portal registers it");
    say("   datong consent sign " + file + " --key " + stage.folder +
        "/keys/city-consent.key.pem --keyid city-consent-2026");
    say("   datong-call register-consent " + jws);
    run_into(stage,
             {stage.programs + "datong", "consent", "sign", file, "--key", stage.folder + "/keys/city-consent.key.pem",
              "--keyid", "city-consent-2026"},
             jws);
    const std::string said = stage.folder + "/calls/consent.out";
    run_into(stage,
             {stage.programs + "datong-call", "--url", stage.url, "--ca", stage.folder + "/keys/ca.pem", "--trust",
              stage.folder + "/keys/trust.jwks", "--key", stage.folder + "/keys/portal.key.pem", "--keyid",
              "portal-2026", "register-consent", jws},
             said);
    say(text_of(said));
    body.find("context")->put("consent", Record::text(std::string{kId}));
    make_call(stage, {.title = "经本人同意 With it the same call is answered, once of two times",
                      .consumer = "portal",
                      .name = kService,
                      .body = std::move(body)});
}

}  // namespace datong::app
