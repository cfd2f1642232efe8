#include "core/codec/xml.h"
#include "fuzz/must.h"

using namespace datong;

/// As bytes and as text; what is read can be written, and what is written can be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const bool is_text : {false, true}) {
        const auto root = codec::read_xml(fuzz::text_of(data, size), is_text);
        if (!root) {
            continue;
        }
        const auto written = codec::write_xml(root->content, root->name, root->uri);
        if (written) {
            const auto again = codec::read_xml(*written, true);
            fuzz::must(again && again->name == root->name && again->uri == root->uri);
        }
    }
    return 0;
}
