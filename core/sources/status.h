#pragma once

#include "core/catalogue/snapshot.h"
#include "core/record/record.h"
#include "core/sources/orders.h"
#include "core/telemetry/sink.h"

namespace datong::sources {

/// Every source as an administrator sees it:
/// {gateway, sources: [{source, title, key, state, why?, until?, in_flight, allowed, agreed, waiting, calls_today,
/// daily?, last_order?: {order, at, until?}}]}; `state` is open, closed (by the department) or resting (the breaker),
/// `key` the id of the department's key, which signs its orders.
[[nodiscard]] record::Record status_of(const catalogue::Snapshot& snapshot, const Orders& orders, WallTime now);

/// The same as gauges: datong_adapter_in_flight_calls, _allowed_calls, _waiting_calls, _today_calls and _closed_flag,
/// by source.
void show_gauges(const catalogue::Snapshot& snapshot, WallTime now, telemetry::Sink& sink);

}  // namespace datong::sources
