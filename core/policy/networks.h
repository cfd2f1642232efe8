#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/base/result.h"

namespace datong::policy {

/// Addresses from which a consumer may call, as "10.1.0.0/16", "2001:db8::/32" or one address. IPv4 stands among the
/// mapped addresses of IPv6, so that both spellings of one address are the same. Source: RFC 4632, 3.1; RFC 4291, 2.2
/// and 2.3.
class Network {
public:
    /// @return Fault::bad_request for what is neither, and for bits behind the prefix, which mostly are a slip.
    [[nodiscard]] static Result<Network> parse(std::string_view text);

    /// @param address  as policy::Peer has it; what is no address is in no network.
    [[nodiscard]] bool holds(std::string_view address) const;

private:
    std::array<unsigned char, 16> first_{};
    unsigned bits_{};  ///< of the prefix, 0 to 128
};

/// Whether the connection comes from where the consumer may call from.
/// @param networks  the consumer's; none: from anywhere.
/// @return Fault::wrong_certificate: the connection is not theirs.
[[nodiscard]] Status check_address(std::span<const Network> networks, std::string_view address);

}  // namespace datong::policy
