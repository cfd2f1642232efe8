#include "core/mapping/mapping.h"

#include <fstream>
#include <map>
#include <sstream>

#include "fuzz/must.h"

using namespace datong;

namespace {

/// The input, and beside it the tests' tables and schemas, each read from the disk once.
std::optional<std::string> read(std::string_view path, std::string_view input) {
    static std::map<std::string, std::optional<std::string>, std::less<>> kept;
    if (path == "land/input.yaml") {
        return std::string{input};
    }
    if (!path.starts_with("schemas/") && !path.starts_with("tables/")) {
        return std::nullopt;
    }
    const auto [found, is_new] = kept.try_emplace(std::string{path});
    if (is_new && path.find("..") == std::string_view::npos) {
        std::ifstream in{std::string{DATONG_TEST_DATA "/mapping/"} + found->first, std::ios::binary};
        std::ostringstream text;
        text << in.rdbuf();
        found->second = in ? std::optional{text.str()} : std::nullopt;
    }
    return found->second;
}

}  // namespace

/// Either a mapping that can run on nothing, or at least one error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text_of(data, size);
    const auto compiled = mapping::compile(
        "land/input.yaml", [input](std::string_view path) { return read(path, input); }, {.test_division = true});
    fuzz::must(compiled.mapping ? !has_errors(compiled.mistakes) : has_errors(compiled.mistakes));
    if (compiled.mapping) {
        const record::Record nothing = record::Record::object();
        [[maybe_unused]] const auto out = compiled.mapping->run({.bytes = "<a/>", .context = &nothing});
        [[maybe_unused]] const auto back = compiled.mapping->run_reverse({.bytes = "{}", .context = &nothing});
    }
    return 0;
}
