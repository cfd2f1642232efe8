#include <algorithm>

#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

/// Percent escapes become octets; nullopt for a broken one.
std::optional<std::string> unescaped(std::string_view text, bool plus_is_blank) {
    std::string out;
    while (!text.empty()) {
        if (text.front() != '%') {
            out += plus_is_blank && text.front() == '+' ? ' ' : text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto octet = text.size() >= 3 ? from_hex(text.substr(1, 2)) : std::nullopt;
        if (!octet) {
            return std::nullopt;
        }
        out += *octet;
        text.remove_prefix(3);
    }
    return out;
}

bool is_ascii(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

StepPtr make_decode_url(Arguments& arguments, const Surroundings&) {
    const auto charset = arguments.charset("charset").value_or(charset::Charset::utf_8);
    return text_step([charset, plus = arguments.flag("plus")](const std::string& text) -> Stepped {
        // A second byte of GBK may stand unescaped as an ASCII letter, so that octets are decoded as a whole;
        // a character that stands there unescaped can only be UTF-8.
        const bool mixed = charset != charset::Charset::utf_8 && !is_ascii(text);
        const auto octets = mixed ? std::nullopt : unescaped(text, plus);
        if (!octets) {
            return refuse("url.invalid", "不是有效的百分号编码", "no valid percent encoding");
        }
        auto decoded = charset::decode(*octets, charset);
        if (!decoded) {
            return refuse(decoded.error().rule, "百分号编码的字节不是该字符集的文本",
                          "the escaped bytes are no text of the charset");
        }
        return Value{std::move(*decoded)};
    });
}

bool is_xml_char(std::uint64_t c) {
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
           (c >= 0x10000 && c <= 0x10FFFF);
}

/// The value of "#20013" or "#x4E2D"; nullopt for what is no XML character.
std::optional<char32_t> numbered_char(std::string_view reference) {
    constexpr std::size_t kMostDigits = 8;
    const bool hex = reference.starts_with("#x");
    const std::string_view digits = reference.substr(hex ? 2 : 1);
    if (digits.empty() || digits.size() > kMostDigits) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : digits) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        const auto digit = kDigits.find(ascii_lower(std::string_view{&c, 1}));
        if (digit == std::string_view::npos || (!hex && digit > 9)) {
            return std::nullopt;
        }
        value = value * (hex ? 16 : 10) + digit;
    }
    return is_xml_char(value) ? std::optional{static_cast<char32_t>(value)} : std::nullopt;
}

/// Source: XML 1.0, 4.1 and 4.6.
std::optional<std::string> entity(std::string_view reference) {
    using Named = std::pair<std::string_view, std::string_view>;
    for (const auto& [name, text] :
         {Named{"lt", "<"}, Named{"gt", ">"}, Named{"amp", "&"}, Named{"quot", "\""}, Named{"apos", "'"}}) {
        if (reference == name) {
            return std::string{text};
        }
    }
    const auto c = reference.starts_with('#') ? numbered_char(reference) : std::nullopt;
    return c ? std::optional{to_utf8(std::u32string(1, *c))} : std::nullopt;
}

/// Every entity replaced, once; nullopt for one that XML does not define.
std::optional<std::string> without_entities(std::string_view text) {
    std::string out;
    for (auto start = text.find('&'); start != std::string_view::npos; start = text.find('&')) {
        out += text.substr(0, start);
        text.remove_prefix(start + 1);
        const auto end = text.find(';');
        const auto decoded = end != std::string_view::npos ? entity(text.substr(0, end)) : std::nullopt;
        if (!decoded) {
            return std::nullopt;
        }
        out += *decoded;
        text.remove_prefix(end + 1);
    }
    out += text;
    return out;
}

StepPtr make_decode_xml_entities(Arguments&, const Surroundings&) {
    return text_step([](const std::string& text) -> Stepped {
        auto decoded = without_entities(text);
        if (!decoded) {
            return refuse("xml.entity", "含有 XML 未定义的实体", "an entity that XML does not define");
        }
        return Value{std::move(*decoded)};
    });
}

}  // namespace

std::vector<Entry> escape_entries() {
    return {
        with_maker(Entry{.name = "decode_url",
                         .in = Type::text,
                         .out = Type::text,
                         .rules = {"url.invalid", "charset.invalid", "charset.truncated"},
                         .parameters = {{.name = "charset",
                                         .kind = "charset",
                                         .otherwise = "utf-8",
                                         .help_en = "of the escaped bytes",
                                         .help_zh = "被编码字节的字符集",
                                         .alone = true},
                                        {.name = "plus",
                                         .kind = "flag",
                                         .otherwise = "false",
                                         .help_en = "+ is a blank, as forms write it",
                                         .help_zh = "+ 表示空格（表单写法）"}},
                         .help_en = "Percent escapes of a URL become text, once.",
                         .help_zh = "百分号编码解码一次",
                         .examples = {{"'%E5%BC%A0%e4%b8%89'", "", "张三"},
                                      {"'%D5%C5%C8%FD'", "gbk", "张三"},
                                      {"a+b%2Bc", "{plus: true}", "a b+c"},
                                      {"a+b", "", "a+b"},
                                      {"100%", "", "!url.invalid"},
                                      {"张%C8", "gbk", "!url.invalid"},
                                      {"'%FF'", "", "!charset.invalid"},
                                      {"'%E5%BC'", "", "!charset.truncated"}}},
                   make_decode_url),
        with_maker(Entry{.name = "decode_xml_entities",
                         .in = Type::text,
                         .out = Type::text,
                         .rules = {"xml.entity"},
                         .help_en = "The five entities of XML and numbered characters become text, once.",
                         .help_zh = "XML 预定义实体与字符引用解码一次",
                         .examples = {{"A&amp;B &lt;&#x4E2D;&#22269;&gt;", "", "A&B <中国>"},
                                      {"'&amp;lt;'", "", "&lt;"},
                                      {"'&nbsp;'", "", "!xml.entity"},
                                      {"'&#0;'", "", "!xml.entity"},
                                      {"A&B", "", "!xml.entity"}}},
                   make_decode_xml_entities),
    };
}

}  // namespace datong::steps
