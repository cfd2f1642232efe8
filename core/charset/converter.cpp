#include "core/charset/converter.h"

#include <array>
#include <cerrno>

#include <iconv.h>

namespace datong::charset {
namespace {

const iconv_t kNone = reinterpret_cast<iconv_t>(-1);  // how the C library says "no such converter"
constexpr std::size_t kFailed = static_cast<std::size_t>(-1);
constexpr const char* kBig5 = "BIG5-HKSCS";

}  // namespace

Converter::Converter(const char* to, const char* from) : handle_{iconv_open(to, from)} {
}

Converter::~Converter() {
    if (is_open()) {
        iconv_close(handle_);
    }
}

bool Converter::is_open() const noexcept {
    return handle_ != kNone;
}

tl::expected<std::string, Trouble> Converter::convert(std::string_view text, std::string_view rule) {
    if (!is_open()) {
        return tl::unexpected{Trouble{rule, 0}};
    }
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    std::string out;
    std::array<char, 4096> piece{};
    char* in = const_cast<char*>(text.data());  // iconv's prototype is older than const; it doesn't write there
    std::size_t left = text.size();
    bool flushing = false;
    for (;;) {
        char* to = piece.data();
        std::size_t room = piece.size();
        flushing = flushing || left == 0;
        const std::size_t done = iconv(handle_, flushing ? nullptr : &in, flushing ? nullptr : &left, &to, &room);
        const int error = done == kFailed ? errno : 0;
        out.append(piece.data(), piece.size() - room);
        if (error == EINVAL || error == EILSEQ) {
            const std::string_view what = error == EINVAL ? std::string_view{"charset.truncated"} : rule;
            return tl::unexpected{Trouble{what, text.size() - left}};
        }
        if (error == 0 && flushing) {
            return out;
        }
    }
}

tl::expected<std::string, Trouble> decode_big5(std::string_view bytes) {
    thread_local Converter converter{"UTF-8", kBig5};  // opening one costs more than most texts
    return converter.convert(bytes, "charset.invalid");
}

tl::expected<std::string, Trouble> encode_big5(std::string_view utf8) {
    thread_local Converter converter{kBig5, "UTF-8"};
    return converter.convert(utf8, "charset.unmappable");
}

}  // namespace datong::charset
