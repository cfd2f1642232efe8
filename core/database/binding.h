#pragma once

#include <string>

#include "core/database/connection.h"

namespace datong::database {

/// A field as it is bound: text in the database's charset, nothing for null or what is missing.
/// @return Fault::request_invalid for what is no single value, holds a zero octet, or a character that the charset
///         lacks; it names the parameter and never the value.
[[nodiscard]] Result<Value> bind(const record::Record* field, const std::string& name, charset::Charset charset);

/// What a statement's names are bound to, out of an object of fields.
[[nodiscard]] Result<Values> bind_all(const Statement& statement, const record::Record& fields,
                                      charset::Charset charset);

}  // namespace datong::database
