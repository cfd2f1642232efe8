#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace datong::envelope {

/// A file that stands beside an envelope.
struct PackagedFile {
    std::string content_id;  ///< the envelope names it href="cid:CONTENT_ID"; [A-Za-z0-9.@_-]
    std::string media_type;
    std::shared_ptr<const std::string> octets;
};

/// A message of multipart/related: what is sent, one piece behind the other, without the files being copied.
struct Package {
    std::string content_type;
    std::string begin;                                       ///< up to the first file's octets
    std::vector<std::shared_ptr<const std::string>> rest{};  ///< files and what stands between and behind them
};

/// Packs an envelope that holds xop:Include elements, and the files that they name (MTOM).
/// @param version  of SOAP: "1.1" or "1.2".
/// @param files    at least one.
/// Source: XOP 1.0, 4 and 5; SOAP Message Transmission Optimization Mechanism, 3; RFC 2387, 3.
[[nodiscard]] Package pack(std::string_view envelope, std::string_view version, const std::vector<PackagedFile>& files);

/// The element that stands where the Base64 of a file would. Source: XOP 1.0, 2.1.
[[nodiscard]] std::string include_of(std::string_view content_id);

}  // namespace datong::envelope
