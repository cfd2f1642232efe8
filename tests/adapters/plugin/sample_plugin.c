/* A plug-in as a supplier would write it, compiled as C11: answers each field with its name and value. */
#include <string.h>

#include "tests/adapters/plugin/abi_layout.h"

static datong_bytes text(const char* words) {
    const datong_bytes made = {words, strlen(words)};
    return made;
}

static int open_sample(datong_bytes settings_json, const datong_answer* answer, void** instance) {
    static int only_one;
    if (settings_json.size == 0) {
        answer->explain(answer->context, text("no settings"));
        return 1;
    }
    *instance = &only_one;
    return 0;
}

static datong_outcome ask_sample(void* instance, const datong_ask* ask, const datong_answer* answer) {
    (void)instance;
    if (ask->struct_size < sizeof(datong_ask) || ask->field_count == 0) {
        return DATONG_BAD_ASK;
    }
    return answer->row(answer->context, text("rows"), ask->fields, ask->field_count) == 0 ? DATONG_ANSWERED
                                                                                          : DATONG_INVALID;
}

static datong_outcome probe_sample(void* instance, uint64_t deadline_ms, const datong_answer* answer) {
    (void)instance;
    (void)deadline_ms;
    (void)answer;
    return DATONG_ANSWERED;
}

static void close_sample(void* instance) {
    (void)instance;
}

const datong_adapter_api* datong_adapter_entry(void) {
    static const datong_adapter_api api = {.struct_size = sizeof(datong_adapter_api),
                                           .abi_version = DATONG_ADAPTER_ABI_VERSION,
                                           .kind = {"sample", 6},
                                           .version = {"1.0.0", 5},
                                           .settings_schema_json = {"{\"type\":\"object\"}", 17},
                                           .open = open_sample,
                                           .ask = ask_sample,
                                           .probe = probe_sample,
                                           .close = close_sample};
    return &api;
}
