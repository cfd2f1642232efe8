#pragma once

#include <vector>

#include "core/base/clock.h"
#include "core/exchange/call.h"
#include "core/policy/quotas.h"
#include "core/policy/replay.h"

namespace datong::exchange {

/// What may be asked, after who calls, what for and for whom has been checked.
struct Admitted {
    const catalogue::Matter* matter{};  ///< nullptr for a direct call of a service
    std::vector<Ticket> tickets;        ///< of a service one; of a matter those of every list, in its order
    bool case_required{};
    bool submits{};             ///< every ticket is of a service of kind submit
    std::string grants;         ///< their ids, for the evidence
    policy::Tallied tallied{};  ///< whom it asks about, as the hour counts them
};

/// The query of a matter's material: constants, and what its paths into the call name.
[[nodiscard]] record::Record query_of(const policy::Context& context, const catalogue::Material& material);

/// Whether a call looks something up that is here, and asks no department.
[[nodiscard]] bool is_lookup(Request::Kind kind);

/// Whether the connection is the consumer's own, by its certificate and its address.
[[nodiscard]] Status check_connection(const catalogue::Consumer& consumer, const policy::Peer& peer);

/// One material of a matter once more, after its call was answered: under the grants, quotas and the matter of now.
/// @param visit  with the call's request, `first` set.
/// @return Fault::not_permitted when the matter, the material or its grant is gone; quota_exceeded.
[[nodiscard]] Result<Admitted> admit_again(const Visit& visit, std::string_view material, std::string_view service,
                                           policy::Quotas& quotas);

/// What was promised of the material that a ticket is for, with the values that the call brought; empty: nothing.
[[nodiscard]] std::vector<policy::Predicate> promise_of(const policy::Context& context, const catalogue::Matter& matter,
                                                        const Ticket& ticket);

/// What a direct call of a service may see under a grant: no more than the subset that it names, nor than what the
/// matter needs that it is for. @param request  as it was read.
[[nodiscard]] std::vector<std::string> fields_of_call(const catalogue::Snapshot& snapshot, const Request& request,
                                                      const policy::Grant& grant);
/// The same of a matter's material.
[[nodiscard]] std::vector<std::string> fields_of_material(const catalogue::Material& material,
                                                          const policy::Grant& grant);

/// Counts whom a call asks about, and its predicates: all, or nothing where an hour's cap is reached. A submission asks
/// about nobody.
/// @return Fault::guesses_exceeded, subjects_exceeded.
[[nodiscard]] Result<policy::Tallied> tally(const Visit& visit, const Admitted& admitted, policy::Quotas& quotas);

/// How many of the departments that answered had no such record, or that of somebody else.
[[nodiscard]] policy::Missed missed_in(const Answer& answer);

/// Grant, purpose, territory, quota, then the service: in this order, so that a
/// stranger can't find out what exists. Plain code; nothing here waits.
/// @param visit  proven and read; the tickets point into it.
[[nodiscard]] Result<Admitted> admit(const Visit& visit, policy::Quotas& quotas);

}  // namespace datong::exchange
