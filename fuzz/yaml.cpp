#include "core/yaml/node.h"
#include "fuzz/must.h"

using namespace datong;

/// A tree, or mistakes with a place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const bool allow_hex : {false, true}) {
        const auto node = yaml::parse(fuzz::text_of(data, size), "fuzz.yaml", allow_hex);
        if (node) {
            [[maybe_unused]] const auto record = yaml::to_record(*node);
        } else {
            fuzz::must(has_errors(node.error()));
            fuzz::must(node.error().front().where.file == "fuzz.yaml");
        }
    }
    return 0;
}
