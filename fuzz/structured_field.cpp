#include "core/signing/structured_field.h"

#include "fuzz/must.h"

using namespace datong;
namespace sf = datong::signing::sf;

namespace {

/// Whether what was read, if anything, is written in a form that reads as the same.
template <class Parse>
void there_and_back(Parse parse, std::string_view text) {
    const auto value = parse(text);
    if (value) {
        const auto written = sf::write(*value);
        fuzz::must(written.has_value());
        const auto again = parse(*written);
        fuzz::must(again && *again == *value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    there_and_back(sf::parse_item, text);
    there_and_back(sf::parse_list, text);
    there_and_back(sf::parse_dictionary, text);
    there_and_back(sf::parse_dictionary_without_duplicates, text);
    return 0;
}
