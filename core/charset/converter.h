#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "core/charset/charset.h"

namespace datong::charset {

/// One of the C library's converters. Not for two threads at a time.
class Converter {
public:
    Converter(const char* to, const char* from);
    ~Converter();
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    [[nodiscard]] bool is_open() const noexcept;
    /// The whole text, from the converter's first state to its last.
    /// @param rule  what an input that it refuses is called: "charset.invalid" or "charset.unmappable".
    [[nodiscard]] tl::expected<std::string, Trouble> convert(std::string_view text, std::string_view rule);

private:
    void* handle_;  ///< an iconv_t, which the C library defines as void*
};

/// Big5 with the Hong Kong supplement, by the C library.
[[nodiscard]] tl::expected<std::string, Trouble> decode_big5(std::string_view bytes);
[[nodiscard]] tl::expected<std::string, Trouble> encode_big5(std::string_view utf8);

}  // namespace datong::charset
