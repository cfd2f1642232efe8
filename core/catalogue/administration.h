#pragma once

#include <optional>
#include <string>

#include "core/accounts/limits.h"
#include "core/catalogue/load.h"
#include "core/codec/settings.h"

namespace datong::catalogue {

/// Who may administer, of gateway.yaml's `admin`. It is no part of a snapshot: a reload does not change it.
struct Administration {
    bool has_accounts{};  ///< `accounts: required`; else whoever reaches the listener is `local`
    accounts::Limits limits{};
    bool operator==(const Administration&) const = default;
};

/// The members of `admin` beside its listener: accounts, lock, sessions.
[[nodiscard]] Administration read_administration(codec::SettingsReader& admin, Mistakes& mistakes);

/// The same of a file, which a load has checked before.
/// @return its mistakes.
[[nodiscard]] tl::expected<Administration, Mistakes> load_administration(const std::string& gateway_file,
                                                                         const Files& files);

}  // namespace datong::catalogue
