#include "adapters/all.h"

#include "adapters/exchange_table/exchange_table_adapter.h"
#include "adapters/file/file_adapter.h"
#include "adapters/frame/frame_adapter.h"
#include "adapters/plugin/plugin_adapter.h"
#include "adapters/queue/queue_adapter.h"
#include "adapters/rest/rest_adapter.h"
#include "adapters/soap/soap_adapter.h"
#include "adapters/sql/sql_adapter.h"

namespace datong::adapters {

void add_all(adapter::Registry& registry) {
    registry.add(rest::kind());
    registry.add(soap::kind());
    registry.add(sql::kind());
    registry.add(exchange_table::kind());
    registry.add(file::kind());
    registry.add(frame::kind());
    registry.add(queue::kind());
    registry.host_plugins(plugin::host());
}

}  // namespace datong::adapters
