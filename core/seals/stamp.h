#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"
#include "core/seals/seal.h"

namespace datong::seals {

/// How far the clock of a time-stamping authority may be behind ours.
inline constexpr std::chrono::seconds kStampSkew{60};

/// A time-stamping authority's word on a seal: a record of the log itself.
struct Stamp {
    std::string at;        ///< RFC 3339: when it was fetched, by our clock
    std::uint64_t seal{};  ///< number of the seal's record
    std::string token;     ///< DER TimeStampToken (RFC 3161), its imprint the SHA-256 of the seal's compact JWS
};

/// The log's entry, of kind "stamp".
[[nodiscard]] std::string to_json(const Stamp& stamp);
/// @return Fault::bad_request when a member is missing or of the wrong shape.
[[nodiscard]] Result<Stamp> read_stamp(const record::Record& entry);

/// What a stamp is about, as short as it can be kept.
struct Stampable {
    std::uint64_t number{};  ///< of the seal's record
    std::string imprint;     ///< 32 octets
    std::chrono::system_clock::time_point at;
};
/// @return Fault::bad_request for a seal whose time can't be read.
[[nodiscard]] Result<Stampable> stampable(std::uint64_t number, const Seal& seal);

/// Which authorities are believed.
struct StampTrust {
    std::vector<std::string> anchors;  ///< PEM: authorities, or their time-stamping certificates
    std::string policy{};              ///< object identifier that a token must name; empty: any
};

/// The code of what is wrong with a token over a seal: "stamp_token", "stamp_time"; empty when nothing is.
struct StampVerdict {
    std::string_view reason;
    std::string why;  ///< of the library, for operators
    std::chrono::system_clock::time_point at;
};
/// @param nonce  of the request whose answer it is; empty: of a stamp that was kept.
[[nodiscard]] StampVerdict check_stamp(const std::string& token, const Stampable& seal, const StampTrust& trust,
                                       const std::string& nonce = {});

}  // namespace datong::seals
