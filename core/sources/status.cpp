#include "core/sources/status.h"

namespace datong::sources {
namespace {

using record::Record;

Record whole(std::size_t value) {
    return Record::integer(static_cast<long long>(value));
}

Record order_record(const Order& order) {
    Record one = Record::object();
    one.put("order", Record::text(std::string{name_of(order.what)}));
    one.put("at", Record::text(to_rfc3339(order.at)));
    if (order.until) {
        one.put("until", Record::text(to_rfc3339(*order.until)));
    }
    return one;
}

Record source_record(const std::string& name, const adapter::Guard& source, const catalogue::Snapshot& snapshot,
                     const Orders& orders, WallTime now) {
    const adapter::SourceState& state = source.state();
    const adapter::Limits& limits = source.limits();
    const auto shut = source.closed();
    const auto owner = snapshot.departments.find(name.substr(0, name.find('/')));
    Record one = Record::object();
    one.put("source", Record::text(name));
    if (owner != snapshot.departments.end()) {
        one.put("title", Record::text(owner->second->title));
        one.put("key", Record::text(owner->second->key.id));
    }
    const std::string disabled = source.disabled();
    const bool is_disabled = !disabled.empty();
    one.put("state", Record::text(is_disabled ? "disabled" : shut ? "closed" : source.resting() ? "resting" : "open"));
    if (is_disabled) {
        one.put("why", Record::text(disabled));
    } else if (shut) {
        one.put("why", Record::text(shut->why));
        if (shut->until) {
            one.put("until", Record::text(to_rfc3339(*shut->until)));
        }
    }
    one.put("in_flight", whole(state.in_flight()));
    one.put("allowed", whole(state.allowed(limits)));
    one.put("agreed", whole(limits.in_flight));
    one.put("waiting", whole(state.waiting()));
    one.put("calls_today", whole(state.calls_today(now)));
    if (limits.daily > 0) {
        one.put("daily", whole(limits.daily));
    }
    if (const auto last = orders.last(name)) {
        one.put("last_order", order_record(*last));
    }
    return one;
}

}  // namespace

Record status_of(const catalogue::Snapshot& snapshot, const Orders& orders, WallTime now) {
    Record list = Record::list();
    for (const auto& [name, source] : snapshot.sources) {
        list.add(source_record(name, *source, snapshot, orders, now));
    }
    Record all = Record::object();
    all.put("gateway", Record::text(snapshot.gateway.name));
    all.put("sources", std::move(list));
    return all;
}

void show_gauges(const catalogue::Snapshot& snapshot, WallTime now, telemetry::Sink& sink) {
    for (const auto& [name, source] : snapshot.sources) {
        const adapter::SourceState& state = source->state();
        const auto gauge = [&sink, &label = name](std::string_view metric, std::size_t value) {
            sink.gauge(metric, {{"source", label}}, static_cast<double>(value));
        };
        gauge("datong_adapter_in_flight_calls", state.in_flight());
        gauge("datong_adapter_allowed_calls", state.allowed(source->limits()));
        gauge("datong_adapter_waiting_calls", state.waiting());
        gauge("datong_adapter_today_calls", state.calls_today(now));
        gauge("datong_adapter_closed_flag", source->closed() ? 1 : 0);
    }
}

}  // namespace datong::sources
