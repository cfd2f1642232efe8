// A plug-in in C++ that lets an exception out, which the ABI forbids.
#include <stdexcept>

#include "adapters/plugin/include/datong/adapter_abi.h"

namespace {

datong_bytes bytes(const char* words, size_t size) {
    return {words, size};
}

int open_one(datong_bytes, const datong_answer*, void** instance) {
    *instance = nullptr;
    return 0;
}

datong_outcome ask(void*, const datong_ask*, const datong_answer*) {
    throw std::runtime_error{"not caught"};
}

datong_outcome probe(void*, uint64_t, const datong_answer*) {
    return DATONG_ANSWERED;
}

void close_one(void*) {
}

}  // namespace

const datong_adapter_api* datong_adapter_entry(void) {
    static const datong_adapter_api api{sizeof(datong_adapter_api),
                                        DATONG_ADAPTER_ABI_VERSION,
                                        0,
                                        bytes("hostile", 7),
                                        bytes("1.0.0", 5),
                                        bytes("{}", 2),
                                        open_one,
                                        ask,
                                        probe,
                                        close_one};
    return &api;
}
