#include "examples/departments/gas_archive.h"

#include <cctype>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr const char* kFile = "GAS_USER.DBF";

struct Column {
    std::string_view name;
    char type;  ///< C text, N number, D day, L logical
    std::size_t size;
};
constexpr Column kColumns[] = {
    {"YHBH", 'C', 12}, {"YHMC", 'C', 120}, {"ZJHM", 'C', 18}, {"LXDH", 'C', 11}, {"YQDZ", 'C', 80}, {"BXH", 'C', 14},
    {"BLX", 'C', 1},   {"YQXZ", 'C', 1},   {"KHRQ", 'D', 8},  {"YCBDS", 'N', 9}, {"CBRQ", 'D', 8},  {"YE", 'N', 12},
    {"QFJE", 'N', 12}, {"AJRQ", 'D', 8},   {"AJJG", 'C', 1},  {"GHBZ", 'L', 1},  {"ZT", 'C', 1}};
using Cells = std::vector<std::string>;

std::string little(std::size_t value, int octets) {
    std::string text;
    for (int i = 0; i < octets; ++i, value >>= 8U) {
        text += static_cast<char>(value & 0xFFU);
    }
    return text;
}

/// Numbers stand at the right; one that does not fit is stars, as dBase writes it.
std::string cell_of(const Column& column, std::string octets) {
    if (column.type == 'N' && octets.size() > column.size) {
        return std::string(column.size, '*');
    }
    return column.type == 'N' ? std::string(column.size - octets.size(), ' ') + octets
                              : fixed_column(std::move(octets), column.size);
}

std::string record_of(char mark, const Cells& cells) {
    std::string record{mark};
    for (std::size_t i = 0; i < std::size(kColumns); ++i) {
        record += cell_of(kColumns[i], cells[i]);
    }
    return record;
}

/// Source: dBASE Table File Format, level III: 32 octets, 32 a column, 0Dh, the records, 1Ah.
std::string table_of(const std::vector<std::string>& records) {
    std::string columns;
    std::size_t size = 1;
    for (const Column& column : kColumns) {
        columns += std::string{column.name} + std::string(11 - column.name.size(), '\0');
        columns += column.type + std::string(4, '\0') + little(column.size, 1);
        columns += little(column.type == 'N' && column.size == 12 ? 2 : 0, 1) + std::string(14, '\0');
        size += column.size;
    }
    std::string table = std::string{"\x03\x7E\x06\x1E", 4} + little(records.size(), 4);
    table += little(32 + columns.size() + 1, 2) + little(size, 2) + std::string(20, '\0') + columns + '\r';
    for (const std::string& record : records) {
        table += record;
    }
    return table + '\x1A';
}

std::string lower_x(std::string id) {
    id.back() = static_cast<char>(std::tolower(static_cast<unsigned char>(id.back())));
    return id;
}

/// The user of flat `index`, told with the number of `asked`: not the same only where the switch says so.
Cells user(const Town& town, std::size_t index, std::size_t asked, Trouble trouble) {
    const Person& person = town.persons[index];
    const Flat& flat = town.flats[index];
    const auto number = static_cast<std::int64_t>(index);
    const auto text = [trouble](const std::string& utf8) {
        return trouble == Trouble::wrong_encoding ? utf8 : to_gb18030(utf8);
    };
    const bool is_checked = index % 7 != 3;
    return {"G" + fixed_number(number + 30'000, 9),
            text(person.name),
            index % 5 == 2 ? comparable_id(town.persons[asked].id) : lower_x(town.persons[asked].id),
            person.phone,
            text(flat.location),
            "GM" + fixed_number(number * 31 + 5, 10),
            std::to_string(index % 3 + 1),
            index % 30 == 29 ? "2" : "1",
            flat.registered,
            std::to_string(120 + number * 17 % 3'000),
            "20240615",
            trouble == Trouble::malformed ? std::string(20, '9') : yuan(number * 211 % 30'000),
            index % 9 == 4 ? "88.20" : "0.00",
            is_checked ? "20240" + std::to_string(index % 6 + 1) + "20" : "",
            is_checked ? (index % 11 == 8 ? "1" : "0") : "",
            index % 13 == 6 ? "T" : (index % 2 == 0 ? "F" : "?"),
            index % 25 == 24 ? "2" : "1"};
}

std::string archive(const Town& town, Trouble trouble) {
    std::vector<std::string> records;
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const Cells cells = user(town, told_instead(i, trouble), i, trouble);
        if (i % 4 == 1) {
            Cells former = cells;  // the same person, at the flat before
            former[4] = to_gb18030("示例市旧城区样例巷1号");
            former[16] = "9";
            records.push_back(record_of('*', former));
        }
        records.push_back(record_of(' ', cells));
    }
    const std::string table = table_of(records);
    return trouble == Trouble::partial ? table.substr(0, table.size() / 2) : table;
}

}  // namespace

GasArchive::GasArchive(const Town& town, Faults& faults, std::filesystem::path folder)
    : town_{town}, faults_{faults}, folder_{std::move(folder)} {
    std::filesystem::create_directories(folder_);
    follow_switch();
    faults_.on_change(System::gas, [this] { follow_switch(); });
}

void GasArchive::follow_switch() const {
    const Trouble trouble = faults_.peek(System::gas).trouble;
    const std::filesystem::path file = folder_ / kFile;
    if (trouble == Trouble::down) {
        std::filesystem::remove(file);
        return;
    }
    const std::string made = file.string() + ".tmp";
    std::ofstream{made, std::ios::binary} << archive(town_, trouble);
    std::filesystem::rename(made, file);
}

}  // namespace datong::departments
