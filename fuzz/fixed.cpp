#include "core/codec/fixed.h"

#include "fuzz/must.h"

using namespace datong;
using codec::FixedLayout;

/// What is cut is put together and cut into the same cells, whatever ends the lines. The layout is that of
/// examples/departments/README.md, so that the samples fit it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const FixedLayout kTax = [] {
        FixedLayout layout;
        layout.record_bytes = 120;
        layout.kinds = {{"H", 1, "H", false, {{"PZHM", 2, 20}, {"NSRMC", 42, 60}, {"SWJG", 110, 11}}},
                        {"D", 1, "D", true, {{"ZSXM", 2, 5}, {"SL", 38, 6}, {"RKRQ", 59, 8}}},
                        {"T", 1, "T", false, {{"BS", 2, 6}, {"QSBZ", 23, 1}}}};
        return layout;
    }();
    using enum FixedLayout::LineEnd;
    for (const auto line_end : {none, lf, crlf, crlf_or_lf}) {
        FixedLayout layout = kTax;
        layout.line_end = line_end;
        const auto rows = codec::read_fixed(fuzz::text_of(data, size), layout);
        if (rows) {
            const auto written = codec::write_fixed(*rows, layout);
            fuzz::must(written.has_value());
            const auto again = codec::read_fixed(*written, layout);
            fuzz::must(again && *again == *rows);
        }
    }
    return 0;
}
