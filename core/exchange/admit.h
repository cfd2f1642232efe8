#pragma once

#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/consent/book.h"
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
/// Predicates of a matter with the values that the call brings.
[[nodiscard]] std::vector<policy::Predicate> filled(const policy::Context& context,
                                                    std::vector<policy::Predicate> verify);

/// Whether a call registers a consent, looks at one or revokes it.
[[nodiscard]] bool is_about_consent(Request::Kind kind);

/// Whether a call is about something that is here, and asks no department.
[[nodiscard]] bool is_lookup(Request::Kind kind);

/// Whether anything may be asked or sent for the first time. Of a submission that went out before, its case may be
/// closed by now: what became of it is told all the same.
[[nodiscard]] bool may_send(const Visit& visit);

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
/// matter needs that it is for, of the person whom it is about. @param request  as it was read.
[[nodiscard]] std::vector<std::string> fields_of_call(const catalogue::Snapshot& snapshot, const Request& request,
                                                      const policy::Grant& grant);
/// Whether the matter that a direct call is for asks the service about a person in that role, or leaves the service to
/// the grant alone.
[[nodiscard]] bool is_asked_of(const catalogue::Snapshot& snapshot, const Request& request);
/// What of a matter's material may be seen under a grant.
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

// The consent of a call (docs/consent.md); in consents.cpp.

/// Compares the consent that a call names with what it asks, and puts it into the visit. Of a direct call the consent
/// must fit; of a matter each material goes by it that it names, and one that needs it and does not get it is withheld.
/// @param admitted  outlives the work.
/// @return Fault::consent_required, consent_not_accepted, or unavailable where the book can't be read.
[[nodiscard]] boost::asio::awaitable<Status> check_consent(std::shared_ptr<Visit> visit, Admitted* admitted,
                                                           consent::Book book);
/// Of a call that brings a consent: verifies it, and puts it into the visit.
/// @return Fault::bad_request, consent_not_accepted.
[[nodiscard]] Status read_consent(Visit& visit);
/// Takes one use of the call's consent, durably, before a department is asked; none where nothing goes by one.
/// @return Fault::consent_not_accepted where none is left or it was revoked meanwhile.
[[nodiscard]] boost::asio::awaitable<Status> take_use(std::shared_ptr<const Visit> visit, bool is_by_consent,
                                                      consent::Book book);
/// Whether a submission that was sent before may be sent again: under a consent only as long as that lets it.
/// @return consent_required, consent_not_accepted, or unavailable where that can't be known.
[[nodiscard]] boost::asio::awaitable<Status> may_send_again(std::shared_ptr<const Visit> visit, Ticket ticket,
                                                            consent::Book book);
/// Whether what was found by the call's consent may still be given, now that departments have answered.
/// @return as still_holds(); good where no use was taken.
[[nodiscard]] boost::asio::awaitable<Status> look_again_at_consent(std::shared_ptr<const Visit> visit,
                                                                   std::chrono::system_clock::time_point now,
                                                                   consent::Book book);
/// Whether a service, or the grant that lets it be asked, needs a consent.
[[nodiscard]] bool needs_consent(const catalogue::Service* service, const policy::Grant* grant);
/// Tickets that go by consent are asked no more, for that reason; the other materials of the matter go on.
void withhold_by_consent(std::vector<Ticket>& tickets, const Error& why);
/// Notes whether a material that went by consent told anything.
void note_told(const Visit& visit, bool is_by_consent, const Attempt<Certificate>& result);
/// A use by which nothing was told does not count.
[[nodiscard]] boost::asio::awaitable<void> settle_use(std::shared_ptr<const Visit> visit, consent::Book book);
/// Whether what was got by a consent may still be given. @param id  empty: it was got by none.
/// @return as Book::still_holds().
[[nodiscard]] boost::asio::awaitable<Status> still_holds(std::shared_ptr<const catalogue::Snapshot> snapshot,
                                                         std::string id, std::string consumer,
                                                         std::chrono::system_clock::time_point now, consent::Book book);
/// Registers a consent, tells how it stands, or revokes it: a call without a department.
[[nodiscard]] boost::asio::awaitable<Answer> answer_consent(std::shared_ptr<const Visit> visit, consent::Book book);

}  // namespace datong::exchange
