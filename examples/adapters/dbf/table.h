#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dbf {

/// What ends a call: `is_down` when the table could not be read, else it is no table. Never a value.
struct Trouble {
    bool is_down{};
    std::string why;
};

struct Column {
    std::string name;  ///< in the table's charset, at most 10 octets
    char type{};       ///< C, N, F, D, L; M and others are not read
    std::size_t at{};  ///< octets from the record's begin
    std::size_t size{};
};

/// A table of dBase III or IV, read row by row from its begin to its end; nothing of it is believed.
///
/// Source: dBASE Table File Format (III: version 03h/83h, IV: 8Bh and others of its header); the header
/// has 32 octets, then 32 a column, then 0Dh; a record begins with ' ' or, when it is deleted, '*'.
class Table {
public:
    /// Opens no link, pipe or device. Throws Trouble: not there, over `max_file`, locked in a transaction,
    /// encrypted, or a header that contradicts itself or the file's size.
    Table(const std::string& path, std::size_t max_file);
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    ~Table();

    [[nodiscard]] const std::vector<Column>& columns() const noexcept { return columns_; }

    /// Shows every record that is not deleted until `see` returns false.
    /// @param record  whole, with the octet in front; cell() takes a column of it.
    /// Throws Trouble for a record that is none, a file that was cut off or changed while it was read.
    void scan(const std::function<bool(std::string_view record)>& see);

    /// A cell as it stands, without the blanks that fill its column.
    [[nodiscard]] static std::string_view cell(std::string_view record, const Column& column);

private:
    void read_header();
    void check_end() const;
    void read_columns(std::string_view area);
    void read_at(std::size_t offset, char* into, std::size_t count) const;

    int file_;
    std::size_t file_size_{};
    std::int64_t changed_{};
    std::size_t header_size_{};
    std::size_t record_size_{};
    std::size_t record_count_{};
    std::vector<Column> columns_;
};

}  // namespace dbf
