#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace datong::support {

/// A dBase III table of character columns; cells in the charset that they are given in.
/// @param columns  name (at most 10 octets) and size.
inline std::string dbf_table(const std::vector<std::pair<std::string, std::size_t>>& columns,
                             const std::vector<std::vector<std::string>>& rows) {
    const auto little = [](std::size_t value, int octets) {
        std::string text;
        for (int i = 0; i < octets; ++i, value >>= 8U) {
            text += static_cast<char>(value & 0xFFU);
        }
        return text;
    };
    std::size_t record = 1;
    std::string area;
    for (const auto& [name, size] : columns) {
        std::string column = name + std::string(11 - name.size(), '\0') + 'C' + std::string(4, '\0');
        column += little(size, 1) + std::string(15, '\0');
        area += column;
        record += size;
    }
    std::string table = std::string{"\x03\x7E\x0B\x1D", 4} + little(rows.size(), 4);
    table += little(32 + area.size() + 1, 2) + little(record, 2) + std::string(20, '\0') + area + '\r';
    for (const auto& row : rows) {
        table += ' ';
        for (std::size_t i = 0; i < columns.size(); ++i) {
            table += row[i] + std::string(columns[i].second - row[i].size(), ' ');
        }
    }
    return table + '\x1A';
}

}  // namespace datong::support
