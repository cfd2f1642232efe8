#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/container/xades.h"

namespace datong::container {

inline constexpr std::string_view kMimetype = "application/vnd.etsi.asic-e+zip";
inline constexpr std::string_view kSignatures = "META-INF/signatures.xml";

/// The parts and their signature in one ZIP: `mimetype` first and stored. Source: ETSI EN 319 162-1, A.1.
[[nodiscard]] Result<std::string> write_asic(const std::vector<Part>& parts, std::string_view signatures,
                                             std::chrono::system_clock::time_point at);

/// How much a container may hold.
struct AsicLimits {
    std::size_t files = 200;
    std::size_t file = 64U << 20U;    ///< octets of one
    std::size_t whole = 128U << 20U;  ///< octets of all
};

/// Every file of a container by its name, `mimetype` among them, unpacked in memory. Refused: a first file that is not
/// `mimetype`, stored, with the right words; a name twice, also when only the case differs; names that leave the
/// folder they are unpacked in, or that a file system might read otherwise; folders; files that overlap, or octets
/// between them that belong to none; more than the limits, before it is unpacked.
/// @return Fault::bad_request, Fault::body_too_large.
[[nodiscard]] Result<std::map<std::string, std::string>> read_asic(std::string_view octets,
                                                                   const AsicLimits& limits = {});

}  // namespace datong::container
