#include "core/base/text.h"
#include "core/steps/family.h"

namespace datong::steps {
namespace {

tl::unexpected<Refusal> refuse_bytes(const charset::Trouble& trouble) {
    const std::string at = std::to_string(trouble.offset);
    if (trouble.rule == "charset.truncated") {
        return refuse(trouble.rule, "末尾的字符不完整（第 " + at + " 字节起）",
                      "the last character is cut off, at byte " + at);
    }
    return refuse(trouble.rule, "第 " + at + " 字节处不是该字符集的字符", "no character of the charset at byte " + at);
}

/// What decode_charset was told.
struct Decoding {
    charset::Charset from;
    bool drop_cut;
    bool map_pua;
};

Stepped decoded(const std::string& octets, const Decoding& how, Warnings& warnings) {
    auto text = charset::decode(octets, how.from, how.map_pua);
    if (!text && text.error().rule == "charset.truncated" && how.drop_cut) {
        const std::string_view whole = std::string_view{octets}.substr(0, text.error().offset);
        warnings.push_back({"charset.truncated", "末尾不完整的字符已去掉", "an incomplete last character was dropped"});
        text = charset::decode(whole, how.from, how.map_pua);
    }
    if (!text) {
        return refuse_bytes(text.error());
    }
    return Value{std::move(*text)};
}

StepPtr make_decode_charset(Arguments& arguments, const Surroundings&) {
    const auto from = arguments.charset("charset");
    const Decoding how{from.value_or(charset::Charset::utf_8), arguments.choice("cut") == "drop",
                       arguments.choice("pua") == "map_2022"};
    return value_step([how](const Value& value, const Moment&, Warnings& warnings) -> Stepped {
        const auto* bytes = std::get_if<Bytes>(&value.held);
        return bytes != nullptr ? decoded(bytes->octets, how, warnings) : refuse_type(value);
    });
}

/// "reject", or {replace: text}; gives the text, empty for reject.
std::string instead_of(Arguments& arguments) {
    const yaml::Node* node = arguments.node("unmappable");
    if (node == nullptr || (node->is_scalar() && node->text == "reject")) {
        return {};
    }
    const std::string text = node->is_map() && node->entries.size() == 1 ? node->text_of("replace") : std::string{};
    if (text.empty()) {
        arguments.mistake("unmappable", "unmappable 要写 reject 或 {replace: 文本}",
                          "unmappable is reject or {replace: text}");
    }
    return text;
}

/// Character by character, what the charset does not have replaced.
std::string encoded_with(const std::string& text, charset::Charset to, const std::string& instead) {
    std::string out;
    for (const char32_t c : to_code_points(text)) {
        const auto one = charset::encode(to_utf8(std::u32string(1, c)), to);
        out += one ? *one : charset::encode(instead, to).value_or(std::string{});
    }
    return out;
}

StepPtr make_encode_charset(Arguments& arguments, const Surroundings&) {
    const auto to = arguments.charset("charset").value_or(charset::Charset::utf_8);
    const std::string instead = instead_of(arguments);
    if (!instead.empty() && !charset::encode(instead, to)) {
        arguments.mistake("unmappable", "替换字符也不在该字符集中", "the charset does not have the replacement either");
    }
    return value_step([to, instead](const Value& value, const Moment&, Warnings& warnings) -> Stepped {
        if (value.type() == Type::bytes || value.type() == Type::list) {
            return refuse_type(value);
        }
        const std::string text = to_text(value);
        auto octets = charset::encode(text, to);
        if (!octets && !instead.empty()) {
            warnings.push_back({"charset.unmappable", "该字符集没有的字符已替换",
                                "characters that the charset does not have were replaced"});
            return Value{Bytes{encoded_with(text, to, instead)}};
        }
        if (!octets) {
            return refuse("charset.unmappable", "含有该字符集没有的字符", "a character that the charset does not have");
        }
        return Value{Bytes{std::move(*octets)}};
    });
}

StepPtr make_decode_base64(Arguments&, const Surroundings&) {
    return text_step([](std::string text) -> Stepped {
        std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
        auto octets = from_base64(text);
        if (!octets) {
            return refuse("base64.invalid", "不是有效的 Base64", "no valid Base64");
        }
        return Value{Bytes{std::move(*octets)}};
    });
}

StepPtr make_encode_base64(Arguments&, const Surroundings&) {
    return value_step([](const Value& value, const Moment&, Warnings&) -> Stepped {
        if (value.type() == Type::list) {
            return refuse_type(value);
        }
        const auto* bytes = std::get_if<Bytes>(&value.held);
        return Value{to_base64(bytes != nullptr ? bytes->octets : to_text(value))};
    });
}

StepPtr make_decode_hex(Arguments&, const Surroundings&) {
    return text_step([](const std::string& text) -> Stepped {
        auto octets = from_hex(text);
        if (!octets) {
            return refuse("hex.invalid", "不是有效的十六进制", "no valid hexadecimal");
        }
        return Value{Bytes{std::move(*octets)}};
    });
}

StepPtr make_encode_hex(Arguments&, const Surroundings&) {
    return value_step([](const Value& value, const Moment&, Warnings&) -> Stepped {
        if (value.type() == Type::list) {
            return refuse_type(value);
        }
        const auto* bytes = std::get_if<Bytes>(&value.held);
        return Value{to_hex(bytes != nullptr ? bytes->octets : to_text(value))};
    });
}

const Parameter kCharset{.name = "charset",
                         .kind = "charset",
                         .required = true,
                         .help_en = "utf-8, gb18030, gbk, gb2312 (read as gbk), big5, utf-16",
                         .help_zh = "utf-8、gb18030、gbk、gb2312（按 gbk 读）、big5、utf-16",
                         .alone = true};

std::vector<Entry> charset_entries() {
    return {
        with_maker(Entry{.name = "decode_charset",
                         .in = Type::bytes,
                         .out = Type::text,
                         .rules = {"charset.invalid", "charset.truncated"},
                         .parameters = {kCharset,
                                        {.name = "cut",
                                         .kind = "choice",
                                         .otherwise = "reject",
                                         .help_en = "drop: an incomplete last character goes, with a warning",
                                         .help_zh = "drop：末尾半个字符去掉并告警",
                                         .choices = {"reject", "drop"}},
                                        {.name = "pua",
                                         .kind = "choice",
                                         .otherwise = "keep",
                                         .help_en = "map_2022: reassigned code points become formal characters",
                                         .help_zh = "map_2022：改编码位转为正式字符",
                                         .choices = {"keep", "map_2022"}}},
                         .inverse = "encode_charset",
                         .help_en = "Bytes of a column become text, by the pinned table of GB18030-2022.",
                         .help_zh = "按固定的 GB18030-2022 码表等把字节解码为文本",
                         .examples = {{"!hex D4FACEF7A1A4B4CEC8CA", "gb18030", "扎西·次仁"},
                                      {"!hex D4FACEF7A1", "gb18030", "!charset.truncated"},
                                      {"!hex D4FACEF7A1", "{charset: gbk, cut: drop}", "扎西"},
                                      {"!hex FFFF", "gb18030", "!charset.invalid"}}},
                   make_decode_charset),
        with_maker(Entry{.name = "encode_charset",
                         .in = Type::text,
                         .out = Type::bytes,
                         .rules = {"charset.unmappable"},
                         .parameters = {kCharset,
                                        {.name = "unmappable",
                                         .kind = "choice",
                                         .otherwise = "reject",
                                         .help_en = "reject, or {replace: text} with a warning",
                                         .help_zh = "reject，或 {replace: 文本}（告警）"}},
                         .inverse = "decode_charset",
                         .help_en = "Text becomes bytes of a charset.",
                         .help_zh = "把文本编码为某字符集的字节",
                         .examples = {{"扎西", "gbk", "1PrO9w=="},
                                      {"😀", "gbk", "!charset.unmappable"},
                                      {"扎😀西", "{charset: gbk, unmappable: {replace: '?'}}", "1Po/zvc="}}},
                   make_encode_charset),
    };
}

}  // namespace

std::vector<Entry> bytes_entries() {
    std::vector<Entry> all = charset_entries();
    all.push_back(with_maker(Entry{.name = "decode_base64",
                                   .in = Type::text,
                                   .out = Type::bytes,
                                   .rules = {"base64.invalid"},
                                   .inverse = "encode_base64",
                                   .help_en = "Base64 with padding, line breaks allowed, becomes bytes.",
                                   .help_zh = "Base64 解码为字节",
                                   .examples = {{"5byg5LiJ", "", "5byg5LiJ"}, {"5byg5Li", "", "!base64.invalid"}}},
                             make_decode_base64));
    all.push_back(with_maker(Entry{.name = "encode_base64",
                                   .in = Type::any,
                                   .out = Type::text,
                                   .inverse = "decode_base64",
                                   .help_en = "Bytes, or the UTF-8 of a text, become Base64.",
                                   .help_zh = "字节（或文本的 UTF-8）转 Base64",
                                   .examples = {{"张三", "", "5byg5LiJ"}, {"!hex 00FF", "", "AP8="}}},
                             make_encode_base64));
    all.push_back(with_maker(Entry{.name = "decode_hex",
                                   .in = Type::text,
                                   .out = Type::bytes,
                                   .rules = {"hex.invalid"},
                                   .inverse = "encode_hex",
                                   .help_en = "Hexadecimal of either case becomes bytes.",
                                   .help_zh = "十六进制解码为字节",
                                   .examples = {{"00fF", "", "AP8="}, {"0g", "", "!hex.invalid"}}},
                             make_decode_hex));
    all.push_back(with_maker(Entry{.name = "encode_hex",
                                   .in = Type::any,
                                   .out = Type::text,
                                   .inverse = "decode_hex",
                                   .help_en = "Bytes, or the UTF-8 of a text, become lower-case hexadecimal.",
                                   .help_zh = "字节（或文本的 UTF-8）转十六进制",
                                   .examples = {{"!hex 00FF", "", "00ff"}, {"张", "", "e5bca0"}}},
                             make_encode_hex));
    return all;
}

}  // namespace datong::steps
