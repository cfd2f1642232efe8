#include "examples/clients/cpp/judge.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "core/signing/certificate.h"
#include "examples/clients/cpp/report.h"

namespace datong::client {
namespace {

using record::Record;

/// The predicates of a request as the gateway reads them: field, operator, value, and `exists` means true.
Record predicates_of(const Record& request) {
    Record list = Record::list();
    for (const Record& sent : request.find("verify")->items()) {
        Record one = Record::object();
        for (const char* name : {"field", "operator", "value"}) {
            const Record* member = sent.find(name);
            one.put(name, member != nullptr ? *member : Record::boolean(true));
        }
        list.add(std::move(one));
    }
    return list;
}

/// Whether an answer is what the gateway repeats of a submission when it may not, or can't, show all that its
/// certificate is of: the outcome alone, and nothing in it that a certificate would have to prove.
bool is_outcome_alone(const Record& answer) {
    const std::string outcome = answer.text_of("outcome");
    constexpr std::array kOfSubmissions{"accepted", "returned", "done", "refused"};
    return std::ranges::find(kOfSubmissions, outcome) != kOfSubmissions.end() &&
           answer.text_of("status").starts_with("/v1/submissions/") &&
           std::ranges::none_of(std::array{"certificate", "content", "files", "provenance", "digests"},
                                [&](const char* name) { return answer.find(name) != nullptr; });
}

/// What is the gateway's word alone is nobody's where its signature was not kept.
int verdict_of_outcome_alone(const Options& options) {
    return options.command == Command::verify ? kWanting : kGood;
}

int judge_one(const Options& options, std::ostream& words, const Record& answer, const signing::FindKey& find_key) {
    if (signing::is_open_word(answer)) {
        tell_answer(words, answer);
        tell_pending(words, answer);
        return kPending;
    }
    if (is_outcome_alone(answer)) {
        tell_answer(words, answer);
        tell_outcome_alone(words, options.command != Command::verify);
        return verdict_of_outcome_alone(options);
    }
    const auto check = signing::check_certificate(answer, find_key);
    if (!check) {
        tell_trouble(words, "证照无效", "certificate: INVALID: " + check.error().detail());
        return kWanting;
    }
    tell_certificate(words, *check);
    tell_answer(words, answer);
    if (options.content && check->is_good()) {
        tell_content(words, answer);
    }
    if (check->is_good() && answer.text_of("outcome") == "deferred") {
        tell_pending(words, answer);
        return kPending;
    }
    return check->is_good() ? kGood : kWanting;
}

/// Whether each material, in the order of check_matter, is the outcome of a submission alone.
std::vector<bool> outcomes_alone(const Record& matter) {
    std::vector<bool> all;
    for (const Record& requirement : matter.find("requirements")->items()) {
        const Record* materials = requirement.find("materials");
        for (const Record& one : materials != nullptr ? materials->items() : Record::List{}) {
            const Record* answer = one.find("answer");
            all.push_back(answer != nullptr && one.find("fault") == nullptr && is_outcome_alone(*answer) &&
                          one.text_of("service") == answer->text_of("service") &&
                          one.text_of("outcome") == answer->text_of("outcome") &&
                          matter.text_of("exchange") == answer->text_of("exchange"));
        }
    }
    return all;
}

/// A material that a department did not give is an answer too; one that does not verify is none. What is still to come
/// is told whatever became of the others.
int judge_matter(const Options& options, std::ostream& words, const Record& answer, const signing::FindKey& find_key) {
    auto materials = signing::check_matter(answer, find_key);
    if (!materials) {
        tell_trouble(words, "答复无效", materials.error().detail());
        return kWanting;
    }
    const std::vector<bool> alone = outcomes_alone(answer);
    bool is_pending = false;
    bool is_wanting = false;
    for (std::size_t at = 0; at < materials->size(); ++at) {
        signing::MaterialCheck& one = (*materials)[at];
        if (alone[at]) {
            one.trouble.clear();  // that there is no certificate
            is_wanting = is_wanting || verdict_of_outcome_alone(options) != kGood;
            continue;
        }
        is_pending = is_pending || one.is_open || (one.is_good() && one.outcome == "deferred");
        is_wanting = is_wanting || !(one.is_good() || one.is_open);
    }
    tell_matter(words, answer, *materials);
    if (std::ranges::find(alone, true) != alone.end()) {
        tell_outcome_alone(words, options.command != Command::verify);
    }
    if (is_pending) {
        tell_pending(words, answer);
    }
    return is_wanting ? kWanting : is_pending ? kPending : kGood;
}

}  // namespace

bool is_about_the_question(const Options& options, std::ostream& words, std::string_view answer_text,
                           std::string_view request_text) {
    const auto answer = codec::read_json(answer_text, kAnswerLimits);
    const auto request = codec::read_json(request_text, kAnswerLimits);
    if (options.command != Command::service || !answer || !request || signing::is_open_word(*answer) ||
        is_outcome_alone(*answer)) {
        return true;  // a matter's materials are about several persons; what is no JSON was judged already
    }
    const std::string role = request->text_of("about");
    const Record* id_no = request->find_path({"context", role.empty() ? "subject" : role, "id_no"});
    const Record* query = request->find("query");
    const bool same_query = signing::says_it_was_asked(*answer, "/query", query != nullptr ? *query : Record::object());
    const bool same_predicates =
        request->find("verify") == nullptr || signing::says_it_was_asked(*answer, "/verify", predicates_of(*request));
    const bool same_subset = answer->text_of("subset") == request->text_of("subset");  // what the issuer signed, too
    const bool same_person = id_no != nullptr && signing::says_it_was_asked(*answer, "/id_no", *id_no);
    if (!same_person) {
        tell_trouble(words, "证照所答不是所问之人", "certificate: INVALID: it is not about the person asked");
    } else if (!same_query || !same_predicates || !same_subset) {
        tell_trouble(words, "证照所答不是所问", "certificate: INVALID: it is not about what was asked");
    }
    return same_person && same_query && same_predicates && same_subset;
}

int judge_answer_text(const Options& options, std::ostream& words, const Trust& trust, std::string_view text) {
    const auto answer = codec::read_json(text, kAnswerLimits);
    if (!answer) {
        tell_trouble(words, "答复不是 JSON", "the answer is no JSON: " + answer.error().detail());
        return kWanting;
    }
    const auto find_key = [&trust](const signing::Issuer& issuer, std::string_view keyid) {
        return trust.issuer_key(issuer, keyid);
    };
    return answer->find("requirements") != nullptr ? judge_matter(options, words, *answer, find_key)
                                                   : judge_one(options, words, *answer, find_key);
}

}  // namespace datong::client
