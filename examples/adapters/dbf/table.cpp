#include "table.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dbf {
namespace {

constexpr std::size_t kHeader = 32;
constexpr std::size_t kColumn = 32;
constexpr std::size_t kMostColumns = 255;
constexpr std::size_t kMostRecord = 65'535;
constexpr std::size_t kChunk = 1U << 18U;  ///< octets read at once, at least one record

[[noreturn]] void refuse(const char* why) {
    throw Trouble{false, why};
}

std::size_t little(std::string_view bytes) {
    std::size_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

std::int64_t changed_at(const struct stat& status) {
    return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

bool is_version(char version) {
    constexpr std::string_view kVersions{"\x03\x04\x43\x63\x83\x8B\xCB\xF5"};
    return kVersions.find(version) != std::string_view::npos;
}

}  // namespace

Table::Table(const std::string& path, std::size_t max_file)
    : file_{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)} {
    struct stat status{};
    if (file_ < 0 || ::fstat(file_, &status) != 0) {
        throw Trouble{true, "the table can't be opened"};
    }
    try {
        if (!S_ISREG(status.st_mode)) {
            refuse("the table is no regular file");
        }
        file_size_ = static_cast<std::size_t>(status.st_size);
        changed_ = changed_at(status);
        if (file_size_ > max_file) {
            refuse("the table has more than max_file octets");
        }
        read_header();
    } catch (...) {
        ::close(file_);
        throw;
    }
}

Table::~Table() {
    ::close(file_);
}

void Table::read_at(std::size_t offset, char* into, std::size_t count) const {
    while (count > 0) {
        const ssize_t got = ::pread(file_, into, count, static_cast<off_t>(offset));
        if (got == 0) {
            refuse("the table is cut off");
        }
        if (got < 0 && errno != EINTR) {
            throw Trouble{true, "the table can't be read"};
        }
        if (got > 0) {
            offset += static_cast<std::size_t>(got);
            into += got;
            count -= static_cast<std::size_t>(got);
        }
    }
}

void Table::read_header() {
    if (file_size_ < kHeader + 1) {
        refuse("the table has no header");
    }
    std::string header(kHeader, '\0');
    read_at(0, header.data(), header.size());
    const std::string_view view{header};
    record_count_ = little(view.substr(4, 4));
    header_size_ = little(view.substr(8, 2));
    record_size_ = little(view.substr(10, 2));
    if (!is_version(header[0])) {
        refuse("the table is not of dBase III or IV");
    }
    if (header[14] != 0) {
        throw Trouble{true, "the table is in the middle of a transaction"};
    }
    if (header[15] != 0) {
        refuse("the table is encrypted");
    }
    if (header_size_ < kHeader + kColumn + 1 || header_size_ > file_size_ || record_size_ < 2) {
        refuse("the header contradicts itself");
    }
    if (record_count_ > (file_size_ - header_size_) / record_size_) {
        refuse("the table has fewer records than it says");
    }
    std::string area(header_size_ - kHeader, '\0');
    read_at(kHeader, area.data(), area.size());
    read_columns(area);
    check_end();
}

/// Who exports a table writes the number of records when it closes, over 0 or an older one: until then, and for good
/// where it broke off, rows stand behind those that count, and an empty table has no end.
void Table::check_end() const {
    const std::size_t end = header_size_ + record_count_ * record_size_;
    char behind = '\0';
    if (end < file_size_) {
        read_at(end, &behind, 1);
    }
    const bool is_row = behind == ' ' || behind == '*';
    if (is_row || (record_count_ == 0 && behind != '\x1A')) {
        throw Trouble{true, "the table is still being written, or was never closed"};
    }
}

void Table::read_columns(std::string_view area) {
    std::size_t at = 1;  // behind the octet that says whether the record is deleted
    while (!area.empty() && area.front() != '\r') {
        if (area.size() < kColumn || columns_.size() == kMostColumns) {
            refuse("the columns do not end");
        }
        const std::string_view name = area.substr(0, area.substr(0, 11).find('\0'));
        Column column{std::string{name}, area[11], at, little(area.substr(16, 1))};
        if (column.type == 'C') {  // long texts keep their upper octet where numbers have their decimals
            column.size += little(area.substr(17, 1)) << 8U;
        }
        const bool is_twice = std::any_of(columns_.begin(), columns_.end(),
                                          [&](const Column& other) { return other.name == column.name; });
        if (name.empty() || name.size() > 10 || column.size == 0 || is_twice) {
            refuse("a column has no name, no size, or a name that stands twice");
        }
        at += column.size;
        columns_.push_back(std::move(column));
        area.remove_prefix(kColumn);
    }
    if (area.empty() || columns_.empty() || at != record_size_ || record_size_ > kMostRecord) {
        refuse("the columns do not make a record");
    }
}

void Table::scan(const std::function<bool(std::string_view)>& see) {
    const std::size_t most = std::max<std::size_t>(1, kChunk / record_size_);
    std::string chunk;
    for (std::size_t next = 0; next < record_count_;) {
        const std::size_t count = std::min(most, record_count_ - next);
        chunk.resize(count * record_size_);
        read_at(header_size_ + next * record_size_, chunk.data(), chunk.size());
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view record = std::string_view{chunk}.substr(i * record_size_, record_size_);
            if (record.front() != ' ' && record.front() != '*') {
                refuse("a record does not begin as one");
            }
            if (record.front() == ' ' && !see(record)) {
                return;
            }
        }
        next += count;
    }
    struct stat status{};
    if (::fstat(file_, &status) != 0 || changed_at(status) != changed_ ||
        static_cast<std::size_t>(status.st_size) != file_size_) {
        throw Trouble{true, "the table changed while it was read"};
    }
}

std::string_view Table::cell(std::string_view record, const Column& column) {
    std::string_view cell = record.substr(column.at, column.size);
    const auto is_fill = [](char c) { return c == ' ' || c == '\0'; };
    while (!cell.empty() && is_fill(cell.back())) {
        cell.remove_suffix(1);
    }
    while (column.type != 'C' && !cell.empty() && is_fill(cell.front())) {
        cell.remove_prefix(1);
    }
    return cell;
}

}  // namespace dbf
