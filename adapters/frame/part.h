#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/mistake.h"

namespace datong::adapters::frame {

/// How octets are filled up to their size.
enum class Pad { zeros_left, blanks_left, blanks_right };

/// How a number stands in its octets.
enum class NumberForm { digits, big_endian, little_endian };

/// How a check value is made of a key and the octets it covers.
enum class MacKind {
    sha256_key_first,  ///< SHA-256(key, octets): the way of CNNONTAX. Not a MAC for new systems: it can be lengthened
    sha256_key_last,   ///< SHA-256(octets, key)
    hmac_sha256,       ///< RFC 2104
};

/// One part of a frame, in the order of the wire.
struct Part {
    enum class Kind {
        constant,  ///< always the same octets
        field,     ///< a value of the request, or what the department writes and we skip
        length,    ///< how many octets some parts have together
        body,      ///< the message that the mapping writes or reads
        mac,       ///< a check value in hexadecimal digits
    };

    std::string name;
    Kind kind{Kind::constant};
    Position where;                   ///< in the settings
    std::size_t size{};               ///< octets; of a body: 0
    std::string octets;               ///< of a constant; of a field: its value where nobody gives one
    Pad pad{Pad::blanks_right};       ///< of a field and of a length in digits
    NumberForm form{};                ///< of a length
    std::vector<std::size_t> covers;  ///< of a length what it counts, of a mac what it covers: places in the frame
    MacKind mac{};
    bool upper_case{};  ///< of a mac as we write it; read in either case
};

}  // namespace datong::adapters::frame
