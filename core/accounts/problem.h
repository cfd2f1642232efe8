#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "core/base/result.h"

namespace datong::accounts {

/// Why somebody who administers is refused: as the admin API answers it and the evidence records it.
/// All text but `detail` is static.
struct Problem {
    std::string_view code;  ///< stable, snake_case: "roles_conflict"
    int status{};           ///< HTTP
    std::string_view title_zh;
    std::string_view title_en;
    std::string detail{};  ///< for the administrator; never personal, never a secret
    std::chrono::seconds retry_after{};
    std::string_view recorded{};  ///< what the evidence says in place of the code, where the caller must not learn it
};

template <class T>
using Outcome = tl::expected<T, Problem>;

/// Every way in which this room refuses; one row each in problem.cpp.
enum class Refused {
    not_signed_in,       ///< no session was shown
    session_over,        ///< the session is none, or no longer
    sign_in_refused,     ///< name, password or second factor; the caller does not learn which
    account_locked,      ///< too many failures in a row
    too_many_attempts,   ///< from one address
    password_to_change,  ///< before anything else
    role_missing,        ///< another role may do it
    roles_unknown,
    roles_conflict,      ///< roles that restrain each other in one account
    own_account,         ///< nobody changes what he himself may do
    other_organisation,  ///< of another department or consumer
    outside_territory,
    reason_missing,
    reason_unfit,  ///< too long, or with something that may be a person's number
    account_unknown,
    account_exists,
    account_changed,  ///< somebody else changed it meanwhile
    account_unfit,    ///< a member of it is not acceptable
    password_unfit,
    x509_unfit,
    second_person_needed,  ///< one person gives nobody both factors
    others_can_help,       ///< another security administrator may renew what was lost
};

/// @param recorded  what the evidence says instead; static text.
[[nodiscard]] tl::unexpected<Problem> refuse(Refused why, std::string detail = {}, std::string_view recorded = {});
[[nodiscard]] Problem problem_of(Refused why, std::string detail = {});
/// A fault of the gateway's as a problem.
[[nodiscard]] Problem problem_of(const Error& why);

}  // namespace datong::accounts
