#include "core/codec/http_message.h"

#include <numeric>
#include <utility>

#include "core/base/text.h"

namespace datong::codec {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::optional<std::string> HttpMessage::field(std::string_view name) const {
    std::optional<std::string> joined;
    for (const HttpField& line : fields) {
        if (!ascii_equal_ignoring_case(line.name, name)) {
            continue;
        }
        if (joined) {
            joined->append(", ").append(line.value);
        } else {
            joined = line.value;
        }
    }
    return joined;
}

std::vector<std::string_view> HttpMessage::lines(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const HttpField& line : fields) {
        if (ascii_equal_ignoring_case(line.name, name)) {
            values.push_back(line.value);
        }
    }
    return values;
}

void HttpMessage::set(std::string name, std::string value) {
    std::erase_if(fields, [&name](const HttpField& line) { return ascii_equal_ignoring_case(line.name, name); });
    add(std::move(name), std::move(value));
}

void HttpMessage::add(std::string name, std::string value) {
    fields.push_back({std::move(name), std::move(value)});
}

std::size_t HttpMessage::length() const {
    return std::accumulate(tail.begin(), tail.end(), body.size(),
                           [](std::size_t sum, const auto& piece) { return sum + piece->size(); });
}

std::string_view HttpMessage::path() const {
    const std::string_view whole = target;
    return whole.substr(0, whole.find('?'));
}

std::string_view HttpMessage::query() const {
    const std::string_view whole = target;
    const std::size_t mark = whole.find('?');
    return mark == std::string_view::npos ? std::string_view{} : whole.substr(mark);
}

std::string percent_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const int high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
        const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        out += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return out;
}

}  // namespace datong::codec
