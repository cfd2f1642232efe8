#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/base/result.h"
#include "core/catalogue/granting.h"

namespace datong::access {

/// The files of approved grants, by their names.
using GrantFiles = std::map<std::string, std::string>;

/// What a roll is signed with.
struct RollSigner {
    catalogue::FindRollKey find_key;  ///< to read the roll that is there
    std::uint64_t last{};             ///< number of the roll that was signed last: an older one was put back
    std::string keyid{};              ///< that signs now: a roll by an older key is signed anew
    /// Signs these grants as the next roll.
    std::function<Result<std::string>(const std::set<std::pair<std::string, std::string>>& grants)> sign;
};

/// Brings a folder to hold those grants and a roll that names them, in steps of which each leaves grants that load: a
/// roll of the old and the new ones, the files, the roll of the new ones. A file that no roll named is left where it
/// is, for whoever loads the configuration to find.
/// @param folder  with '/' at its end; made where it is missing.
/// @return whether anything was written; Fault::internal naming the path that could not be.
[[nodiscard]] Result<bool> publish(const std::string& folder, const GrantFiles& grants, const RollSigner& signer);

}  // namespace datong::access
