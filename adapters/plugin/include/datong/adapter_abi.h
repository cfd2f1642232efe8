/* Adapter ABI 1 of datong 打通: a department's supplier builds an adapter as a shared object against
 * this one file, with any compiler or language that can export a C function. Plain C11, nothing included
 * beyond stddef.h and stdint.h.
 *
 * TRUST      A plug-in runs inside the gateway with all its rights. The gateway loads only a file whose
 *            SHA-256 stands in its configuration and which only root or the gateway's user can write.
 *            Code of unknown quality belongs into a process of its own.
 * THREADS    open and close are called once each. ask and probe are called from many threads at once on
 *            one instance. They may block, but not past deadline_ms. No thread of the plug-in calls the
 *            gateway; no function throws, longjmps, forks or changes signals, locale or working folder.
 * OWNERSHIP  Every pointer passed in lives until the call returns. Output leaves only through the
 *            functions of datong_answer, which copy, and only until the call returns. Nothing is freed
 *            across the border. The table and its texts are static and live as long as the process.
 * GROWTH     Every struct that is passed by pointer begins with its size, as the side that fills it
 *            knows it; new members go at the end, none is ever removed or changes its meaning. A reader
 *            looks at a member only if it lies inside that size. abi_version must be equal; another one
 *            is refused. Values that a plug-in does not know are an error, not a guess.
 */
#ifndef DATONG_ADAPTER_ABI_H
#define DATONG_ADAPTER_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DATONG_ADAPTER_ABI_VERSION 1u

/* Octets with their count; no final 0, data may be NULL where size is 0. Where a text is meant it is
 * UTF-8; where bytes are meant it is whatever the department sent (GB18030, a PDF). */
typedef struct datong_bytes {
    const char* data;
    size_t size;
} datong_bytes;

typedef enum datong_kind {
    DATONG_NULL = 0,   /* no value: the department's NULL */
    DATONG_TEXT = 1,   /* UTF-8 */
    DATONG_NUMBER = 2, /* digits as written, such as "100.10"; never a double */
    DATONG_RAW = 3     /* octets that nobody has decoded; the mapping knows their charset */
} datong_kind;

/* One named value: a column of a row, a parameter of a question. */
typedef struct datong_field {
    datong_bytes name;  /* UTF-8 */
    datong_bytes value; /* as kind says */
    uint32_t kind;      /* datong_kind */
    uint32_t reserved;  /* 0 */
} datong_field;

typedef enum datong_outcome {
    DATONG_ANSWERED = 0, /* body or row was called as the answer needs */
    DATONG_DOWN = 1,     /* could not be reached, refused the connection, broke it */
    DATONG_TIMEOUT = 2,  /* no answer before deadline_ms */
    DATONG_REFUSED = 3,  /* the department's system said no, in its own code */
    DATONG_BAD_ASK = 4,  /* this operation, or these fields, are not served */
    DATONG_INVALID = 5   /* what came is no message of the protocol */
} datong_outcome;

/* What one call asks, in the department's own words: what the request mapping made. */
typedef struct datong_ask {
    size_t struct_size;
    datong_bytes operation;    /* as named under `operations` in the settings */
    datong_bytes exchange;     /* the exchange's id, for the legacy protocol's own correlation */
    datong_bytes body;         /* raw bytes of the request, when the mapping made a message */
    datong_bytes content_type; /* of body */
    const datong_field* fields;
    size_t field_count;
    uint64_t deadline_ms; /* CLOCK_MONOTONIC, milliseconds */
} datong_ask;

/* Where an answer goes; filled by the gateway. Each function copies what it is given, and returns 0, or
 * another value when the answer is over its limits: then return DATONG_INVALID. */
typedef struct datong_answer {
    size_t struct_size;
    void* context; /* the first argument of each function */
    /* The whole answer as one message: the protocol's status (0: it has none), its type, its octets.
     * At most once, and not together with row. */
    int (*body)(void* context, int32_t status, datong_bytes content_type, datong_bytes octets);
    /* One row of the named set, in the order of the rows. With field_count 0 it is no row: it says that
     * the set is there, so that a set without rows is told from one that did not come. */
    int (*row)(void* context, datong_bytes set, const datong_field* fields, size_t field_count);
    /* Why there is no answer, in English, for operators: never personal data, never a value. */
    int (*explain)(void* context, datong_bytes why);
} datong_answer;

/* What a plug-in is; filled by it, in static storage. */
typedef struct datong_adapter_api {
    size_t struct_size;
    uint32_t abi_version; /* DATONG_ADAPTER_ABI_VERSION that it was built with */
    uint32_t reserved;    /* 0 */
    datong_bytes kind;    /* [a-z][a-z0-9_]*, unique in one gateway: what `adapter:` names */
    datong_bytes version; /* of the plug-in, such as "1.2.0" */
    /* JSON Schema (2020-12) of its settings, an object; a secret one carries "x-secret": true. The
     * gateway checks the settings against it before open is called. */
    datong_bytes settings_schema_json;
    /* Makes an instance from checked settings. Returns 0 and sets *instance, or another value after
     * explain. `answer` has no use here but explain. */
    int (*open)(datong_bytes settings_json, const datong_answer* answer, void** instance);
    datong_outcome (*ask)(void* instance, const datong_ask* ask, const datong_answer* answer);
    /* Whether the department's system can be reached; cheap. `datong source check`
     * calls it; the gateway goes by the calls themselves. */
    datong_outcome (*probe)(void* instance, uint64_t deadline_ms, const datong_answer* answer);
    void (*close)(void* instance);
} datong_adapter_api;

/* The one symbol that a plug-in exports. */
#if defined(__GNUC__)
#define DATONG_ADAPTER_EXPORT __attribute__((visibility("default")))
#else
#define DATONG_ADAPTER_EXPORT
#endif
DATONG_ADAPTER_EXPORT const datong_adapter_api* datong_adapter_entry(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* DATONG_ADAPTER_ABI_H */
