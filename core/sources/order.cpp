#include "core/sources/order.h"

#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::sources {
namespace {

using record::Record;
using std::chrono::milliseconds;

constexpr std::string_view kType = "datong-source-order+jws";

std::int64_t to_ms(WallTime time) {
    return std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
}

std::optional<WallTime> time_of(const Record& payload, std::string_view name) {
    constexpr std::uint64_t kLast = 253'402'300'800'000;  // year 10000
    const Record* value = payload.find(name);
    const auto ms = value != nullptr && value->is_number() ? to_whole_number(value->scalar()) : std::nullopt;
    if (!ms || *ms >= kLast) {
        return std::nullopt;
    }
    return WallTime{milliseconds{static_cast<std::int64_t>(*ms)}};
}

}  // namespace

std::string_view name_of(Order::What what) {
    return what == Order::What::pause ? "pause" : "resume";
}

Result<std::string> sign_order(const Order& order, std::string_view keyid, const crypto::SigningKey& key) {
    Record payload = Record::object();
    payload.put("order", Record::text(std::string{name_of(order.what)}));
    payload.put("gateway", Record::text(order.gateway));
    payload.put("source", Record::text(order.source));
    payload.put("at", Record::integer(to_ms(order.at)));
    if (order.until) {
        payload.put("until", Record::integer(to_ms(*order.until)));
    }
    return signing::sign_jws(codec::write_json(payload), keyid, kType, key.default_algorithm(), key);
}

Result<Order> read_order(const signing::Jws& jws) {
    if (jws.header.text_of("typ") != kType) {
        return fail(Fault::bad_request, "the JWS is no order");
    }
    const auto payload = codec::read_json(jws.payload, {.max_bytes = 4096, .max_depth = 4, .max_nodes = 32});
    if (!payload || !payload->is_object()) {
        return fail(Fault::bad_request, "the order is no JSON object");
    }
    const std::string what = payload->text_of("order");
    const auto at = time_of(*payload, "at");
    Order order{.what = what == "pause" ? Order::What::pause : Order::What::resume,
                .gateway = payload->text_of("gateway"),
                .source = payload->text_of("source"),
                .at = at.value_or(WallTime{}),
                .until = time_of(*payload, "until")};
    const bool has_until = payload->find("until") != nullptr;
    if ((what != "pause" && what != "resume") || !at || order.source.empty() || has_until != order.until.has_value() ||
        (has_until && what == "resume")) {
        return fail(Fault::bad_request, "the order needs order, gateway, source and at, and until in a pause only");
    }
    return order;
}

}  // namespace datong::sources
