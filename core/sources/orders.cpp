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

/// Of its department's own hand still, also where that has another key now.
bool is_theirs(const signing::Jws& jws, const Order& order, const catalogue::Department& owner,
               const catalogue::Snapshot& snapshot) {
    const catalogue::NamedKey* key = owner.key.find(jws.keyid());
    const crypto::VerifyingKey* retired = retired_key(owner.id, jws.keyid(), snapshot);
    const bool is_signed = key != nullptr && key->key ? signing::verify_jws(jws, key->key->verifying_key()).has_value()
                                                      : retired != nullptr && signing::verify_jws(jws, *retired);
    return is_signed && order.gateway == snapshot.gateway.name;
}

bool closes(const Order& order, WallTime now) {
    return order.what == Order::What::pause && (!order.until || *order.until > now);
}

/// What becomes of an order that was taken before.
enum class Standing {
    waits,   ///< its source is not configured: nobody can say whose it is
    holds,   ///< as its department signed it
    old,     ///< not shown to be theirs by today's keys, but it closes nothing
    broken,  ///< the same of one that closes a source
};

Standing standing_of(const Order& order, std::string_view compact, const catalogue::Snapshot& snapshot, WallTime now) {
    const catalogue::Department* owner = owner_of(order.source, snapshot);
    if (owner == nullptr) {
        return Standing::waits;
    }
    const auto jws = signing::read_jws(compact);
    if (jws && is_theirs(*jws, order, *owner, snapshot)) {
        return Standing::holds;
    }
    return closes(order, now) ? Standing::broken : Standing::old;
}

Error broken(const std::string& file, const Order& order, std::string_view compact,
             const catalogue::Snapshot& snapshot) {
    const auto jws = signing::read_jws(compact);
    const std::string why =
        order.gateway != snapshot.gateway.name
            ? " is for the gateway " + order.gateway + ", and the name in gateway.yaml is " + snapshot.gateway.name
            : " is not signed by a key of department " + order.source.substr(0, order.source.find('/')) + " (" +
                  std::string{jws ? jws->keyid() : std::string_view{}} + "); a key that it had stays under `retired`";
    return Error{Fault::internal, file + ": the pause of " + order.source + why +
                                      ". Under the key and the name before the department can resume it"};
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
        std::string source = order->source;
        orders_.insert_or_assign(std::move(source), Kept{std::move(*order), std::move(compact)});
    }
    put_in_force(snapshot);
    return would_hold_here(snapshot);
}

Status Orders::would_hold(const catalogue::Snapshot& snapshot) const {
    const std::lock_guard lock{mutex_};
    return would_hold_here(snapshot);
}

void Orders::hold(const catalogue::Snapshot& snapshot) {
    const std::scoped_lock lock{taking_, mutex_};
    put_in_force(snapshot);
}

Status Orders::would_hold_here(const catalogue::Snapshot& snapshot) const {
    for (const auto& [source, kept] : orders_) {
        if (standing_of(kept.order, kept.jws, snapshot, clock_.now()) == Standing::broken) {
            return fail(broken(file_, kept.order, kept.jws, snapshot));
        }
    }
    return {};
}

/// One that is not shown to be theirs, of a time to come, would make the department's own a replay until then.
void Orders::put_in_force(const catalogue::Snapshot& snapshot) {
    const WallTime now = clock_.now();
    std::erase_if(orders_, [&](const auto& one) {
        const Kept& kept = one.second;
        const Standing standing = standing_of(kept.order, kept.jws, snapshot, now);
        if (standing == Standing::holds) {
            put_in_force(kept.order);
        }
        return standing == Standing::old && kept.order.at > now + kFresh;
    });
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
