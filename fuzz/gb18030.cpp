#include "core/charset/charset.h"
#include "fuzz/must.h"

using namespace datong;
using charset::Charset;

/// Decoded text is UTF-8, and encoded it decodes to itself; a trouble stands within the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::text_of(data, size);
    for (const Charset from : {Charset::gb18030, Charset::gbk}) {
        for (const bool map_pua : {false, true}) {
            const auto text = charset::decode(bytes, from, map_pua);
            if (!text) {
                fuzz::must(text.error().offset <= size);
                continue;
            }
            fuzz::must(charset::decode(*text, Charset::utf_8).has_value());
            const auto encoded = charset::encode(*text, from);
            fuzz::must(encoded || from == Charset::gbk);
            if (encoded) {
                const auto again = charset::decode(*encoded, from, map_pua);
                fuzz::must(again && *again == *text);
            }
        }
    }
    return 0;
}
