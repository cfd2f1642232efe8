#include "json.h"

namespace dbf {
namespace {

constexpr int kMostLevels = 32;

class Reader {
public:
    explicit Reader(std::string_view text) : text_{text} {}

    Json whole() {
        Json value = read(0);
        skip_blanks();
        if (at_ != text_.size()) {
            refuse();
        }
        return value;
    }

private:
    [[noreturn]] static void refuse() { throw std::runtime_error{"the settings are no JSON"}; }

    void skip_blanks() {
        while (at_ < text_.size() && std::string_view{" \t\r\n"}.find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }
    [[nodiscard]] char next() {
        if (at_ >= text_.size()) {
            refuse();
        }
        return text_[at_++];
    }
    bool take(char wanted) {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == wanted) {
            ++at_;
            return true;
        }
        return false;
    }
    void want(char wanted) {
        if (!take(wanted)) {
            refuse();
        }
    }

    Json read(int level) {
        if (level > kMostLevels) {
            refuse();
        }
        Json value;
        if (take('{')) {
            read_members(value, level);
        } else if (take('[')) {
            for (bool first = true; !take(']'); first = false) {
                first ? void() : want(',');
                value.items.push_back(read(level + 1));
            }
        } else if (take('"')) {
            value.text = read_string();
        } else {
            const std::size_t end = text_.find_first_of(",]} \t\r\n", at_);
            value.text = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
            at_ += value.text.size();
            if (value.text.empty()) {
                refuse();
            }
        }
        return value;
    }

    void read_members(Json& value, int level) {
        for (bool first = true; !take('}'); first = false) {
            first ? void() : want(',');
            want('"');
            std::string name = read_string();
            want(':');
            value.members.emplace_back(std::move(name), read(level + 1));
        }
    }

    std::string read_string() {
        std::string made;
        for (char c = next(); c != '"'; c = next()) {
            made += c != '\\' ? std::string(1, c) : read_escape();
        }
        return made;
    }

    std::string read_escape() {
        const char c = next();
        const std::size_t plain = std::string_view{"\"\\/bfnrt"}.find(c);
        if (plain != std::string_view::npos) {
            return {"\"\\/\b\f\n\r\t"[plain]};
        }
        // the gateway escapes nothing but control characters so
        if (c != 'u' || at_ + 4 > text_.size() || text_.substr(at_, 2) != "00") {
            refuse();
        }
        const int code = std::stoi(std::string{text_.substr(at_, 4)}, nullptr, 16);
        at_ += 4;
        if (code >= 0x80) {
            refuse();
        }
        return {static_cast<char>(code)};
    }

    std::string_view text_;
    std::size_t at_{};
};

}  // namespace

const Json* Json::find(std::string_view name) const {
    for (const auto& [key, value] : members) {
        if (key == name) {
            return &value;
        }
    }
    return nullptr;
}

Json read_json(std::string_view text) {
    return Reader{text}.whole();
}

}  // namespace dbf
