#include "core/codec/csv.h"

#include <optional>
#include <utility>

#include "core/base/text.h"

namespace datong::codec {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";
constexpr std::size_t kMaxBytes = 32U << 20;

class Reader {
public:
    Reader(std::string_view text, const CsvForm& form) : text_{text}, form_{form} {}

    Result<CsvTable> table();

private:
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] bool is_at(char c) const { return !at_end() && text_[at_] == c; }
    [[nodiscard]] bool is_at_line_end() const {
        return is_at('\n') || (is_at('\r') && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
    }
    void skip_line_end();
    std::optional<std::string> field();
    std::optional<std::string> quoted_field();
    std::optional<std::string> refuse(const char* reason);
    bool row(std::vector<std::string>& row);

    std::string_view text_;
    CsvForm form_;
    std::size_t fields_{};
    std::size_t at_{};
    std::size_t line_{1};
    const char* reason_{""};
};

void Reader::skip_line_end() {
    at_ += is_at('\r') ? 2 : 1;
    ++line_;
}

std::optional<std::string> Reader::refuse(const char* reason) {
    reason_ = reason;
    return std::nullopt;
}

std::optional<std::string> Reader::field() {
    if (is_at('"')) {
        return quoted_field();
    }
    const std::size_t begin = at_;
    while (!at_end() && !is_at(form_.separator) && !is_at_line_end()) {
        if (is_at('"') || is_at('\r')) {
            return refuse("a quote or a carriage return in a field without quotes");
        }
        ++at_;
    }
    return std::string{text_.substr(begin, at_ - begin)};
}

std::optional<std::string> Reader::quoted_field() {
    std::string value;
    for (++at_; !at_end(); ++at_) {
        if (!is_at('"')) {
            line_ += is_at('\n') ? 1U : 0U;
            value += text_[at_];
            continue;
        }
        ++at_;
        if (!is_at('"')) {
            const bool ended = at_end() || is_at(form_.separator) || is_at_line_end();
            return ended ? std::optional{std::move(value)} : refuse("text behind a closing quote");
        }
        value += '"';
    }
    return refuse("a quote is not closed");
}

/// One row up to its line's end; false when it is refused.
bool Reader::row(std::vector<std::string>& row) {
    for (bool more = true; more;) {
        if (row.size() == form_.max_fields_a_row || ++fields_ > form_.max_fields) {
            return refuse("too many fields").has_value();
        }
        auto value = field();
        if (!value) {
            return false;
        }
        row.push_back(std::move(*value));
        more = is_at(form_.separator);
        at_ += more ? 1U : 0U;
    }
    return true;
}

Result<CsvTable> Reader::table() {
    CsvTable table;
    while (!at_end()) {
        if (is_at_line_end()) {
            skip_line_end();
            continue;
        }
        table.lines.push_back(line_);
        if (!row(table.rows.emplace_back())) {
            return fail(Fault::bad_request, "CSV line " + std::to_string(line_) + ": " + reason_);
        }
        if (!at_end()) {
            skip_line_end();
        }
    }
    return table;
}

bool wants_quotes(std::string_view value, char separator) {
    return value.find(separator) != std::string_view::npos || value.find_first_of("\"\r\n") != std::string_view::npos ||
           value.starts_with(kMark);
}

void append_field(std::string& out, std::string_view value, char separator) {
    if (!wants_quotes(value, separator)) {
        out.append(value);
        return;
    }
    out += '"';
    for (const char c : value) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

}  // namespace

Result<CsvRows> read_csv(std::string_view utf8) {
    return read_csv_table(utf8).map([](CsvTable&& table) { return std::move(table.rows); });
}

Result<CsvTable> read_csv_table(std::string_view utf8) {
    if (utf8.size() <= kMaxBytes && !is_utf8(utf8)) {
        return fail(Fault::bad_request, "CSV: not UTF-8");
    }
    constexpr std::size_t kAny = kMaxBytes + 1;
    return read_csv_octets(utf8, {',', kAny, kAny});
}

Result<CsvTable> read_csv_octets(std::string_view octets, const CsvForm& form) {
    if (octets.size() > kMaxBytes) {
        return fail(Fault::body_too_large, "CSV larger than 32 MiB");
    }
    return Reader{octets.substr(octets.starts_with(kMark) ? kMark.size() : 0), form}.table();
}

std::string write_csv(const CsvRows& rows, bool mark, char separator) {
    std::string out{mark ? kMark : std::string_view{}};
    for (const std::vector<std::string>& row : rows) {
        // one empty field alone would be an empty line, which reads as no row
        const bool lone_empty = row.size() == 1 && row.front().empty();
        for (std::size_t i = 0; i < row.size(); ++i) {
            out.append(i == 0 ? 0 : 1, separator);
            append_field(out, row[i], separator);
        }
        out.append(lone_empty ? "\"\"\r\n" : "\r\n");
    }
    return out;
}

}  // namespace datong::codec
