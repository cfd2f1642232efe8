#include "core/database/parameters.h"

#include <algorithm>

namespace datong::database {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool goes_on_name(char c) {
    return begins_name(c) || is_digit(c);
}

/// Walks over one statement; what it passes goes unchanged into the result, but for the parameters.
class Scanner {
public:
    Scanner(std::string_view sql, Dialect dialect) : sql_{sql}, dialect_{dialect}, maker_{dialect} {}

    Result<Statement> scan() {
        while (at_ < sql_.size() && trouble_.empty()) {
            step();
        }
        if (trouble_.empty() && !anything_) {
            trouble_ = "the SQL is empty";
        }
        if (!trouble_.empty()) {
            return fail(Fault::bad_request, trouble_);
        }
        return maker_.take();
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
    }
    [[nodiscard]] bool is_postgresql() const { return dialect_ == Dialect::postgresql; }
    [[nodiscard]] bool is_mariadb() const { return dialect_ == Dialect::mariadb; }
    [[nodiscard]] static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    /// MariaDB takes "--" for a comment only in front of a blank, for 5--3 is 8.
    [[nodiscard]] bool begins_line_comment() const {
        const bool has_dashes = peek() == '-' && peek(1) == '-';
        return is_mariadb() ? peek() == '#' || (has_dashes && (is_blank(peek(2)) || at_ + 2 == sql_.size()))
                            : has_dashes;
    }

    void pass(std::size_t count = 1) {
        maker_.sql(sql_.substr(at_, count));
        at_ += std::min(count, sql_.size() - at_);
    }

    void step() {
        const char c = peek();
        if (begins_line_comment()) {
            pass_until("\n", 1, true);
        } else if (c == '/' && peek(1) == '*') {
            pass_comment();
        } else if (is_blank(c)) {
            pass();
        } else if (c == ';') {
            over_ = true;
            ++at_;
        } else if (over_) {
            trouble_ = "one statement only: something follows ';'";
        } else {
            anything_ = true;
            step_inside(c);
        }
    }

    void step_inside(char c) {
        if (c == '\'' || c == '"' || (c == '`' && !is_postgresql())) {
            pass_quoted(c, is_mariadb() && c != '`');
        } else if (c == '[' && !is_postgresql() && !is_mariadb()) {
            pass_until("]", 1, false);
        } else if (c == '$' && is_postgresql()) {
            pass_dollar();
        } else if (c == ':' && begins_name(peek(1))) {
            take();
        } else if (c == ':' && peek(1) == ':') {
            pass(2);
        } else if (!is_postgresql() && (c == '?' || ((c == '@' || c == '$') && begins_name(peek(1))))) {
            trouble_ = "write parameters as :name, not as ?, @name or $name";
        } else if (begins_name(c)) {
            pass_word();
        } else {
            pass();
        }
    }

    /// A whole word at once, so that the $ or digits inside a name are no parameter; E'...' has escapes.
    void pass_word() {
        std::size_t size = 1;
        while (goes_on_name(peek(size)) || (peek(size) == '$' && begins_name(peek(size - 1)))) {
            ++size;
        }
        const bool has_escapes = is_postgresql() && size == 1 && (peek() == 'e' || peek() == 'E') && peek(1) == '\'';
        pass(size);
        if (has_escapes) {
            pass_quoted('\'', true);
        }
    }

    void pass_quoted(char quote, bool has_escapes = false) {
        std::size_t size = 1;
        while (at_ + size < sql_.size()) {
            const char c = peek(size);
            if (has_escapes && c == '\\') {
                size += 2;
            } else if (c == quote && peek(size + 1) == quote) {
                size += 2;
            } else if (c == quote) {
                pass(size + 1);
                return;
            } else {
                ++size;
            }
        }
        trouble_ = "a quote is not closed";
    }

    void pass_until(std::string_view end, std::size_t from, bool or_end) {
        const std::size_t found = sql_.find(end, at_ + from);
        if (found == std::string_view::npos && !or_end) {
            trouble_ = "something opened is not closed: " + std::string{end} + " is missing";
            return;
        }
        pass(found == std::string_view::npos ? sql_.size() - at_ : found + end.size() - at_);
    }

    void pass_comment() {
        std::size_t depth = 1;
        std::size_t size = 2;
        for (; depth > 0 && at_ + size < sql_.size(); ++size) {
            if (peek(size) == '*' && peek(size + 1) == '/') {
                --depth;
                ++size;
            } else if (is_postgresql() && peek(size) == '/' && peek(size + 1) == '*') {
                ++depth;
                ++size;
            }
        }
        if (depth > 0) {
            trouble_ = "a comment is not closed";
            return;
        }
        pass(size);
    }

    void pass_dollar() {
        std::size_t size = 1;
        while (goes_on_name(peek(size))) {
            ++size;
        }
        if (is_digit(peek(1)) || peek(size) != '$') {
            trouble_ = "write parameters as :name, not as $1";
            return;
        }
        const std::string tag{sql_.substr(at_, size + 1)};
        pass_until(tag, tag.size(), false);
    }

    void take() {
        std::size_t size = 1;
        while (goes_on_name(peek(size))) {
            ++size;
        }
        maker_.place(sql_.substr(at_ + 1, size - 1));
        at_ += size;
    }

    std::string_view sql_;
    Dialect dialect_;
    std::size_t at_{};
    bool over_{};
    bool anything_{};
    StatementMaker maker_;
    std::string trouble_;
};

}  // namespace

StatementMaker& StatementMaker::place(std::string_view name) {
    const bool has_numbers = dialect_ == Dialect::sqlite || dialect_ == Dialect::postgresql;
    auto known = has_numbers ? std::ranges::find(made_.names, name) : made_.names.end();
    if (known == made_.names.end()) {
        known = made_.names.insert(made_.names.end(), std::string{name});
    }
    made_.text += dialect_ == Dialect::postgresql ? '$' : '?';
    if (has_numbers) {
        made_.text += std::to_string(known - made_.names.begin() + 1);
    }
    return *this;
}

Result<Statement> take_parameters(std::string_view sql, Dialect dialect) {
    return Scanner{sql, dialect}.scan();
}

}  // namespace datong::database
