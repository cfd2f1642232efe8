#include "core/charset/charset.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/charset/converter.h"
#include "core/charset/gb18030.h"
#include "core/charset/unicode.h"

namespace datong::charset {
namespace {

struct Name {
    std::string_view name;  ///< lower case
    Charset charset;
};

constexpr std::array kNames{
    Name{"utf-8", Charset::utf_8},
    Name{"utf8", Charset::utf_8},
    Name{"us-ascii", Charset::utf_8},
    Name{"ascii", Charset::utf_8},
    Name{"gb18030", Charset::gb18030},
    Name{"gb18030-2000", Charset::gb18030},
    Name{"gb18030-2005", Charset::gb18030},
    Name{"gb18030-2022", Charset::gb18030},
    Name{"gbk", Charset::gbk},
    Name{"x-gbk", Charset::gbk},
    Name{"cp936", Charset::gbk},
    Name{"ms936", Charset::gbk},
    Name{"windows-936", Charset::gbk},
    Name{"gb2312", Charset::gbk},
    Name{"gb_2312", Charset::gbk},
    Name{"gb_2312-80", Charset::gbk},
    Name{"gb2312-80", Charset::gbk},
    Name{"csgb2312", Charset::gbk},
    Name{"euc-cn", Charset::gbk},
    Name{"euccn", Charset::gbk},
    Name{"big5", Charset::big5},
    Name{"big-5", Charset::big5},
    Name{"big5-hkscs", Charset::big5},
    Name{"csbig5", Charset::big5},
    Name{"utf-16", Charset::utf_16},
    Name{"utf16", Charset::utf_16},
    Name{"utf-16le", Charset::utf_16le},
    Name{"utf16le", Charset::utf_16le},
    Name{"utf-16be", Charset::utf_16be},
    Name{"utf16be", Charset::utf_16be},
    Name{"iso-8859-1", Charset::latin_1},
    Name{"iso8859-1", Charset::latin_1},
    Name{"iso_8859-1", Charset::latin_1},
    Name{"latin1", Charset::latin_1},
    Name{"latin-1", Charset::latin_1},
};

constexpr std::string_view kMarkUtf8 = "\xEF\xBB\xBF";
constexpr std::string_view kMarkUtf16Le = "\xFF\xFE";
constexpr std::string_view kMarkUtf16Be = "\xFE\xFF";

using Decoded = tl::expected<std::string, Trouble>;

Decoded decode_utf8(std::string_view bytes) {
    if (const auto trouble = trouble_of_utf8(bytes)) {
        return tl::unexpected{*trouble};
    }
    return std::string{bytes.substr(bytes.starts_with(kMarkUtf8) ? kMarkUtf8.size() : 0)};
}

/// Without a byte order mark little-endian: what Windows programs write, and what the web takes it for.
Decoded decode_marked_utf16(std::string_view bytes, bool big_endian) {
    const std::string_view mark = big_endian ? kMarkUtf16Be : kMarkUtf16Le;
    const bool marked = bytes.starts_with(mark);
    Decoded text = decode_utf16(bytes.substr(marked ? mark.size() : 0), big_endian);
    if (!text && marked) {
        text.error().offset += mark.size();
    }
    return text;
}

Decoded decode_as_is(std::string_view bytes, Charset from) {
    switch (from) {
        case Charset::utf_8:
            return decode_utf8(bytes);
        case Charset::gb18030:
        case Charset::gbk:
            return decode_gb18030(bytes, from == Charset::gbk);
        case Charset::big5:
            return decode_big5(bytes);
        case Charset::utf_16:
            return decode_marked_utf16(bytes, bytes.starts_with(kMarkUtf16Be));
        case Charset::utf_16le:
        case Charset::utf_16be:
            return decode_marked_utf16(bytes, from == Charset::utf_16be);
        case Charset::latin_1:
            break;
    }
    return decode_latin1(bytes);
}

std::string with_formal_characters(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t before = at;
        const char32_t formal = formal_of_private_use(next_of_valid(utf8, at));
        if (formal != 0) {
            append_utf8(out, formal);
        } else {
            out.append(utf8.substr(before, at - before));
        }
    }
    return out;
}

}  // namespace

std::optional<Charset> by_name(std::string_view name) {
    const std::string lower = ascii_lower(name);
    const auto found = std::ranges::find(kNames, std::string_view{lower}, &Name::name);
    return found != kNames.end() ? std::optional{found->charset} : std::nullopt;
}

Decoded decode(std::string_view bytes, Charset from, bool map_pua) {
    Decoded text = decode_as_is(bytes, from);
    // the private-use area begins with byte EE in UTF-8
    if (text && map_pua && text->find('\xEE') != std::string::npos) {
        return with_formal_characters(*text);
    }
    return text;
}

tl::expected<std::string, Trouble> encode(std::string_view utf8, Charset to) {
    if (const auto trouble = trouble_of_utf8(utf8)) {
        return tl::unexpected{*trouble};
    }
    switch (to) {
        case Charset::utf_8:
            return std::string{utf8};
        case Charset::gb18030:
        case Charset::gbk:
            return encode_gb18030(utf8, to == Charset::gbk);
        case Charset::big5:
            return encode_big5(utf8);
        case Charset::utf_16:
            return std::string{kMarkUtf16Le} + encode_utf16(utf8, false);
        case Charset::utf_16le:
        case Charset::utf_16be:
            return encode_utf16(utf8, to == Charset::utf_16be);
        case Charset::latin_1:
            break;
    }
    return encode_latin1(utf8);
}

Status self_test() {
    if (gb18030_digest() != kGb18030Digest) {
        return fail(Fault::internal, "this machine's iconv has another GB18030 table than the pinned one");
    }
    const auto big5 = decode(std::string_view{"\xA4\xA4\xA4\xE5", 4}, Charset::big5);
    if (!big5 || *big5 != "\xE4\xB8\xAD\xE6\x96\x87") {
        return fail(Fault::internal, "this machine's iconv has no Big5");
    }
    return {};
}

}  // namespace datong::charset
