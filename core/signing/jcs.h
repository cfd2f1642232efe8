#pragma once

#include <string>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::signing {

/// The one spelling of a JSON value that digests and signatures of other systems are made over: members sorted by
/// their UTF-16 code units, numbers as ECMAScript writes the nearest double, no blanks.
///
/// @return UTF-8 without a final line break; Fault::bad_request for a number beyond a double's range and for bytes,
///         which JSON has not.
/// Source: RFC 8785 (JSON Canonicalization Scheme), 3.2.
[[nodiscard]] Result<std::string> canonical_json(const record::Record& value);

/// A finite double as ECMAScript's Number::toString writes it; -0 is "0".
/// Source: RFC 8785, 3.2.2.3; ECMA-262, 6.1.6.1.20.
[[nodiscard]] std::string ecmascript_number(double value);

}  // namespace datong::signing
