#include "core/exchange/admit.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/catalogue/predicate_check.h"
#include "core/crypto/digest.h"

namespace datong::exchange {
namespace {

using catalogue::Material;
using policy::Grant;
using record::Record;

Result<const Grant*> permit(const Visit& visit, std::string_view service, bool verify) {
    const policy::Asked asked{.consumer = visit.claim.key->consumer->id,
                              .service = service,
                              .purpose = visit.request.context.purpose,
                              .division = visit.request.context.who.division,
                              .today = record::to_civil(visit.at).date,
                              .verify = verify};
    return visit.snapshot->granted.permit(asked);
}

/// A value of a material's query: a constant, or what a path into the call names.
Record query_value(const policy::Context& context, const std::string& written) {
    if (!written.starts_with("$.")) {
        return Record::text(written);
    }
    const auto steps = split(std::string_view{written}.substr(2), '.');
    if (const policy::Person* person = context.person(steps.front()); person != nullptr && steps.size() == 2) {
        return Record::text(steps[1] == "name"    ? person->name.reveal()
                            : steps[1] == "id_no" ? person->id_no.reveal()
                                                  : person->id_type);
    }
    if (steps.front() == "operator" && steps.size() == 2 && steps[1] == "division") {
        return Record::text(context.who.division);
    }
    const Record* at = steps.front() == "facts" ? &context.facts : nullptr;
    for (std::size_t i = 1; at != nullptr && i < steps.size(); ++i) {
        at = at->find(steps[i]);
    }
    return at != nullptr ? *at : Record{};
}

/// Predicates of a matter with the values that the call brings.
std::vector<policy::Predicate> filled(const policy::Context& context, std::vector<policy::Predicate> verify) {
    for (policy::Predicate& one : verify) {
        if (one.value.is_text()) {
            one.value = query_value(context, std::string{one.value.scalar()});
        }
    }
    return verify;
}

/// Whether a call's predicates can be asked of the service, and the grant lets all of them be asked.
Status check_verify(const catalogue::Service& service, const Grant& grant,
                    const std::vector<policy::Predicate>& verify) {
    for (std::size_t i = 0; i < verify.size(); ++i) {
        const std::string at = "/verify/" + std::to_string(i);
        if (!policy::covers(grant.verify, verify[i].field)) {
            return fail(Fault::not_permitted, at + ": the grant does not let this field be asked");
        }
        if (const std::string wrong = catalogue::wrong_with(service, verify[i]); !wrong.empty()) {
            return fail(Fault::bad_request, at + ": " + wrong);
        }
        if (const std::string wrong = catalogue::wrong_value(service, verify[i]); !wrong.empty()) {
            return fail(Fault::bad_request, at + "/value: " + wrong);
        }
    }
    return {};
}

/// What the service offers must be what the call wants.
Status check_offer(const catalogue::Service& service, const Request& request) {
    if (!request.verify.empty() && !service.offers_verify) {
        return fail(Fault::not_permitted, "the service offers no verify");
    }
    if (request.verify.empty() && service.kind == "verify") {
        return fail(Fault::bad_request, "/verify is required: the service answers predicates only");
    }
    return {};
}

/// Counts predicates against guessing, by consumer, service and person.
Status count_guesses(const Visit& visit, const Ticket& ticket, policy::Quotas& quotas) {
    if (ticket.verify.empty() || ticket.about == nullptr || ticket.grant == nullptr) {
        return {};
    }
    const std::string about =
        ticket.service->id + '\n' +
        crypto::hmac_sha256(visit.snapshot->gateway.subject_key.reveal(), policy::subject_text(*ticket.about));
    return quotas.take_guesses(visit.claim.key->consumer->id, about, policy::guesses_in(ticket.verify),
                               ticket.service->guesses, visit.at);
}

/// A service is asked for certain, so its unit is taken here. Which of a matter's services are asked shows on the way:
/// here it is only refused when nothing at all could be asked.
Status settle_quota(Admitted& admitted, const Visit& visit, policy::Quotas& quotas) {
    if (admitted.matter == nullptr) {
        return quotas.take(*admitted.tickets.front().grant, visit.at);
    }
    Status last;
    bool any_left = false;
    for (Ticket& ticket : admitted.tickets) {
        ticket.quotas = &quotas;
        if (ticket.grant != nullptr && !any_left) {
            last = quotas.look(*ticket.grant, visit.at);
            any_left = last.has_value();
        }
    }
    return any_left ? Status{} : last;
}

void note_grant(Admitted& admitted, const Grant& grant) {
    admitted.case_required = admitted.case_required || grant.case_required;
    if (admitted.grants.find(grant.id) == std::string::npos) {
        admitted.grants += (admitted.grants.empty() ? "" : ",") + grant.id;
    }
}

/// Whether the matter named is one of ours whose purpose is the purpose claimed: the case that will be
/// checked must be one that this purpose can have.
bool is_of_a_matter(const Visit& visit) {
    const catalogue::Matter* matter = visit.snapshot->matter(visit.request.context.matter);
    return matter != nullptr && matter->purpose == visit.request.context.purpose;
}

Result<Admitted> admit_service(const Visit& visit) {
    Admitted admitted;
    const bool verify = !visit.request.verify.empty();
    const auto grant = permit(visit, visit.request.name, verify);
    const catalogue::Service* service = visit.snapshot->service(visit.request.name);
    if (!grant && service != nullptr && service->kind == "verify" && !verify &&
        permit(visit, visit.request.name, true)) {
        return fail(check_offer(*service, visit.request).error());  // a grant that lets it ask, of a call that does not
    }
    if (!grant) {
        return fail(grant.error());
    }
    if (service == nullptr) {
        return fail(Fault::not_permitted, "the grant's service is not in the snapshot");
    }
    if (auto offered = check_offer(*service, visit.request); !offered) {
        return fail(std::move(offered.error()));
    }
    if (auto good = check_verify(*service, **grant, visit.request.verify); !good) {
        return fail(std::move(good.error()));
    }
    const policy::Person* about = visit.request.context.person(visit.request.about);
    if (about == nullptr) {
        return fail(Fault::bad_request, "/context lacks the person that this call is about");
    }
    if ((*grant)->case_required && !is_of_a_matter(visit)) {
        return fail(Fault::case_not_accepted, "/context/matter is not a matter with this purpose");
    }
    note_grant(admitted, **grant);
    admitted.submits = service->is_submit();
    admitted.tickets.push_back({.service = service,
                                .grant = *grant,
                                .about = about,
                                .query = visit.request.query,
                                .material = {},
                                .verify = visit.request.verify});
    return admitted;
}

/// A grant for the material; of one that is asked by predicates, for each of its fields.
Result<const Grant*> permit_material(const Visit& visit, const Material& material) {
    auto grant = permit(visit, material.service->id, !material.verify.empty());
    if (!grant) {
        return grant;
    }
    if (auto good = check_verify(*material.service, **grant, material.verify); !good) {
        return fail(std::move(good.error()));
    }
    return grant;
}

Result<Admitted> admit_matter(const Visit& visit) {
    const policy::Context& context = visit.request.context;
    const catalogue::Matter* matter = visit.snapshot->matter(visit.request.name);
    if (matter == nullptr || matter->purpose != context.purpose) {
        return fail(Fault::not_permitted, matter == nullptr ? "no such matter" : "the purpose is not the matter's");
    }
    Admitted admitted;
    admitted.matter = matter;
    admitted.submits = matter->submits;
    for (const auto& requirement : matter->requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                const auto grant = permit_material(visit, material);
                if (grant) {
                    note_grant(admitted, **grant);
                }
                admitted.tickets.push_back({.service = material.service,
                                            .grant = grant ? *grant : nullptr,
                                            .about = context.person(material.about),
                                            .query = query_of(context, material),
                                            .material = material.id,
                                            .verify = filled(context, material.verify)});
            }
        }
    }
    if (admitted.grants.empty()) {
        return fail(Fault::not_permitted, "no grant for any material of the matter");
    }
    return admitted;
}

/// Evidence of an exchange, its later materials, a file, or a consent: whose it is shows when it is looked up.
Result<Admitted> admit_lookup(const Visit& visit) {
    if (visit.request.kind != Request::Kind::usage) {
        return Admitted{};
    }
    const auto& right = visit.claim.key->consumer->usage;
    const policy::Context& context = visit.request.context;
    if (!right || std::find(right->purposes.begin(), right->purposes.end(), context.purpose) == right->purposes.end()) {
        return fail(Fault::not_permitted, "no right to ask who asked, for this purpose");
    }
    for (const record::Member& member : visit.request.query.members()) {
        if (member.name != "after") {
            return fail(Fault::bad_request, "/query holds after only");
        }
    }
    if (context.person("subject") == nullptr) {
        return fail(Fault::bad_request, "/context/subject is required");
    }
    return Admitted{};
}

}  // namespace

Record query_of(const policy::Context& context, const Material& material) {
    Record query = Record::object();
    for (const auto& [name, written] : material.query) {
        query.put(name, query_value(context, written));
    }
    return query;
}

std::vector<policy::Predicate> promise_of(const policy::Context& context, const catalogue::Matter& matter,
                                          const Ticket& ticket) {
    for (const auto& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                if (material.id == ticket.material && material.service->id == ticket.service->id) {
                    return filled(context, material.promise);
                }
            }
        }
    }
    return {};
}

Result<Admitted> admit_again(const Visit& visit, std::string_view material, std::string_view service,
                             policy::Quotas& quotas) {
    auto admitted = admit_matter(visit);
    if (!admitted) {
        return admitted;
    }
    std::erase_if(admitted->tickets, [&](const Ticket& ticket) {
        return ticket.material != material || ticket.service->id != service || ticket.grant == nullptr;
    });
    if (admitted->tickets.empty()) {
        return fail(Fault::not_permitted, "no grant for the material any more");
    }
    admitted->tickets.resize(1);
    if (auto settled = settle_quota(*admitted, visit, quotas); !settled) {
        return fail(std::move(settled.error()));
    }
    return admitted;  // the same question about the same person is no new guess
}

bool is_about_consent(Request::Kind kind) {
    return kind == Request::Kind::consent || kind == Request::Kind::consent_state || kind == Request::Kind::revocation;
}

bool is_lookup(Request::Kind kind) {
    return kind == Request::Kind::evidence || kind == Request::Kind::usage || kind == Request::Kind::later ||
           kind == Request::Kind::file || is_about_consent(kind);
}

Status check_connection(const catalogue::Consumer& consumer, const policy::Peer& peer) {
    if (auto own = policy::check_certificate(consumer.certificates, peer); !own) {
        return own;
    }
    return policy::check_address(consumer.networks, peer.address);
}

Result<Admitted> admit(const Visit& visit, policy::Quotas& quotas) {
    if (is_lookup(visit.request.kind)) {
        return admit_lookup(visit);
    }
    auto admitted = visit.request.kind == Request::Kind::service ? admit_service(visit) : admit_matter(visit);
    if (!admitted) {
        return admitted;
    }
    if (auto settled = settle_quota(*admitted, visit, quotas); !settled) {
        return fail(std::move(settled.error()));
    }
    for (const Ticket& ticket : admitted->tickets) {
        if (auto counted = count_guesses(visit, ticket, quotas); !counted) {
            return fail(std::move(counted.error()));
        }
    }
    return admitted;
}

}  // namespace datong::exchange
