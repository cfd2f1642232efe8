/* Plug-ins that are wrong, one a variant that CMake defines; and one whose answers are wrong, by operation. */
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "adapters/plugin/include/datong/adapter_abi.h"

#ifndef VARIANT_ABI
#define VARIANT_ABI DATONG_ADAPTER_ABI_VERSION
#endif
#ifndef VARIANT_SIZE
#define VARIANT_SIZE sizeof(datong_adapter_api)
#endif
#ifndef VARIANT_KIND
#define VARIANT_KIND "hostile"
#endif
#ifndef VARIANT_ASK
#define VARIANT_ASK ask
#endif
#ifndef VARIANT_SCHEMA
#define VARIANT_SCHEMA                                                                              \
    "{\"type\":\"object\",\"required\":[\"port\"],\"additionalProperties\":false,\"properties\":{"  \
    "\"port\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535},"                              \
    "\"code\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":4},"                               \
    "\"mode\":{\"enum\":[\"a\",\"b\"]},\"fast\":{\"type\":\"boolean\"},"                            \
    "\"password\":{\"type\":\"string\",\"x-secret\":true},"                                         \
    "\"tables\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1}}}"
#endif

static datong_bytes text(const char* words) {
    const datong_bytes made = {words, strlen(words)};
    return made;
}

static datong_field field(const char* name, const char* value, uint32_t kind) {
    const datong_field made = {text(name), text(value), kind, 0};
    return made;
}

static char opened_with[4096];

static int open_one(datong_bytes settings, const datong_answer* answer, void** instance) {
    if (settings.size >= sizeof(opened_with) || strstr(settings.data, "\"port\":666") != NULL) {
        answer->explain(answer->context, text("no such port\n\xD5\xC5 here"));
        return 1;
    }
    memcpy(opened_with, settings.data, settings.size);
    opened_with[settings.size] = '\0';
    *instance = opened_with;
    return 0;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is(const datong_ask* what, const char* operation) {
    return what->operation.size == strlen(operation) && memcmp(what->operation.data, operation, what->operation.size) == 0;
}

static datong_outcome one_row(const datong_answer* answer, datong_field one) {
    answer->row(answer->context, text("rows"), &one, 1);
    return DATONG_ANSWERED;
}

static datong_outcome ask(void* instance, const datong_ask* what, const datong_answer* answer) {
    datong_field one = field("XM", "value", DATONG_TEXT);
    if (is(what, "settings")) {
        answer->body(answer->context, 0, text("application/json"), text((const char*)instance));
        return DATONG_ANSWERED;
    }
    if (is(what, "fields")) {
        for (size_t i = 0; i < what->field_count; ++i) {
            answer->row(answer->context, text("rows"), &what->fields[i], 1);
        }
        return DATONG_ANSWERED;
    }
    if (is(what, "no rows")) {
        answer->row(answer->context, text("rows"), NULL, 0);
        return DATONG_ANSWERED;
    }
    if (is(what, "time left")) {
        const int good = (int64_t)what->deadline_ms > now_ms() && (int64_t)what->deadline_ms < now_ms() + 60000;
        answer->body(answer->context, good ? 200 : 500, text(""), what->body);
        return DATONG_ANSWERED;
    }
    if (is(what, "sleep")) {
        const struct timespec a_while = {0, 600000000};
        nanosleep(&a_while, NULL);
        return DATONG_TIMEOUT;
    }
    if (is(what, "nothing")) {
        return DATONG_ANSWERED;
    }
    if (is(what, "no such outcome")) {
        return (datong_outcome)77;
    }
    if (is(what, "two bodies")) {
        answer->body(answer->context, 0, text(""), text("one"));
        answer->body(answer->context, 0, text(""), text("two"));
        return DATONG_ANSWERED;
    }
    if (is(what, "rows and a body")) {
        one_row(answer, one);
        answer->body(answer->context, 0, text(""), text("one"));
        return DATONG_ANSWERED;
    }
    if (is(what, "null with a size")) {
        const datong_bytes nowhere = {NULL, 10};
        answer->body(answer->context, 0, text(""), nowhere);
        return DATONG_ANSWERED;
    }
    if (is(what, "no such kind")) {
        one.kind = 99;
        return one_row(answer, one);
    }
    if (is(what, "text that is none")) {
        return one_row(answer, field("XM", "\xD5\xC5", DATONG_TEXT));
    }
    if (is(what, "number that is none")) {
        return one_row(answer, field("JE", "1e5", DATONG_NUMBER));
    }
    if (is(what, "name that is none")) {
        return one_row(answer, field("\xD5\xC5", "x", DATONG_TEXT));
    }
    if (is(what, "no name")) {
        return one_row(answer, field("", "x", DATONG_TEXT));
    }
    if (is(what, "twice")) {
        const datong_field both[2] = {one, one};
        answer->row(answer->context, text("rows"), both, 2);
        return DATONG_ANSWERED;
    }
    if (is(what, "fields from nowhere")) {
        answer->row(answer->context, text("rows"), NULL, 3);
        return DATONG_ANSWERED;
    }
    if (is(what, "too many fields")) {
        answer->row(answer->context, text("rows"), &one, (size_t)-1);
        return DATONG_ANSWERED;
    }
    if (is(what, "a size beyond all memory")) {
        one.value.size = (size_t)-1;
        return one_row(answer, one);
    }
    if (is(what, "rows without end")) {
        while (answer->row(answer->context, text("rows"), &one, 1) == 0) {
        }
        return DATONG_ANSWERED; /* and not DATONG_INVALID, as it should */
    }
    if (is(what, "no reason")) {
        const datong_bytes nowhere = {NULL, 10};
        answer->explain(answer->context, nowhere);
        return DATONG_DOWN;
    }
    if (is(what, "a reason")) {
        answer->explain(answer->context, text("first\nline\xD5"));
        return DATONG_REFUSED;
    }
    return DATONG_BAD_ASK;
}

static datong_outcome probe(void* instance, uint64_t deadline_ms, const datong_answer* answer) {
    (void)instance;
    (void)deadline_ms;
    answer->explain(answer->context, text("the line is cut"));
    return DATONG_DOWN;
}

#ifndef VARIANT_CLOSE_MS
#define VARIANT_CLOSE_MS 0
#endif

static void close_one(void* instance) {
    const struct timespec a_while = {VARIANT_CLOSE_MS / 1000, VARIANT_CLOSE_MS % 1000 * 1000000L};
    (void)instance;
    nanosleep(&a_while, NULL);
}

static datong_outcome (*const kAsk)(void*, const datong_ask*, const datong_answer*) = ask;

const datong_adapter_api* VARIANT_ENTRY(void);
const datong_adapter_api* VARIANT_ENTRY(void) {
    static datong_adapter_api api;
    (void)kAsk;
    api.struct_size = VARIANT_SIZE;
    api.abi_version = VARIANT_ABI;
    api.kind = text(VARIANT_KIND);
    api.version = text("1.0.0");
    api.settings_schema_json = text(VARIANT_SCHEMA);
    api.open = open_one;
    api.ask = VARIANT_ASK;
    api.probe = probe;
    api.close = close_one;
    return &api;
}
