#include "core/ledger/asked.h"

#include <map>
#include <unordered_map>
#include <utility>

#include "core/evidence/verify.h"
#include "core/ledger/entry.h"

namespace datong::ledger {
namespace {

using evidence::MaterialAnswered;
using record::Record;

class Gathering {
public:
    void take(const Record& entry) {
        const std::string kind = entry.text_of("kind");
        if (kind == "intent") {
            Entry opened = read_entry(entry);
            if (!opened.submits) {
                open_.emplace(opened.exchange, std::move(opened));
            }
        } else if (kind == "outcome") {
            if (auto asked = open_.extract(entry.text_of("exchange"))) {
                for (const MaterialAnswered& one : read_materials(entry)) {
                    add(asked.mapped(), one);
                }
            }
        } else if (kind == "follow_up") {
            follow(entry);
        }
    }
    [[nodiscard]] std::vector<AskedMaterial> finish() { return std::move(all_); }

private:
    void add(const Entry& call, const MaterialAnswered& one) {
        all_.push_back({.case_number = call.case_number,
                        .matter = matter_of(call),
                        .material = one.material,
                        .service = before(one.service, '@'),
                        .source = one.source,
                        .outcome = one.outcome,
                        .at = call.at,
                        .exchange = call.exchange,
                        .operator_division = call.operator_division,
                        .consumer = call.consumer});
    }
    void follow(const Record& entry) {
        const auto followed = read_followed(entry);
        if (followed && followed->event == "answered") {
            add({.exchange = followed->exchange,
                 .at = followed->at,
                 .matter = followed->matter,
                 .case_number = followed->case_number},
                followed->material);
        }
    }

    std::vector<AskedMaterial> all_;
    std::unordered_map<std::string, Entry> open_;  ///< by exchange
};

}  // namespace

std::map<std::pair<std::string, std::string>, Answers> count_answers(const std::vector<AskedMaterial>& asked,
                                                                     const std::string& since) {
    std::map<std::pair<std::string, std::string>, const AskedMaterial*> last;  // by exchange and material
    for (const AskedMaterial& one : asked) {
        const AskedMaterial*& known = last[{one.exchange, one.material}];
        // of two lists with the same material the one that brought it
        known = known != nullptr && (is_found(known->outcome)) ? known : &one;
    }
    std::map<std::pair<std::string, std::string>, Answers> answers;
    for (const auto& [name, one] : last) {
        const std::string& outcome = one->outcome;
        const bool says_nothing = outcome == "withheld" || outcome == "not_permitted" || outcome == "bad_request" ||
                                  outcome == "request_invalid" || outcome == "quota_exceeded" ||
                                  outcome == "answer_over_cap";
        if (one->at < since || says_nothing) {
            continue;
        }
        Answers& counted = answers[{one->matter, one->material}];
        ++counted.asked;
        ++(is_found(outcome)                                 ? counted.found
           : outcome == "not_found" || outcome == "mismatch" ? counted.none
           : outcome == "pending"                            ? counted.pending
                                                             : counted.silent);
    }
    return answers;
}

Result<std::vector<AskedMaterial>> asked_materials(const std::string& evidence_folder) {
    Gathering gathering;
    const Status read = evidence::read_folder(evidence_folder, [&gathering](const Record& entry) {
        gathering.take(entry);
        return true;
    });
    return read ? Result<std::vector<AskedMaterial>>{gathering.finish()} : fail(read.error());
}

}  // namespace datong::ledger
