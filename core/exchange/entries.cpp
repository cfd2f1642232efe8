#include "core/exchange/entries.h"

#include <set>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::exchange {
namespace {

std::vector<std::string> mappings_of(const Admitted& admitted) {
    std::set<std::string> names;
    for (const Ticket& ticket : admitted.tickets) {
        for (const auto& mapping : {ticket.service->request, ticket.service->response}) {
            names.insert(mapping->id() + '@' + mapping->version() + '#' + mapping->digest());
        }
        if (ticket.service->is_submit() && ticket.service->submission->ask) {
            for (const auto& mapping :
                 {ticket.service->submission->ask->request, ticket.service->submission->ask->response}) {
                names.insert(mapping->id() + '@' + mapping->version() + '#' + mapping->digest());
            }
        }
    }
    return {names.begin(), names.end()};
}

/// "/document/file sha-256=HEX" of each.
std::vector<std::string> digests_of(const std::vector<files::Given>& all) {
    std::vector<std::string> made;
    for (const files::Given& one : all) {
        made.push_back(one.path + " sha-256=" + to_hex(one.file.sha256));
    }
    return made;
}

/// What the call asks for, as the evidence calls it.
std::string service_of(const Visit& visit, const Admitted& admitted) {
    return admitted.matter != nullptr  ? "matter:" + admitted.matter->name()
           : !admitted.tickets.empty() ? admitted.tickets.front().service->name()
                                       : name_of_call(visit);
}

}  // namespace

std::string person_hmac(const Visit& visit, const policy::Person& person) {
    return to_hex(crypto::hmac_sha256(visit.snapshot->gateway.subject_key.reveal(), policy::subject_text(person)));
}

PersonsNamed persons_of(const Visit& visit) {
    const policy::Context& context = visit.request.context;
    PersonsNamed named;
    for (const std::string_view role : {"subject", "applicant", "agent"}) {
        if (const policy::Person* person = context.person(role); person != nullptr) {
            named.roles.emplace_back(role);
            named.persons.push_back(person_hmac(visit, *person));
        }
    }
    return named;
}

std::string digest_of_request(const Visit& visit) {
    const std::string& named = visit.claim.request_digest;
    return to_hex(named.empty() ? crypto::sha256(visit.http.body) : named);
}

vault::Policy bodies_policy(const Visit& visit, const Admitted& admitted) {
    const vault::Policy usual = visit.snapshot->gateway.bodies;
    if (admitted.tickets.empty()) {
        return vault::Policy::none;  // what is told of the evidence or the configuration stands there already
    }
    vault::Policy least = vault::Policy::kept;
    for (const Ticket& ticket : admitted.tickets) {
        least = vault::sparing(least, ticket.service->bodies.value_or(usual));
    }
    return least;
}

vault::Bodies bodies_of(const Visit& visit, const std::string& answer) {
    vault::Bodies made{.exchange = visit.exchange,
                       .at = to_unix_seconds(visit.at),
                       .case_number = visit.request.context.case_number,
                       .bodies = std::move(*visit.replies)};
    if (visit.bodies != vault::Policy::none) {
        made.bodies.push_back(
            {.name = std::string{vault::kRequest}, .policy = visit.bodies, .octets = visit.http.body});
        made.bodies.push_back({.name = std::string{vault::kAnswer}, .policy = visit.bodies, .octets = answer});
    }
    return made;
}

std::string field_of(std::string_view pointer) {
    std::string field;
    pointer.remove_prefix(std::min<std::size_t>(1, pointer.size()));
    for (;;) {
        const std::string_view step = pointer.substr(0, pointer.find('/'));
        const bool is_index = !step.empty() && step.find_first_not_of("0123456789") == std::string_view::npos;
        field.append("/").append(is_index ? "*" : step);
        if (step.size() == pointer.size()) {
            return field;
        }
        pointer.remove_prefix(step.size() + 1);
    }
}

evidence::MaterialAnswered answered(const catalogue::Service& service, std::string material,
                                    const Attempt<Certificate>& result) {
    return {.material = std::move(material),
            .service = service.name(),
            .source = service.source->source(),
            .outcome = result ? result->outcome : std::string{row_of(result.error().error.fault()).code},
            .fields = result ? result->fields : std::vector<std::string>{},
            .files = result ? digests_of(result->files) : std::vector<std::string>{}};
}

std::string known_name(const Visit& visit) {
    const std::string& name = visit.request.name;
    const bool known = visit.snapshot->service(name) != nullptr || visit.snapshot->matter(name) != nullptr;
    return known ? name : std::string{};
}

std::string name_of_call(const Visit& visit) {
    switch (visit.request.kind) {
        case Request::Kind::description:
            return "description:" + std::string{visit.http.path()};
        case Request::Kind::evidence:  // its own name is an id, and no label
            return "evidence";
        case Request::Kind::later:
            return "later";
        case Request::Kind::file:
            return "file";
        case Request::Kind::consent:
        case Request::Kind::consent_state:
            return "consent";
        case Request::Kind::revocation:
            return "revocation";
        default:
            return visit.request.name;
    }
}

evidence::Intent intent_of(const Visit& visit, const Admitted& admitted) {
    const policy::Context& context = visit.request.context;
    evidence::Intent intent;
    intent.exchange = visit.exchange;
    intent.at = to_rfc3339(visit.at);
    intent.consumer = visit.claim.key->consumer->id;
    intent.service = service_of(visit, admitted);
    intent.mappings = mappings_of(admitted);
    intent.matter = context.matter;
    intent.case_number = context.case_number;
    intent.material = context.material;
    intent.purpose = context.purpose;
    const auto& right = visit.claim.key->consumer->usage;
    const bool by_right = visit.request.kind == Request::Kind::usage && context.legal_basis.empty() && right;
    intent.legal_basis = by_right ? right->legal_basis : context.legal_basis;
    intent.grant = admitted.grants;
    intent.operator_account = context.who.account;
    intent.operator_division = context.who.division;
    intent.persons = visit.persons;
    intent.request_digest = digest_of_request(visit);
    intent.request = visit.claim.seen;
    intent.snapshot = visit.snapshot->digest;
    intent.idempotency_key = visit.submitted ? context.idempotency_key : std::string{};
    intent.of = visit.submitted && visit.submitted->id != visit.exchange ? visit.submitted->id : std::string{};
    if (visit.request.kind == Request::Kind::evidence || visit.request.kind == Request::Kind::later ||
        visit.request.kind == Request::Kind::file) {
        intent.of = visit.request.name;
    }
    if (visit.consent) {
        intent.consent = visit.consent->id;
        intent.consent_digest = visit.consent->digest;
    } else if (visit.request.kind == Request::Kind::consent_state || visit.request.kind == Request::Kind::revocation) {
        intent.consent = visit.request.name;
    }
    return intent;
}

evidence::Outcome outcome_of(const Visit& visit, const Answer& answer, const Sealed& sealed,
                             std::chrono::system_clock::time_point now) {
    evidence::Outcome outcome;
    outcome.exchange = visit.exchange;
    outcome.at = to_rfc3339(now);
    outcome.outcome = answer.outcome;
    outcome.status = answer.status;
    outcome.reply_digests = answer.reply_digests;
    outcome.certificate_digests = answer.certificate_digests;
    outcome.answer_digest = to_hex(sealed.digest);
    outcome.answer = sealed.seen;
    outcome.materials = answer.materials;
    if (visit.consent && visit.use->number != 0 && (visit.use->is_told || visit.use->is_awaited)) {
        outcome.consent = visit.consent->id;
        outcome.consent_use = visit.use->number;
    }
    return outcome;
}

evidence::Refusal refusal_of(const Visit& visit, const Error& why, const Sealed& sealed,
                             std::chrono::system_clock::time_point now) {
    evidence::Refusal refusal;
    refusal.exchange = visit.exchange;
    refusal.at = to_rfc3339(now);
    refusal.consumer = visit.claim.key != nullptr ? visit.claim.key->consumer->id : std::string{};
    refusal.service = known_name(visit);
    refusal.fault = std::string{row_of(why.fault()).code};
    refusal.detail = visit.claim.key != nullptr ? why.detail() : std::string{};
    refusal.request_digest = digest_of_request(visit);
    refusal.request = visit.claim.seen;
    refusal.answer_digest = to_hex(sealed.digest);
    refusal.answer = sealed.seen;
    return refusal;
}

}  // namespace datong::exchange
