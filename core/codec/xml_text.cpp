#include "core/codec/xml_text.h"

#include <algorithm>
#include <optional>

#include "core/charset/charset.h"
#include "core/charset/unicode.h"

namespace datong::codec {
namespace {

using charset::Charset;

constexpr std::string_view kBlanks = " \t\r\n";

tl::unexpected<Error> refuse(std::string reason) {
    return fail(Fault::bad_request, "XML: " + std::move(reason));
}

/// The value of `encoding` in an XML declaration at the start; empty without one.
std::string_view declared_encoding(std::string_view text) {
    constexpr std::size_t kLongest = 256;
    constexpr std::string_view kKey = "encoding";
    if (!text.starts_with("<?xml")) {
        return {};
    }
    const std::string_view head = text.substr(0, std::min(kLongest, text.size()));
    const std::string_view declaration = head.substr(0, head.find("?>"));
    std::size_t at = declaration.find(kKey);
    if (at == std::string_view::npos) {
        return {};
    }
    at = declaration.find_first_not_of(kBlanks, at + kKey.size());
    if (at == std::string_view::npos || declaration[at] != '=') {
        return {};
    }
    at = declaration.find_first_not_of(kBlanks, at + 1);
    if (at == std::string_view::npos || (declaration[at] != '"' && declaration[at] != '\'')) {
        return {};
    }
    const std::size_t end = declaration.find(declaration[at], at + 1);
    return end == std::string_view::npos ? std::string_view{} : declaration.substr(at + 1, end - at - 1);
}

/// UTF-16 by its mark or by the zero beside the first '<'.
std::optional<Charset> utf16_of(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("<\0"sv)) {
        return Charset::utf_16le;
    }
    if (bytes.starts_with("\xFE\xFF"sv) || bytes.starts_with("\0<"sv)) {
        return Charset::utf_16be;
    }
    return std::nullopt;
}

Result<Charset> charset_of(std::string_view bytes) {
    if (const auto utf16 = utf16_of(bytes)) {
        return *utf16;
    }
    if (bytes.starts_with("\xEF\xBB\xBF")) {
        return Charset::utf_8;
    }
    const std::string_view name = declared_encoding(bytes);
    const auto charset = name.empty() ? std::optional{Charset::utf_8} : charset::by_name(name);
    if (charset == Charset::utf_8 || charset == Charset::gbk || charset == Charset::gb18030) {
        return *charset;
    }
    return refuse("an encoding that is not read");
}

/// Where the construct that begins at `at` (on '<') ends; npos when it doesn't.
std::size_t end_of_opaque(std::string_view text, std::size_t at, std::string_view start, std::string_view end) {
    const std::size_t found = text.find(end, at + start.size());
    return found == std::string_view::npos ? found : found + end.size();
}

struct Tag {
    std::size_t end{};
    std::size_t attributes{};
};

Tag read_tag(std::string_view text, std::size_t at) {
    Tag tag{std::string_view::npos, 0};
    char quote = '\0';
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
            ++tag.attributes;
        } else if (c == '>') {
            tag.end = at + 1;
            break;
        }
    }
    return tag;
}

}  // namespace

Result<std::string_view> to_xml_text(std::string_view text, bool is_text, std::string& owned) {
    auto charset = is_text ? Result<Charset>{Charset::utf_8} : charset_of(text);
    if (!charset) {
        return fail(std::move(charset.error()));
    }
    if (*charset != Charset::utf_8) {
        auto decoded = charset::decode(text, *charset);
        if (!decoded) {
            return refuse(std::string{decoded.error().rule} + " at byte " + std::to_string(decoded.error().offset));
        }
        owned = std::move(*decoded);
        return std::string_view{owned};
    }
    if (const auto trouble = charset::trouble_of_utf8(text)) {
        return refuse("not UTF-8 at byte " + std::to_string(trouble->offset));
    }
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    return text.substr(text.starts_with(kMark) ? kMark.size() : 0);
}

Status check_xml_markup(std::string_view text, const XmlLimits& limits) {
    if (text.find('\0') != std::string_view::npos) {
        return refuse("a NUL character");
    }
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("<!--")) {
            at = end_of_opaque(text, at, "<!--", "-->");
        } else if (rest.starts_with("<![CDATA[")) {
            at = end_of_opaque(text, at, "<![CDATA[", "]]>");
        } else if (rest.starts_with("<?")) {
            at = end_of_opaque(text, at, "<?", "?>");
        } else if (rest.starts_with("<!")) {
            return refuse("a document type declaration is not allowed");
        } else {
            const Tag tag = read_tag(text, at);
            if (tag.attributes > limits.max_attributes) {
                return refuse("an element has too many attributes");
            }
            at = tag.end;
        }
        if (at == std::string_view::npos) {
            return refuse("not well-formed: markup without an end");
        }
    }
    return {};
}

}  // namespace datong::codec
