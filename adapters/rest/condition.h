#pragma once

#include <string>
#include <string_view>

#include "core/adapter/pattern.h"
#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/charset/charset.h"

namespace datong::adapters::rest {

/// Whether every place of a condition ("GMSFHM='{ID}' AND XM='{NAME}'") stands in single quotes, alone.
[[nodiscard]] bool is_condition(std::string_view text);

/// A value inside the quotes of an SQL-like condition that a department's interface takes as a text.
///
/// Which of them reads quotes how is not known, so nothing is escaped: a value of anything but ASCII letters and
/// digits, Han and Latin letters, blank and ". - : /" with the separator dots of names is refused. So is a value whose
/// last octet in the department's charset is a backslash (GBK 乗 is 81 5C): who reads octets would take the quote
/// behind it for a part of the value.
/// @return Fault::request_invalid, naming the field.
[[nodiscard]] Result<std::string> condition_value(const std::string& name, const std::string& value,
                                                  charset::Charset charset);

}  // namespace datong::adapters::rest
