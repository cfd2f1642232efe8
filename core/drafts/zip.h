#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::drafts {

struct ZipLimits {
    std::size_t max_bytes = 16U << 20;  ///< of the archive
    std::size_t max_parts = 2'000;
    std::size_t max_part = 32U << 20;  ///< unpacked, each that is asked for
};

/// The parts of a ZIP archive, found by its directory and unpacked when asked for. Only what an office file needs:
/// stored and deflated parts; encryption, ZIP64 and archives of several files are refused. The bytes must outlive it.
/// Source: APPNOTE 6.3.3, 4.3; ISO/IEC 21320-1.
class Zip {
public:
    /// @return Fault::bad_request with what is wrong; Fault::body_too_large over the limits.
    [[nodiscard]] static Result<Zip> open(std::string_view bytes, const ZipLimits& limits = {});

    [[nodiscard]] std::vector<std::string> names() const;  ///< sorted
    /// @return Fault::bad_request when it is not there or damaged (the check sum tells), Fault::body_too_large when it
    ///         unpacks to more than the limit.
    [[nodiscard]] Result<std::string> read(std::string_view name) const;

private:
    struct Part {
        std::size_t offset{};  ///< of its local header
        std::size_t packed{};
        std::size_t unpacked{};
        std::uint32_t crc{};
        unsigned method{};
    };

    Zip(std::string_view bytes, const ZipLimits& limits) : bytes_{bytes}, limits_{limits} {}
    [[nodiscard]] Status read_directory(std::size_t at, std::size_t parts);

    std::string_view bytes_;
    ZipLimits limits_;
    std::map<std::string, Part, std::less<>> parts_;
};

}  // namespace datong::drafts
