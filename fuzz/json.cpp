#include "core/codec/json.h"

#include "fuzz/must.h"

using namespace datong;

/// What is read is written and read again as the same record, compact and for people.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto record = codec::read_json(fuzz::text_of(data, size));
    if (record) {
        fuzz::must(codec::read_json(codec::write_json(*record)) == *record);
        fuzz::must(codec::read_json(codec::write_json_for_people(*record)) == *record);
    }
    return 0;
}
