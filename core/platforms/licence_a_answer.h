#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/catalogue/caller_door.h"
#include "core/exchange/call.h"
#include "core/platforms/held_calls.h"

namespace datong::platforms {

/// What an operation of family A asks for.
enum class LicenceAsk {
    by_holder,      ///< all of a type that a holder has
    by_identifier,  ///< one that an answer told before
    by_qr_code,     ///< the same, the identifier in what a code says
    file,           ///< its sealed file, as it is
    address,        ///< an address where the file is for a short time
    fetch,          ///< the file, by that address
    verify,         ///< whether what is shown is right and in force
    verify_file,    ///< whether a file is the department's, octet by octet
    definition,     ///< which members a type of licences shows
};

// Reasons of refusals that have a status of their own; they speak of the request's form only.
inline constexpr std::string_view kNoType = "certTypeCode is no type of licences here";
inline constexpr std::string_view kBadType = "certTypeCode must have 21 characters";
inline constexpr std::string_view kBadHolderType = "holderTypeCode is not one that this type of licences has";
inline constexpr std::string_view kNoNumber = "certNo is required";
inline constexpr std::string_view kNotCompared = "certNo: this type of licences has no number";
inline constexpr std::string_view kNoFile = "this type of licences has no file, or none of that type";
inline constexpr std::string_view kNotTold = "certIdentifier was not told to you of late: ask by its holder first";

/// The answer as family A has it: {head: {status, message}, data}.
/// Source: china-exchange facts, seen in a city's specification: status codes 0 to 113; results of verifications 0
/// to 6.
/// @param answer  what becomes of it is what the evidence says.
/// @param held    where identifiers and addresses that are told are kept.
[[nodiscard]] std::string licence_a_answer(exchange::Answer& answer, const exchange::Visit& visit, LicenceAsk ask,
                                           HeldCalls& held);

/// A member of a request's data, also where a number stands for a text; empty: none.
[[nodiscard]] std::string member_of(const record::Record& data, std::string_view name);

/// The identifier that a request names, or its QR code does; empty: none.
/// @param data  of the request.
[[nodiscard]] std::string asked_identifier(const record::Record& data, LicenceAsk ask);

/// The predicates that a verification asks: what is shown first, then what says whether the licence is in force.
/// @param data  of the request. @return Fault::bad_request for a member of certData that the type has no column for,
/// and for a holder there who is not the one of the request.
[[nodiscard]] Result<record::Record> predicates_of(const catalogue::Licence& licence, const record::Record& data,
                                                   std::string_view today);

}  // namespace datong::platforms
