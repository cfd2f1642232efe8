#include "core/database/key_values.h"

namespace datong::database {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_{text} {}

    std::optional<KeyValues> read() {
        KeyValues pairs;
        for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
            auto key = read_key();
            auto value = key ? read_value() : std::nullopt;
            if (!value) {
                return std::nullopt;
            }
            pairs.emplace_back(std::move(*key), std::move(*value));
        }
        return pairs;
    }

private:
    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) {
            ++at_;
        }
    }

    std::optional<std::string> read_key() {
        const std::size_t end = text_.find_first_of("= \t\r\n'", at_);
        if (end == std::string_view::npos || end == at_) {
            return std::nullopt;
        }
        std::string key{text_.substr(at_, end - at_)};
        at_ = end;
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != '=') {
            return std::nullopt;
        }
        ++at_;
        skip_blanks();
        return key;
    }

    std::optional<std::string> read_value() {
        const bool is_quoted = at_ < text_.size() && text_[at_] == '\'';
        at_ += is_quoted ? 1 : 0;
        std::string value;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (is_quoted ? c == '\'' : is_blank(c)) {
                at_ += is_quoted ? 1 : 0;
                return value;
            }
            at_ += c == '\\' && at_ + 1 < text_.size() ? 1 : 0;
            value += text_[at_];
        }
        return is_quoted ? std::nullopt : std::optional{std::move(value)};
    }

    std::string_view text_;
    std::size_t at_{};
};

}  // namespace

std::optional<KeyValues> read_key_values(std::string_view text) {
    return Reader{text}.read();
}

}  // namespace datong::database
