#pragma once

#include "core/evidence/entry.h"
#include "core/exchange/admit.h"
#include "core/exchange/call.h"

namespace datong::exchange {

/// Hex HMAC of a person under the gateway's subject key, by which the vault finds the names that they have in the
/// evidence; earlier versions recorded it itself.
[[nodiscard]] std::string person_hmac(const Visit& visit, const policy::Person& person);
/// Whom a call names, so that "who asked about me" can be answered for each of them.
struct PersonsNamed {
    std::vector<std::string> roles;
    std::vector<std::string> persons;  ///< hex HMACs, in the order of the roles
};
[[nodiscard]] PersonsNamed persons_of(const Visit& visit);
/// What is kept of request and answer: of several services the least that one of them allows.
[[nodiscard]] vault::Policy bodies_policy(const Visit& visit, const Admitted& admitted);
/// Request, replies and answer as they are to be kept; empty where nothing is.
[[nodiscard]] vault::Bodies bodies_of(const Visit& visit, const std::string& answer);
/// A leaf's place with every index of a list as "*": who reads the log learns which fields were shown, not how many.
[[nodiscard]] std::string field_of(std::string_view pointer);
/// What became of one material, for the evidence.
[[nodiscard]] evidence::MaterialAnswered answered(const catalogue::Service& service, std::string material,
                                                  const Attempt<Certificate>& result);

/// What is written before the department is called: who, why, for whom (as Visit::persons says), under which grant,
/// by which mappings. Of a description, for which nobody is asked: who, and its path.
[[nodiscard]] evidence::Intent intent_of(const Visit& visit, const Admitted& admitted);

/// What the caller signed of the request, in hex; of a stranger's, the whole body.
[[nodiscard]] std::string digest_of_request(const Visit& visit);

/// The service or matter that was called, where it is one of ours: what a stranger invents is no name
/// for a log line or a metric.
[[nodiscard]] std::string known_name(const Visit& visit);

/// What was called, for a log line, a metric and the evidence: a service, a matter, or of a description its path.
[[nodiscard]] std::string name_of_call(const Visit& visit);

/// What is written before the consumer is answered.
[[nodiscard]] evidence::Outcome outcome_of(const Visit& visit, const Answer& answer, const Sealed& sealed,
                                           std::chrono::system_clock::time_point now);

/// The one record of a call that was refused before any department was asked.
[[nodiscard]] evidence::Refusal refusal_of(const Visit& visit, const Error& why, const Sealed& sealed,
                                           std::chrono::system_clock::time_point now);

}  // namespace datong::exchange
