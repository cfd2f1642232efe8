#pragma once

#include <string>
#include <string_view>

#include "core/accounts/problem.h"
#include "core/base/guarded.h"
#include "core/crypto/cipher.h"

namespace datong::accounts {

/// What is kept of a password: "scrypt$32768$8$3$SALT$KEY" (n, r, p; both in base64url). A fresh salt each time.
/// Source: RFC 7914.
[[nodiscard]] Result<std::string> keep_password(const Secret& password, const crypto::ScryptCost& cost);

/// Whether it is the password that was kept. With an empty `kept` it is not, and takes as long as at that cost.
[[nodiscard]] bool is_password(const Secret& password, std::string_view kept, const crypto::ScryptCost& cost);

/// Whether somebody may choose it: 12 to 128 characters, not the account's name or around it, not one of the common
/// words, not digits alone, not few characters over and over.
/// @return password_unfit with what is wrong.
[[nodiscard]] Outcome<void> check_password(const Secret& password, std::string_view account);

/// A first password for somebody else to change: 5 groups of 4 letters and digits that are not mistaken for others.
[[nodiscard]] Secret new_password();

}  // namespace datong::accounts
