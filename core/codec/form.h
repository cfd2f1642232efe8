#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::codec {

struct FormField {
    std::string name;
    std::string value;
    bool operator==(const FormField&) const = default;
};

/// application/x-www-form-urlencoded: every octet but letters, digits and "*-._" is escaped, a blank is
/// "+", so that no name or value can add a field. Works on octets: encode the charset first.
/// Source: WHATWG URL Standard, 5.
[[nodiscard]] std::string write_form(const std::vector<FormField>& fields);

/// Members of an object as fields, a list as one field an item; null is an empty value.
/// @return Fault::internal for what is no object of scalars and lists of scalars.
[[nodiscard]] Result<std::string> write_form(const record::Record& object);

/// The fields in their order, as UTF-8; an empty part is skipped, a part without "=" has an empty value.
/// @return Fault::bad_request for a broken escape, for what is not UTF-8, and over 10,000 fields.
[[nodiscard]] Result<std::vector<FormField>> read_form(std::string_view text);

/// The same, names and values as the octets that were escaped, whatever their charset; of a name or value the
/// charset is the reader's to settle.
[[nodiscard]] Result<std::vector<FormField>> read_form_octets(std::string_view text);

}  // namespace datong::codec
