#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::codec {

struct JsonLimits {
    std::size_t max_bytes = 32U << 20;
    int max_depth = 32;
    std::size_t max_nodes = 100'000;
};

/// Reads one JSON text from an untrusted peer: UTF-8 without a byte order mark, duplicate names and
/// unpaired surrogates refused, numbers kept as written.
/// @return Fault::bad_request with the offset and the reason, never the content; Fault::body_too_large
///         over max_bytes. Source: RFC 8259.
[[nodiscard]] Result<record::Record> read_json(std::string_view text, const JsonLimits& limits = {});

/// Compact JSON in the record's own order; only what must be escaped is. Bytes are not JSON: they
/// stand as base64 text.
[[nodiscard]] std::string write_json(const record::Record& value);
void append_json(std::string& out, const record::Record& value);
/// A JSON string with its quotes; the text must be well-formed UTF-8.
void append_json_text(std::string& out, std::string_view utf8);
/// write_json() with two blanks of indentation, for people.
[[nodiscard]] std::string write_json_for_people(const record::Record& value);

}  // namespace datong::codec
