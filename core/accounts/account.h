#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/accounts/actor.h"
#include "core/base/guarded.h"
#include "core/record/record.h"

namespace datong::accounts {

/// One named account (账号) of somebody who administers, without its secrets.
struct Account {
    std::string name;            ///< login name: [a-z][a-z0-9._-]*, at most 32
    Personal display{};          ///< the person's own name
    std::string organisation{};  ///< id of a department or consumer; empty: the gateway's own people
    std::vector<Role> roles{};
    std::vector<std::string> territory{};  ///< divisions (GB/T 2260), by prefix
    bool disabled{};
    bool has_to_change_password{};
    std::string x509{};      ///< "SERIAL ISSUER" of the client certificate that it signs in by; empty: by password
    std::int64_t created{};  ///< unix seconds
    std::int64_t changed{};

    [[nodiscard]] Actor actor() const;
};

/// An account with what is kept of its secrets.
struct KeptAccount {
    Account account;
    std::string password{};    ///< as keep_password() gives it; empty: none
    std::string totp{};        ///< sealed; empty: none
    std::int64_t totp_step{};  ///< of the last code that was used: no code of it or before is taken again
    /// Account that gave the password, or the second factor, that stands now and may know it; empty: its owner.
    std::string password_by{};
    std::string totp_by{};
    std::int64_t revision{};  ///< goes up with every change: what was decided on an older one is not carried out
};

/// A prefix of divisions' codes: to the province, city, county, township or village.
/// Source: GB/T 2260-2007, 3.2; GB/T 10114-2003, 3.
[[nodiscard]] bool is_division(std::string_view text);

/// Checks everything but roles, which read_roles() does: name, organisation (where the roles need one) and territory.
/// @return account_unfit with what is wrong.
[[nodiscard]] Outcome<void> check_account(const Account& account);

/// For the admin API: {account, display?, organisation?, roles, territory, state, signs_in_by, created, changed,
/// locked_until?}. @param locked  unix seconds; 0: it is not.
[[nodiscard]] record::Record to_record(const Account& account, std::int64_t locked = 0);

}  // namespace datong::accounts
