#include "core/revocation/watch.h"

#include <algorithm>
#include <utility>

#include "core/crypto/x509.h"
#include "core/crypto/x509_path.h"
#include "core/telemetry/events.h"

namespace datong::revocation {
namespace {

constexpr std::size_t kMostKnown = 10'000;
constexpr int kRefreshesThatHold = 5;
constexpr std::chrono::hours kForgotten{24};  ///< after that without a connection

}  // namespace

Watch::Watch(Rules rules, Outside outside, const Clock& clock, telemetry::Sink& sink)
    : rules_{std::move(rules)}, outside_{std::move(outside)}, clock_{clock}, sink_{sink} {
    fetch_lists();
}

Finding Watch::find(std::string_view sha256) {
    const std::lock_guard lock{mutex_};
    const auto found = known_.find(sha256);
    if (found == known_.end()) {
        return Finding::unknown;
    }
    Known& known = found->second;
    known.met = clock_.now();
    const bool holds = known.met - known.at <= kRefreshesThatHold * rules_.refresh;
    return holds || known.finding == Finding::revoked ? known.finding : Finding::unknown;
}

bool Watch::has_met(std::string_view sha256) const {
    const std::lock_guard lock{mutex_};
    return known_.contains(sha256);
}

void Watch::meet(const std::string& sha256, const std::string& chain_pem) {
    const auto facts = crypto::read_x509(chain_pem);
    Known known{.chain = chain_pem,
                .subject = facts ? facts->subject : std::string{},
                .response = {},
                .at = {},
                .met = clock_.now()};
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(sha256);
        if (found != known_.end() && found->second.finding != Finding::unknown) {
            found->second.met = clock_.now();
            return;
        }
        if (found != known_.end()) {
            known = found->second;
            known.met = clock_.now();
        }
    }
    if (chain_pem.size() > known.chain.size()) {  // a session that is resumed brings the leaf alone
        known.chain = chain_pem;
    }
    Round round;
    keep(sha256, learn(std::move(known), sha256, round));
}

void Watch::refresh(const std::stop_token& stop) {
    fetch_lists();
    AllKnown all;
    {
        const std::lock_guard lock{mutex_};
        std::erase_if(known_, [now = clock_.now()](const auto& one) { return now - one.second.met > kForgotten; });
        all = known_;
    }
    learn_all(std::move(all), stop);
}

void Watch::learn_all(AllKnown all, const std::stop_token& stop) {
    Round round{.end = Deadline::clock::now() + rules_.asking};
    std::string next;
    {
        const std::lock_guard lock{mutex_};
        next = next_;
    }
    auto at = all.lower_bound(next);
    next.clear();
    for (std::size_t count = all.size(); count > 0 && !stop.stop_requested(); --count, ++at) {
        at = at == all.end() ? all.begin() : at;
        next = next.empty() && round.is_over() ? at->first : next;
        keep(at->first, learn(std::move(at->second), at->first, round));
    }
    const std::lock_guard lock{mutex_};
    next_ = std::move(next);
}

Watch::AtHand Watch::at_hand(
    const std::function<bool(const std::string& sha256, const std::string& subject)>& wanted) const {
    AtHand all;
    const std::lock_guard lock{mutex_};
    for (const auto& [name, list] : lists_) {
        all.lists.push_back(list);
    }
    for (const auto& [sha256, known] : known_) {
        if (wanted(sha256, known.subject)) {
            all.chains.push_back(known.chain);
            if (!known.response.empty()) {
                all.responses.push_back(known.response);
            }
        }
    }
    return all;
}

void Watch::adopt(const Watch& before) {
    AllKnown all;
    {
        const std::lock_guard lock{before.mutex_};
        all = before.known_;
    }
    learn_all(std::move(all), {});
}

void Watch::fetch_lists() {
    for (const std::string& name : rules_.crls) {
        auto list = outside_.read(name);
        if (auto readable = list ? crypto::check_crls(*list) : Status{}; !readable) {
            list = fail(std::move(readable.error()));  // half of a file, or a page that says something else
        }
        if (!list) {
            emit(sink_, telemetry::RevocationUnreachable{.where = name, .why = list.error().detail()});
            continue;  // the one before counts as long as it holds
        }
        const std::lock_guard lock{mutex_};
        lists_[name] = std::move(*list);
    }
}

std::pair<Finding, std::string> Watch::by_lists(const std::string& chain) const {
    crypto::PathQuestion question{.leaf = chain, .anchors = rules_.anchors, .others = {chain}, .at = clock_.now()};
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [name, list] : lists_) {
            question.crls.push_back(list);
        }
    }
    if (question.crls.empty()) {
        return {Finding::unknown, "no list"};
    }
    const auto verdict = crypto::check_path(question);
    if (!verdict || verdict->good || verdict->is_revoked) {
        return {!verdict        ? Finding::unknown
                : verdict->good ? Finding::good
                                : Finding::revoked,
                verdict ? verdict->why : verdict.error().detail()};
    }
    question.revocation = crypto::PathQuestion::Revocation::soft;  // nor does one that is missing hide the others
    question.at_any_time = true;  // a list that is too old no longer says who is good, but still who is revoked
    const auto ever = crypto::check_path(question);
    return {ever && ever->is_revoked ? Finding::revoked : Finding::unknown, verdict->why};
}

Result<std::string> Watch::ask(const Known& known, const std::string& issuer, Round& round) const {
    if (round.is_over()) {
        return fail(Fault::unavailable, round.is_silent ? "the responder could not be reached" : "not asked in time");
    }
    const auto request = crypto::make_ocsp_request(known.chain, issuer);
    if (!request) {
        return fail(request.error());
    }
    ++round.asked;
    auto response = outside_.ask(rules_.ocsp, *request);
    round.is_silent = !response;
    return response;
}

std::pair<Finding, std::string> Watch::by_responder(Known& known, Round& round) const {
    if (rules_.ocsp.empty()) {
        return {Finding::unknown, {}};
    }
    auto others = crypto::split_x509(known.chain).value_or(std::vector<std::string>{});
    std::vector<std::string> above = rules_.anchors;
    above.insert(above.end(), others.begin(), others.end());
    std::string issuer;
    for (const std::string& text : above) {
        for (const std::string& one : crypto::split_x509(text).value_or(std::vector<std::string>{})) {
            issuer = issuer.empty() && crypto::is_issued_by(known.chain, one) ? one : issuer;
        }
    }
    const bool was_over = round.is_over();
    auto response = ask(known, issuer, round);
    std::string why = response ? std::string{} : response.error().detail();
    const auto status_of = [&](const std::string& text) {
        return crypto::check_ocsp(
            text,
            {.leaf = known.chain, .issuer = issuer, .anchors = rules_.anchors, .others = others, .at = clock_.now()});
    };
    auto status = response ? status_of(*response) : fail(response.error());
    if (status) {
        known.response = std::move(*response);
    } else {
        why = status.error().detail();
        if (!was_over) {
            emit(sink_, telemetry::RevocationUnreachable{.where = rules_.ocsp, .why = why});
        }
        status = known.response.empty() ? fail(status.error()) : status_of(known.response);  // as long as it holds
    }
    if (!status || *status == crypto::OcspStatus::unknown) {
        return {Finding::unknown, status ? "the responder does not know it" : why};
    }
    return {*status == crypto::OcspStatus::good ? Finding::good : Finding::revoked, why};
}

Watch::Known Watch::learn(Known known, const std::string& sha256, Round& round) const {
    const auto lists = by_lists(known.chain);
    const auto responder = lists.first == Finding::revoked ? lists : by_responder(known, round);
    const Finding before = known.finding;
    const auto any = [&](Finding finding) { return lists.first == finding || responder.first == finding; };
    const Finding now = any(Finding::revoked) ? Finding::revoked
                        : any(Finding::good)  ? Finding::good
                                              : Finding::unknown;
    // nobody current: who was revoked stays so
    known.finding = now == Finding::unknown && before == Finding::revoked ? before : now;
    const bool is_first = known.at == Time{};
    known.at = clock_.now();
    if (known.finding != Finding::good && (is_first || known.finding != before)) {
        note(known, sha256, lists.second.empty() || lists.second == "no list" ? responder.second : lists.second);
    }
    return known;
}

void Watch::note(const Known& known, const std::string& sha256, const std::string& why) const {
    emit(sink_, telemetry::CertificateDoubted{.sha256 = sha256,
                                              .standing = known.finding == Finding::revoked ? "revoked"
                                                          : rules_.is_hard                  ? "refused"
                                                                                            : "let_pass",
                                              .why = why});
}

void Watch::keep(const std::string& sha256, Known known) {
    const std::lock_guard lock{mutex_};
    if (known_.size() >= kMostKnown && !known_.contains(sha256)) {
        known_.erase(std::ranges::min_element(known_, {}, [](const auto& one) { return one.second.met; }));
    }
    known_[sha256] = std::move(known);
}

}  // namespace datong::revocation
