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
    explicit Reader(std::string_view text) : text_{text} {}

    Result<CsvRows> rows();

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

    std::string_view text_;
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
    while (!at_end() && !is_at(',') && !is_at_line_end()) {
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
            const bool ended = at_end() || is_at(',') || is_at_line_end();
            return ended ? std::optional{std::move(value)} : refuse("text behind a closing quote");
        }
        value += '"';
    }
    return refuse("a quote is not closed");
}

Result<CsvRows> Reader::rows() {
    CsvRows rows;
    while (!at_end()) {
        if (is_at_line_end()) {
            skip_line_end();
            continue;
        }
        std::vector<std::string>& row = rows.emplace_back();
        for (bool more = true; more;) {
            auto value = field();
            if (!value) {
                return fail(Fault::bad_request, "CSV line " + std::to_string(line_) + ": " + reason_);
            }
            row.push_back(std::move(*value));
            more = is_at(',');
            at_ += more ? 1U : 0U;
        }
        if (!at_end()) {
            skip_line_end();
        }
    }
    return rows;
}

bool wants_quotes(std::string_view value) {
    return value.find_first_of(",\"\r\n") != std::string_view::npos || value.starts_with(kMark);
}

void append_field(std::string& out, std::string_view value) {
    if (!wants_quotes(value)) {
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
    if (utf8.size() > kMaxBytes) {
        return fail(Fault::body_too_large, "CSV larger than 32 MiB");
    }
    if (!is_utf8(utf8)) {
        return fail(Fault::bad_request, "CSV: not UTF-8");
    }
    return Reader{utf8.substr(utf8.starts_with(kMark) ? kMark.size() : 0)}.rows();
}

std::string write_csv(const CsvRows& rows, bool mark) {
    std::string out{mark ? kMark : std::string_view{}};
    for (const std::vector<std::string>& row : rows) {
        // one empty field alone would be an empty line, which reads as no row
        const bool lone_empty = row.size() == 1 && row.front().empty();
        std::string_view separator;
        for (const std::string& value : row) {
            out.append(separator);
            append_field(out, value);
            separator = ",";
        }
        out.append(lone_empty ? "\"\"\r\n" : "\r\n");
    }
    return out;
}

}  // namespace datong::codec
