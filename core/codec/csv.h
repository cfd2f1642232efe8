#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::codec {

using CsvRows = std::vector<std::vector<std::string>>;

/// Rows with the line of the file on which each begins, counted from 1.
struct CsvTable {
    CsvRows rows;
    std::vector<std::size_t> lines;
};

/// How a stranger's file is written, and how much of it is taken.
struct CsvForm {
    char separator = ',';
    std::size_t max_fields_a_row = 1024;
    std::size_t max_fields = 1'000'000;  ///< of the whole file: a field costs more than its one comma
};

/// Reads comma-separated rows: fields may be quoted, "" is a quote within quotes, lines end by CRLF or
/// LF, a byte order mark in front is skipped, empty lines are left out. Rows may differ in length.
/// @param utf8  at most 32 MiB.
/// @return Fault::bad_request with the line and the reason, never the content. Source: RFC 4180, 2.
[[nodiscard]] Result<CsvRows> read_csv(std::string_view utf8);

/// The same with the lines of the file: a row's number is not its line where lines are empty or quoted fields go on.
[[nodiscard]] Result<CsvTable> read_csv_table(std::string_view utf8);

/// The same of octets in any charset whose bytes below 40 (hex) stand for themselves: UTF-8, GBK, GB18030, Big5,
/// Latin 1. Fields stay octets, so that a bad character is that field's and not the file's.
/// @return Fault::bad_request as above and for more fields than the form takes; Fault::body_too_large.
[[nodiscard]] Result<CsvTable> read_csv_octets(std::string_view octets, const CsvForm& form = {});

/// The inverse, lines ended by CRLF; what must be quoted is.
/// @param mark  with a byte order mark, so that Excel and WPS take it for UTF-8.
[[nodiscard]] std::string write_csv(const CsvRows& rows, bool mark = false, char separator = ',');

}  // namespace datong::codec
