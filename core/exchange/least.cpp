#include <set>
#include <string>
#include <utility>

#include "core/base/text.h"
#include "core/catalogue/granting.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/exchange/admit.h"
#include "core/policy/fields.h"

// Least data: what of a service a call may see, and how much it tries and asks about within the hour.
namespace datong::exchange {
namespace {

using policy::Circle;
using policy::Tally;

/// Of an HMAC as many octets as a short text holds without room of its own: 120 bits tell persons apart.
constexpr std::size_t kKept = 15;

std::string hidden(const Visit& visit, std::string_view text) {
    return crypto::hmac_sha256(visit.snapshot->gateway.subject_key.reveal(), text);
}

const catalogue::Needs* needs_of(const catalogue::Snapshot& snapshot, const Request& request) {
    return snapshot.needed(request.context.purpose, request.context.matter, request.name);
}

void add_guesses(Tally& tally, const Ticket& ticket, const std::string& person, std::uint64_t most) {
    const std::uint64_t count = policy::guesses_in(ticket.verify);
    tally.guesses.push_back(
        {.about = ticket.service->id + '\n' + person, .count = count, .most = ticket.service->guesses});
    tally.guesses.push_back({.about = '\n' + person, .count = count, .most = most});
}

/// A grant that says how many persons it is for counts its own; the others of a consumer count together.
void add_subject(Tally& tally, const Visit& visit, const policy::Grant& grant, const std::string& person,
                 const policy::Most& most) {
    const bool is_own = grant.most.subjects_per_hour.has_value();
    const std::string id = person.substr(0, kKept);
    tally.subjects.push_back({.circle = is_own ? Circle::grant : Circle::consumer,
                              .of = is_own ? grant.id : std::string{},
                              .id = id,
                              .most = *most.subjects_per_hour});
    if (most.operator_subjects_per_hour) {
        tally.subjects.push_back({.circle = Circle::account,
                                  .of = hidden(visit, visit.request.context.who.account).substr(0, kKept),
                                  .id = id,
                                  .most = *most.operator_subjects_per_hour});
    }
}

}  // namespace

std::vector<std::string> fields_of_call(const catalogue::Snapshot& snapshot, const Request& request,
                                        const policy::Grant& grant) {
    std::vector<std::string> fields = grant.fields_of(request.name);
    const catalogue::Service* service = snapshot.service(request.name);
    if (const auto* subset = service != nullptr ? service->subset(request.subset) : nullptr; subset != nullptr) {
        fields = policy::intersect(fields, subset->fields);
    }
    const catalogue::Needs* needed = needs_of(snapshot, request);
    if (needed == nullptr) {
        return fields;
    }
    const auto of_role = needed->find(request.about);
    return of_role != needed->end() ? policy::intersect(fields, of_role->second) : std::vector<std::string>{};
}

bool is_asked_of(const catalogue::Snapshot& snapshot, const Request& request) {
    const catalogue::Needs* needed = needs_of(snapshot, request);
    return needed == nullptr || needed->contains(request.about);
}

std::vector<std::string> fields_of_material(const catalogue::Material& material, const policy::Grant& grant) {
    std::vector<std::string> fields = grant.fields_of(material.service->id);
    if (material.subset != nullptr) {
        fields = policy::intersect(fields, material.subset->fields);
    }
    return material.fields.empty() ? fields : policy::intersect(fields, material.fields);
}

Result<policy::Tallied> tally(const Visit& visit, const Admitted& admitted, policy::Quotas& quotas) {
    Tally tally{.consumer = visit.claim.key->consumer->id};
    std::set<std::string> known;  // a material that stands in two lists is one question
    for (const Ticket& ticket : admitted.tickets) {
        if (ticket.grant == nullptr || ticket.about == nullptr || ticket.service->is_submit()) {
            continue;
        }
        const std::string person = hidden(visit, policy::subject_text(*ticket.about));
        const policy::Most most = catalogue::most_of(*ticket.grant, *ticket.service, visit.snapshot->gateway);
        add_subject(tally, visit, *ticket.grant, person, most);
        if (!ticket.verify.empty() && known
                                          .insert(ticket.service->id + '\n' + ticket.material + '\n' + person + '\n' +
                                                  codec::write_json(policy::to_record(ticket.verify)))
                                          .second) {
            add_guesses(tally, ticket, person, *most.guesses_per_hour);
        }
    }
    return quotas.tally(tally, visit.at);
}

policy::Missed missed_in(const Answer& answer) {
    constexpr std::string_view kOther = "person_mismatch";  // an id that is right, and somebody else's
    policy::Missed missed;
    for (const evidence::MaterialAnswered& one : answer.materials) {
        const bool is_missing = one.outcome == "not_found" || one.outcome == kOther;
        const bool is_there = one.outcome == "found" || one.outcome == "match" || one.outcome == "mismatch";
        missed.missing += is_missing ? 1 : 0;
        missed.answered += is_missing || is_there ? 1 : 0;
    }
    return missed;
}

}  // namespace datong::exchange
