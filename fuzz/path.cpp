#include "core/codec/json.h"
#include "core/path/query.h"
#include "fuzz/must.h"

using namespace datong;

/// The first line is the query, the rest a JSON document; without one a small document stands in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kStandIn = codec::read_json(R"({"a":[1,{"b":"x","@c":null},[2.50]],"#text":"t","é":true})");
    const auto input = fuzz::text_of(data, size);
    const auto line = input.substr(0, input.find('\n'));
    const auto query = path::Query::compile(line);
    if (!query) {
        return 0;
    }
    const auto document = codec::read_json(input.substr(std::min(input.size(), line.size() + 1)));
    const record::Record& root = document ? *document : *kStandIn;
    const auto found = query->select(root, root);
    const auto values = query->values(root, root);
    fuzz::must(found.has_value() == values.has_value());
    if (!found) {
        return 0;
    }
    fuzz::must(found->size() == values->size());
    fuzz::must(!query->is_singular() || found->size() <= 1);
    for (std::size_t i = 0; i < found->size(); ++i) {
        fuzz::must((*found)[i].value == (*values)[i]);
    }
    return 0;
}
