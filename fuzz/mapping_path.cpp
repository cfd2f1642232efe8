#include "core/codec/json.h"
#include "core/mapping/paths.h"
#include "fuzz/must.h"

using namespace datong;

/// A path of names, indices and stars meets by walking what it meets by collecting.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kRecord =
        codec::read_json(R"({"a":{"b":[{"c":"x"},{"c":null}],"@d":"y","#text":"t"},"l":[["z"]]})");
    const auto path = mapping::parse_simple(fuzz::text_of(data, size));
    if (!path) {
        return 0;
    }
    const record::Record& root = *kRecord;
    const auto found = mapping::collect(*path, root, root, mapping::Taken::whole);
    const auto met = mapping::walk(*path, root, root);
    const bool several = !found || found->size() > 1;
    fuzz::must(path->many || !found || found->size() <= 1);
    fuzz::must((met.trouble == mapping::Trouble::multiple) == several);
    fuzz::must(several || met.node == nullptr || met.node->is_null() ||
               (found->size() == 1 && found->front() == met.node));
    fuzz::must(!mapping::location(*path, "$.x").empty());
    return 0;
}
