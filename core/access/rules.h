#pragma once

#include <string>

#include "core/accounts/problem.h"

namespace datong::access {

/// Every way in which this room refuses, beside those of accounts; one row each in rules.cpp.
enum class Rule {
    application_invalid,  ///< the application itself: its mistakes stand in the detail, a line each
    application_unknown,
    wrong_state,         ///< what is asked for does not go with the application's state
    validity_over,       ///< what is applied for is over
    applicant_approves,  ///< who applied
    approved_twice,      ///< one account
    capacity_filled,     ///< a second one of the same department, or of security
    not_an_approver,     ///< neither of a department whose data it is, nor security
    accounts_off,        ///< nobody can be two persons where nobody signs in
    digest_missing,      ///< who decides did not say which text they read
    changed_meanwhile,   ///< it reads otherwise now than what the approver read
    too_many,            ///< open applications of one organisation, or steps of one application
};

[[nodiscard]] tl::unexpected<accounts::Problem> refuse(Rule why, std::string detail = {});

}  // namespace datong::access
