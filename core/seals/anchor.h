#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::seals {

/// The newest seal as it is published elsewhere (锚): whoever kept it sees whether a folder was rolled back behind it
/// or made anew, even by somebody who holds the gateway's key.
struct Anchor {
    std::uint64_t seal{};  ///< number of the seal's record
    std::string jws;       ///< compact, of the seal
};

/// {"seal":NUMBER,"jws":"..."} and a line break.
[[nodiscard]] std::string to_json(const Anchor& anchor);
/// @return Fault::bad_request for what is no anchor. Its signature is not looked at.
[[nodiscard]] Result<Anchor> read_anchor(std::string_view text);

/// Replaces the file in one step, durably. @return Fault::unavailable when it can't.
[[nodiscard]] Status write_anchor(const std::string& file, const Anchor& anchor);

}  // namespace datong::seals
