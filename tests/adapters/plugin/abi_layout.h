/* The layout that plug-ins already built rely on, on every 64-bit system: a change here breaks them.
 * Compiled as C11 and as C++. */
#include <stddef.h>

#include "adapters/plugin/include/datong/adapter_abi.h"

#ifdef __cplusplus
#define DATONG_HOLDS(what) static_assert(what, #what)
#else
#define DATONG_HOLDS(what) _Static_assert(what, #what)
#endif

DATONG_HOLDS(DATONG_ADAPTER_ABI_VERSION == 1u);
DATONG_HOLDS(sizeof(datong_bytes) == 16);
DATONG_HOLDS(offsetof(datong_bytes, size) == 8);
DATONG_HOLDS(sizeof(datong_field) == 40);
DATONG_HOLDS(offsetof(datong_field, value) == 16);
DATONG_HOLDS(offsetof(datong_field, kind) == 32);
DATONG_HOLDS(sizeof(datong_ask) == 96);
DATONG_HOLDS(offsetof(datong_ask, operation) == 8);
DATONG_HOLDS(offsetof(datong_ask, exchange) == 24);
DATONG_HOLDS(offsetof(datong_ask, body) == 40);
DATONG_HOLDS(offsetof(datong_ask, content_type) == 56);
DATONG_HOLDS(offsetof(datong_ask, fields) == 72);
DATONG_HOLDS(offsetof(datong_ask, field_count) == 80);
DATONG_HOLDS(offsetof(datong_ask, deadline_ms) == 88);
DATONG_HOLDS(sizeof(datong_answer) == 40);
DATONG_HOLDS(offsetof(datong_answer, context) == 8);
DATONG_HOLDS(offsetof(datong_answer, body) == 16);
DATONG_HOLDS(offsetof(datong_answer, row) == 24);
DATONG_HOLDS(offsetof(datong_answer, explain) == 32);
DATONG_HOLDS(sizeof(datong_adapter_api) == 96);
DATONG_HOLDS(offsetof(datong_adapter_api, abi_version) == 8);
DATONG_HOLDS(offsetof(datong_adapter_api, kind) == 16);
DATONG_HOLDS(offsetof(datong_adapter_api, version) == 32);
DATONG_HOLDS(offsetof(datong_adapter_api, settings_schema_json) == 48);
DATONG_HOLDS(offsetof(datong_adapter_api, open) == 64);
DATONG_HOLDS(offsetof(datong_adapter_api, ask) == 72);
DATONG_HOLDS(offsetof(datong_adapter_api, probe) == 80);
DATONG_HOLDS(offsetof(datong_adapter_api, close) == 88);
