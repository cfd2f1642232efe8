#include "tests/faults/script.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/verify.h"
#include "core/seals/check.h"
#include "tests/commands/serving.h"
#include "tests/journeys/platform.h"

namespace datong::faults {
namespace {

using commands::Installation;
using commands::Serving;
using record::Record;

Record person(const std::string& name, const std::string& type, const std::string& number) {
    return Record::object(
        {{"name", Record::text(name)}, {"id_type", Record::text(type)}, {"id_no", Record::text(number)}});
}

/// A call of the script.
struct Step {
    std::string service;
    std::string key{};  ///< of a submission
    std::string consumer = "one-window";
    bool is_signed = true;
    std::string channel{};  ///< makes the body another one
};

std::vector<Step> script() {
    std::vector<Step> steps;
    for (const char* service :
         {"fund-deposit-certificate", "business-licence", "tax-clearance", "realestate-certificate"}) {
        steps.push_back({.service = service});
    }
    for (int again = 0; again < 2; ++again) {
        for (const char* department : {"land", "tax", "construction", "finance"}) {
            steps.push_back(
                {.service = std::string{"case-push-"} + department, .key = std::string{"key-"} + department});
        }
    }
    steps.push_back({.service = "case-push-land", .key = "key-land", .channel = "app"});  // refused: another body
    steps.push_back({.service = "realestate-certificate", .consumer = "portal"});         // refused: no grant
    steps.push_back({.service = "fund-deposit-certificate", .is_signed = false});
    for (const char* service : {"fund-deposit-certificate", "business-licence", "realestate-certificate",
                                "fund-deposit-certificate", "business-licence"}) {
        steps.push_back({.service = service});
    }
    return steps;
}

std::string body_of(const Step& step) {
    const departments::Demo demo = departments::demo_person();
    Record context = Record::object({{"matter", Record::text("existing-home-transfer")},
                                     {"purpose", Record::text("existing-home-transfer")},
                                     {"case_number", Record::text(demo.case_number)},
                                     {"subject", person(demo.person.name, "111", demo.person.id)},
                                     {"operator", Record::object({{"account", Record::text("window-07")},
                                                                  {"division", Record::text(demo.flat.division)}})}});
    Record body = Record::object();
    Record query = Record::object();
    if (!step.key.empty()) {
        context.put("idempotency_key", Record::text(step.key));
    }
    if (!step.channel.empty()) {
        context.put("channel", Record::text(step.channel));
    }
    if (step.service == "realestate-certificate") {
        query.put("divisionCode", Record::text(demo.flat.division));
    }
    if (step.service == "business-licence") {
        context.put("agent", person(demo.agency.name, "001", demo.agency.uscc));
        body.put("about", Record::text("agent"));
    }
    body.put("context", std::move(context));
    body.put("query", std::move(query));
    return codec::write_json(body);
}

/// Leaves of a folder of the configuration those files only.
void keep_only(const Installation& installation, const std::string& folder, const std::set<std::string>& names) {
    const std::filesystem::directory_iterator all{installation.path("config/" + folder)};
    for (const auto& file : std::vector<std::filesystem::directory_entry>{begin(all), end(all)}) {
        if (!names.contains(file.path().stem())) {
            std::filesystem::remove(file.path());
        }
    }
}

/// What the script needs: every start that reads less is sooner done.
void make_small(const Installation& installation) {
    std::set<std::string> services{"deed-tax-receipt"};  // licences.yaml names it
    for (const Step& step : script()) {
        services.insert(step.service);
    }
    for (const char* department : {"land", "tax", "construction", "finance"}) {  // a grant names them with the pushes
        services.insert(std::string{"case-status-"} + department);
        services.insert(std::string{"case-result-"} + department);
    }
    keep_only(installation, "services", services);
    keep_only(installation, "departments", {"cases", "construction", "finance", "fund", "land", "market", "tax"});
    keep_only(installation, "matters", {"existing-home-transfer", "case-push-existing-home-transfer"});
    keep_only(installation, "grants", {"one-window-case-push", "one-window-existing-home-transfer"});
}

/// How often a body came. The answer to a submission is the same for every repetition, of which one may have been kept
/// and not come through.
struct Answered {
    int times{};
    bool may_repeat{};
};

/// "200 found", "403 not_permitted"; empty for no answer.
std::string said_by(const codec::HttpMessage& answer) {
    if (answer.status == 0) {
        return {};
    }
    const Record body = journeys::json_of(answer);
    const std::string code = body.text_of("code");
    return std::to_string(answer.status) + ' ' + (code.empty() ? body.text_of("outcome") : code);
}

/// Told that nothing could be kept.
bool is_unrecorded(const std::string& said) {
    return said == "503 evidence_unavailable" || said == "503 unavailable";
}

/// A machine, the gateway on it, and the client's log.
class Run {
public:
    explicit Run(const Fault& fault) {
        make_small(installation_);
        if (fault.at > 0) {
            const auto root = std::filesystem::path{installation_.path("evidence")}.parent_path();
            std::filesystem::create_directories(installation_.path("state"));
            installation_.environment["LD_PRELOAD"] = DATONG_FAULT_LAYER;
            installation_.environment["DATONG_FAULT_FOLDER"] = root.string();
            installation_.environment["DATONG_FAULT_HIT"] = installation_.path("hit");
            installation_.environment["DATONG_FAULT"] = fault.kind + ':' + fault.way + ':' + std::to_string(fault.at);
        }
    }

    [[nodiscard]] Outcome play() {
        start();
        for (const Step& step : script()) {
            const codec::HttpMessage answer = call(step);
            if (answer.status == 0 && !step.key.empty()) {
                (void)call(step);  // what a platform does whose submission was cut off
            }
            ++step_;
        }
        resume();
        end();
        outcome_.was_hit = std::filesystem::exists(installation_.path("hit"));
        judge();
        return std::move(outcome_);
    }

private:
    void start() {
        try {
            serving_ = std::make_unique<Serving>(installation_);
        } catch (const std::exception&) {  // the fault came at the start
            forget_fault();
            serving_ = std::make_unique<Serving>(installation_);
        }
    }

    /// The next start is a good one.
    void forget_fault() {
        for (const char* name : {"LD_PRELOAD", "DATONG_FAULT"}) {
            installation_.environment.erase(name);
        }
    }

    void start_again() {
        (void)serving_->wait();
        serving_.reset();
        forget_fault();
        start();
    }

    void end() {
        try {
            (void)serving_->end();
        } catch (const std::exception&) {  // it has ended: the fault came behind the last answer
        }
        serving_.reset();
        forget_fault();
    }

    /// After the disk took nothing for once the gateway must come back by itself.
    void resume() {
        const bool is_refused = !outcome_.said.empty() && is_unrecorded(outcome_.said.back().answer);
        outcome_.has_resumed =
            !is_refused || commands::wait_until([this] { return !is_unrecorded(said_by(call(script().back()))); });
    }

    codec::HttpMessage call(const Step& step) {
        const journeys::Platform platform{serving_->url(), installation_.path("keys"), step.consumer};
        codec::HttpMessage request = platform.prepare("/v1/services/" + step.service, body_of(step));
        if (!step.is_signed) {
            std::erase_if(request.fields, [](const auto& field) { return field.name.starts_with("Signature"); });
        }
        codec::HttpMessage answer = platform.send(std::move(request));
        outcome_.said.push_back(
            {.step = step_, .is_push = !step.key.empty(), .is_signed = step.is_signed, .answer = said_by(answer)});
        log(step, answer);
        if (answer.status == 0 && !is_alive()) {
            start_again();
        }
        return answer;
    }

    /// The process is gone, or will be in a moment: what was killed closes its sockets before it is a zombie.
    [[nodiscard]] bool is_alive() {
        (void)commands::wait_until([this] { return !serving_->is_running() || answers(); });
        return serving_->is_running();
    }
    [[nodiscard]] bool answers() const {
        const journeys::Platform platform{serving_->url(), installation_.path("keys"), "one-window"};
        return platform.send(platform.prepare_get("/v1/keys")).status != 0;
    }

    void log(const Step& step, const codec::HttpMessage& answer) {
        if (answer.status == 0) {
            ++outcome_.cut_off;
            return;
        }
        ++outcome_.answered;
        if (is_unrecorded(outcome_.said.back().answer)) {
            ++outcome_.unrecorded;
            return;
        }
        if (step.is_signed) {  // a stranger's refusal is not waited for
            Answered& answered = answers_[to_hex(crypto::sha256(answer.body))];
            ++answered.times;
            answered.may_repeat = !step.key.empty();
        }
    }

    void must(bool is_so, const std::string& what) {
        if (!is_so) {
            outcome_.failures.push_back(what);
        }
    }

    void judge() {
        auto verdict = verify();
        if (verdict && verdict->evidence.valid && verdict->evidence.open > 0) {
            start();  // what could not be closed any more is closed by the next start
            end();
            verdict = verify();
        }
        must(verdict && verdict->evidence.valid,
             "evidence: " + (verdict ? verdict->evidence.reason : verdict.error().detail()));
        must(verdict && verdict->evidence.open == 0, "an exchange is left open");
        outcome_.records = verdict ? verdict->evidence.records : 0;
        judge_answers();
        for (const char* department : {"land", "tax", "construction", "finance"}) {
            must(installation_.city().acceptance().written(department) <= 1,
                 std::string{"two effects at "} + department);
        }
    }

    void judge_answers() {
        std::map<std::string, int> kept;
        const Status read = evidence::read_folder(installation_.path("evidence"), [&kept](const Record& entry) {
            const std::string kind = entry.text_of("kind");
            if (kind == "outcome" || kind == "refusal") {
                ++kept[entry.text_of("answer_digest")];
            }
            return true;
        });
        must(read.has_value(), "the folder can't be read");
        for (const auto& [digest, answered] : answers_) {
            const bool is_kept = answered.may_repeat ? kept[digest] >= answered.times : kept[digest] == answered.times;
            must(is_kept, "an answer given " + std::to_string(answered.times) + " times has " +
                              std::to_string(kept[digest]) + " records");
        }
    }

    [[nodiscard]] Result<seals::SealedVerdict> verify() const {
        const auto keys = codec::read_json(installation_.read("keys/trust.jwks"));
        return seals::verify_folder(installation_.path("evidence"), *keys);
    }

    Installation installation_;
    std::unique_ptr<Serving> serving_;
    Outcome outcome_;
    int step_{};
    std::map<std::string, Answered> answers_;  ///< by digest of the body
};

}  // namespace

Outcome run_script(const Fault& fault) {
    return Run{fault}.play();
}

}  // namespace datong::faults
