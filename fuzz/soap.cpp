#include "core/codec/soap.h"

#include "fuzz/must.h"

using namespace datong;

/// What is taken apart is of a version that we know, and its content can be wrapped again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const bool is_text : {false, true}) {
        const auto message = codec::read_soap(fuzz::text_of(data, size), is_text);
        if (!message) {
            continue;
        }
        fuzz::must(message->version == "1.1" || message->version == "1.2");
        fuzz::must(!message->body_name.empty() || message->body.is_null());
        const auto wrapped = codec::write_soap(message->version, message->body_name, {}, message->body);
        if (wrapped) {
            fuzz::must(codec::read_soap(*wrapped, true).has_value());
        }
    }
    return 0;
}
