#include "core/policy/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <string>

#include "core/base/text.h"

namespace datong::policy {
namespace {

using Octets = std::array<unsigned char, 16>;

constexpr unsigned kBits = 128;
constexpr unsigned kMapped = 96;  ///< bits before an IPv4 address, RFC 4291, 2.5.5.2

struct Address {
    Octets octets{};
    bool is_v4{};
};

std::optional<Address> read_address(std::string_view text) {
    const std::string terminated{text};
    Address read;
    if (inet_pton(AF_INET6, terminated.c_str(), read.octets.data()) == 1) {
        return read;
    }
    read.octets[10] = read.octets[11] = 0xFF;
    read.is_v4 = true;
    return inet_pton(AF_INET, terminated.c_str(), &read.octets[12]) == 1 ? std::optional{read} : std::nullopt;
}

/// The address with all bits behind the prefix off.
Octets cut(const Octets& octets, unsigned bits) {
    Octets prefix{};
    for (unsigned i = 0; i < octets.size(); ++i) {
        const unsigned here = bits > 8 * i ? std::min(8U, bits - 8 * i) : 0;
        prefix.at(i) = static_cast<unsigned char>(octets.at(i) & (0xFF00U >> here));
    }
    return prefix;
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = read_address(text.substr(0, slash));
    if (!address) {
        return fail(Fault::bad_request, "no address");
    }
    const unsigned most = address->is_v4 ? kBits - kMapped : kBits;
    const auto length = slash == std::string_view::npos ? most : to_whole_number(text.substr(slash + 1));
    if (!length || *length > most) {
        return fail(Fault::bad_request, "a prefix has 0 to " + std::to_string(most) + " bits");
    }
    Network network;
    network.bits_ = static_cast<unsigned>(*length) + (address->is_v4 ? kMapped : 0);
    network.first_ = address->octets;
    if (cut(network.first_, network.bits_) != network.first_) {
        return fail(Fault::bad_request, "the address has bits behind its prefix");
    }
    return network;
}

bool Network::holds(std::string_view address) const {
    const auto read = read_address(address);
    return read && cut(read->octets, bits_) == first_;
}

Status check_address(std::span<const Network> networks, std::string_view address) {
    const bool is_theirs =
        networks.empty() ||
        std::any_of(networks.begin(), networks.end(), [address](const Network& one) { return one.holds(address); });
    return is_theirs ? Status{} : fail(Fault::wrong_certificate, "the address is in none of the consumer's networks");
}

}  // namespace datong::policy
