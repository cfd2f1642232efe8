#include "core/sources/orders.h"

#include <algorithm>
#include <utility>

#include "core/sources/state_file.h"

namespace datong::sources {
namespace {

constexpr std::chrono::minutes kFresh{5};

/// The department whose source it is; nullptr for an unknown one.
const catalogue::Department* owner_of(const std::string& source, const catalogue::Snapshot& snapshot) {
    const auto found = snapshot.departments.find(source.substr(0, source.find('/')));
    const bool known = snapshot.sources.contains(source) && found != snapshot.departments.end();
    return known ? found->second.get() : nullptr;
}

const crypto::VerifyingKey* retired_key(const std::string& department, const std::string& keyid,
                                        const catalogue::Snapshot& snapshot) {
    const auto& all = snapshot.retired_keys;
    const auto found = std::ranges::find_if(all, [&](const catalogue::RetiredKey& key) {
        return key.id == keyid && key.owner == "department:" + department;
    });
    return found == all.end() ? nullptr : &found->key;
}

/// An order that was taken before this start: of its department's own hand still, also where that has another key now.
/// Of a source that is not configured nobody can say; nor is it asked.
Status was_signed(const signing::Jws& jws, const Order& order, const catalogue::Snapshot& snapshot) {
    const catalogue::Department* owner = owner_of(order.source, snapshot);
    if (owner == nullptr) {
        return {};
    }
    const catalogue::NamedKey* key = owner->key.find(jws.keyid());
    const crypto::VerifyingKey* retired = retired_key(owner->id, jws.keyid(), snapshot);
    const bool is_theirs = key != nullptr && key->key ? signing::verify_jws(jws, key->key->verifying_key()).has_value()
                                                      : retired != nullptr && signing::verify_jws(jws, *retired);
    if (!is_theirs) {
        return fail(Fault::internal, "the order about " + order.source + " is not signed by a key of department " +
                                         owner->id + " (" + std::string{jws.keyid()} + ")");
    }
    if (order.gateway != snapshot.gateway.name) {
        return fail(Fault::internal, "the order about " + order.source + " is for the gateway " + order.gateway +
                                         ", and the name in gateway.yaml is " + snapshot.gateway.name);
    }
    return {};
}

Result<Order> verified(std::string_view compact, const catalogue::Snapshot& snapshot, WallTime now) {
    const auto jws = signing::read_jws(compact);
    if (!jws) {
        return fail(jws.error());
    }
    auto order = read_order(*jws);
    if (!order) {
        return order;
    }
    const catalogue::Department* owner = owner_of(order->source, snapshot);
    if (owner == nullptr) {
        return fail(Fault::no_such_resource, "no source " + order->source);
    }
    const catalogue::NamedKey* key = owner->key.find(jws->keyid());
    if (key == nullptr || !key->key || !signing::verify_jws(*jws, key->key->verifying_key())) {
        return fail(Fault::signature_invalid, "not signed by the key of department " + owner->id);
    }
    if (order->gateway != snapshot.gateway.name) {
        return fail(Fault::bad_request, "the order is for another gateway");
    }
    if (order->at < now - kFresh || order->at > now + kFresh) {
        return fail(Fault::signature_stale, "the order was not given within five minutes; look at the clocks");
    }
    return order;
}

}  // namespace

Orders::Orders(std::string file, const Clock& clock, catalogue::SourceStates& states)
    : file_{std::move(file)}, clock_{clock}, states_{states} {
}

Status Orders::recall(const catalogue::Snapshot& snapshot) {
    const auto state = read_state(file_);
    if (!state) {
        return fail(state.error());
    }
    const record::Record* list = state->find("orders");
    const std::lock_guard lock{mutex_};
    for (const record::Record& one : list == nullptr ? record::Record::List{} : list->items()) {
        std::string compact{one.scalar()};
        const auto jws = signing::read_jws(compact);
        auto order = jws ? read_order(*jws) : fail(jws.error());
        if (!order) {
            return fail(Fault::internal, file_ + ": " + order.error().detail());
        }
        if (auto good = was_signed(*jws, *order, snapshot); !good) {
            return fail(std::move(good.error()).within(file_));
        }
        put_in_force(*order);
        std::string source = order->source;
        orders_.insert_or_assign(std::move(source), Kept{std::move(*order), std::move(compact)});
    }
    return {};
}

Result<Order> Orders::take(std::string_view jws, const catalogue::Snapshot& snapshot, const Recorder& note) {
    auto order = verified(jws, snapshot, clock_.now());
    if (!order) {
        return order;
    }
    const std::lock_guard one_at_a_time{taking_};
    const auto before = last(order->source);
    if (before && order->at <= before->at) {
        return fail(Fault::replayed, "an order that was given later, or this one, was taken before");
    }
    if (auto recorded = note(*order, jws); !recorded) {
        return fail(Fault::evidence_unavailable, recorded.error().detail());
    }
    ById next = orders_;  // nobody else writes them
    next.insert_or_assign(order->source, Kept{*order, std::string{jws}});
    if (auto saved = save(next); !saved) {
        return fail(Fault::evidence_unavailable, saved.error().detail());
    }
    const std::lock_guard lock{mutex_};
    orders_ = std::move(next);
    put_in_force(*order);
    return order;
}

std::optional<Order> Orders::last(const std::string& source) const {
    const std::lock_guard lock{mutex_};
    const auto found = orders_.find(source);
    return found == orders_.end() ? std::nullopt : std::optional{found->second.order};
}

Status Orders::save(const ById& orders) const {
    record::Record list = record::Record::list();
    for (const auto& [source, kept] : orders) {
        list.add(record::Record::text(kept.jws));
    }
    record::Record state = record::Record::object();
    state.put("datong", record::Record::text("source-orders/v1"));
    state.put("orders", std::move(list));
    return write_state(file_, state);
}

void Orders::put_in_force(const Order& order) const {
    const bool pauses = order.what == Order::What::pause;
    states_.of(order.source)->set_pause(pauses ? std::optional{adapter::Pause{order.until}} : std::nullopt);
}

}  // namespace datong::sources
