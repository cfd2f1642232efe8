#include "core/database/mariadb_statement.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "core/async/octets.h"
#include "core/base/text.h"

namespace datong::database {

using record::Record;

namespace {

constexpr std::uint64_t kMostColumns = 2U << 20U;  // octets of what a server says of a statement's columns

}  // namespace

MariadbSocket::MariadbSocket(int socket) : socket_{::dup(socket)} {
}

MariadbSocket::~MariadbSocket() {
    ::close(socket_);
}

void MariadbSocket::cut() noexcept {
    ::shutdown(socket_, SHUT_RDWR);
}

void MariadbSocket::limit(std::uint64_t most) noexcept {
    most_ = octets_read() + most;
}

void MariadbSocket::lift() noexcept {
    most_ = kNoLimit;
}

bool MariadbSocket::is_over() noexcept {
    if (octets_read() > most_) {
        was_over_ = true;
    }
    return was_over_;
}

/// What came and was not taken is the system's, and is bounded.
std::uint64_t MariadbSocket::octets_read() const noexcept {
    const std::uint64_t came = async::octets_received(socket_);
    int unread = 0;
    const bool is_told = ::ioctl(socket_, FIONREAD, &unread) == 0 && unread > 0;
    const auto left = is_told ? static_cast<std::uint64_t>(unread) : 0;
    return came > left ? came - left : 0;
}

bool MariadbStatement::prepare(const std::string& sql) {
    socket_.limit(kMostColumns);
    const bool done = statement_ && mysql_stmt_prepare(statement_.get(), sql.data(), sql.size()) == 0;
    socket_.lift();
    return done;
}

std::optional<Result<Record>> MariadbStatement::run(const Look& look, const Values& values, std::size_t max_bytes) {
    socket_.limit(kMostColumns);
    const bool is_done = bind(values) && mysql_stmt_execute(statement_.get()) == 0;
    socket_.lift();  // rows are counted as they are taken
    if (!is_done) {
        return std::nullopt;
    }
    if (mysql_stmt_field_count(statement_.get()) == 0) {
        return affected_rows(std::to_string(mysql_stmt_affected_rows(statement_.get())));
    }
    if (!learn_columns()) {
        return std::nullopt;
    }
    auto rows = take_rows(look, max_bytes);
    const bool is_over = rows && !*rows;  // its rest is left unread: the caller drops the connection
    if (rows && !is_over && mysql_stmt_free_result(statement_.get()) != 0) {
        return std::nullopt;
    }
    return rows;
}

/// Everything as text: a text is converted to the column's type and still finds its index, a number against a column
/// of text would not.
bool MariadbStatement::bind(const Values& values) {
    if (mysql_stmt_param_count(statement_.get()) != values.size()) {
        return false;
    }
    std::vector<MYSQL_BIND> binds(values.size());  // copied by the library; the sizes are read when it executes
    sizes_.assign(values.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto& octets = values[i].octets;
        binds[i].buffer_type = octets ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL;
        if (octets) {
            sizes_[i] = octets->size();
            // the C API does not say const, and only reads
            binds[i].buffer = const_cast<char*>(octets->data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
            binds[i].buffer_length = sizes_[i];
            binds[i].length = &sizes_[i];
        }
    }
    return values.empty() || mysql_stmt_bind_param(statement_.get(), binds.data()) == 0;
}

bool MariadbStatement::learn_columns() {
    const std::unique_ptr<MYSQL_RES, Close> columns{mysql_stmt_result_metadata(statement_.get())};
    if (!columns) {
        return false;
    }
    const unsigned count = mysql_num_fields(columns.get());
    const MYSQL_FIELD* fields = mysql_fetch_fields(columns.get());
    // A statement keeps the names of when it was prepared. What the server says where the table was made anew since
    // stands beside the connection, once: the next execution is told nothing.
    const bool is_told = handle_.fields != nullptr && handle_.field_count == count;
    names_.clear();
    for (unsigned i = 0; i < count; ++i) {
        const std::string_view kept{fields[i].name, fields[i].name_length};
        const std::string_view now =
            is_told ? std::string_view{handle_.fields[i].name, handle_.fields[i].name_length} : kept;
        is_outdated_ = is_outdated_ || now != kept;
        // the server says names in UTF-8, whatever the cells are in
        names_.push_back(is_utf8(now) ? std::string{now} : column_name(now, i, charset_));
    }
    cells_.assign(count, Cell{});
    binds_.assign(count, MYSQL_BIND{});
    for (unsigned i = 0; i < count; ++i) {
        binds_[i].buffer_type = MYSQL_TYPE_STRING;
        binds_[i].buffer = cells_[i].room.data();
        binds_[i].buffer_length = cells_[i].room.size();
        binds_[i].length = &cells_[i].size;
        binds_[i].is_null = &cells_[i].is_null;
        binds_[i].error = &cells_[i].is_cut;
    }
    return mysql_stmt_bind_result(statement_.get(), binds_.data()) == 0;
}

std::optional<Result<Record>> MariadbStatement::take_rows(const Look& look, std::size_t max_bytes) {
    Gathering gathering{look, max_bytes};
    while (true) {
        const int got = mysql_stmt_fetch(statement_.get());
        if (got == MYSQL_NO_DATA) {
            return gathering.take();
        }
        if (got != 0 && got != MYSQL_DATA_TRUNCATED) {
            return std::nullopt;
        }
        Record::Object row;
        row.reserve(cells_.size());
        std::size_t room = gathering.room();  // of the cells of this row together, too
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            const std::size_t size = cells_[i].is_null == 0 ? cells_[i].size : 0;
            if (size > room) {
                return fail(gathering.too_many_bytes());
            }
            room -= size;
            auto value = cell(i);
            if (!value) {
                return std::nullopt;
            }
            row.push_back({names_[i], std::move(*value)});
        }
        if (auto added = gathering.add(std::move(row)); !added) {
            return fail(std::move(added.error()));
        }
    }
}

std::optional<Record> MariadbStatement::cell(std::size_t column) {
    const Cell& cell = cells_[column];
    if (cell.is_null != 0) {
        return Record{};
    }
    if (cell.size <= cell.room.size()) {
        return Record::bytes(std::string{cell.room.data(), cell.size});
    }
    std::string octets(cell.size, '\0');
    MYSQL_BIND whole{};
    unsigned long size{};
    Flag is_cut{};
    whole.buffer_type = MYSQL_TYPE_STRING;
    whole.buffer = octets.data();
    whole.buffer_length = octets.size();
    whole.length = &size;
    whole.error = &is_cut;
    if (mysql_stmt_fetch_column(statement_.get(), &whole, static_cast<unsigned>(column), 0) != 0 ||
        size != octets.size()) {
        return std::nullopt;
    }
    return Record::bytes(std::move(octets));
}

}  // namespace datong::database
