#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::codec {

using CsvRows = std::vector<std::vector<std::string>>;

/// Reads comma-separated rows: fields may be quoted, "" is a quote within quotes, lines end by CRLF or
/// LF, a byte order mark in front is skipped, empty lines are left out. Rows may differ in length.
/// @param utf8  at most 32 MiB.
/// @return Fault::bad_request with the line and the reason, never the content. Source: RFC 4180, 2.
[[nodiscard]] Result<CsvRows> read_csv(std::string_view utf8);

/// The inverse, lines ended by CRLF; what must be quoted is.
/// @param mark  with a byte order mark, so that Excel and WPS take it for UTF-8.
[[nodiscard]] std::string write_csv(const CsvRows& rows, bool mark = false);

}  // namespace datong::codec
