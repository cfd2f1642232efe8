#include "core/catalogue/snapshot.h"

#include <algorithm>
#include <iterator>

namespace datong::catalogue {
namespace {

using record::Record;

template <class Map>
auto* find_in(const Map& map, std::string_view id) {
    const auto found = map.find(id);
    return found == map.end() ? nullptr : found->second.get();
}

void add_key(Record& keys, const crypto::VerifyingKey& key, const std::string& id, std::string_view owner) {
    Record jwk = key.to_jwk();
    if (jwk.is_object()) {
        jwk.put("kid", Record::text(id));
        jwk.put("use", Record::text("sig"));
        jwk.put("datong_owner", Record::text(std::string{owner}));
        keys.add(std::move(jwk));
    }
}

/// Every valid key of a holder: those that will sign are known before they do.
void add_keys(Record& keys, const NamedKey& key, const std::string& owner) {
    if (key.key) {
        add_key(keys, key.key->verifying_key(), key.id, owner);
    }
    for (const NamedKey& other : key.others) {
        add_keys(keys, other, owner);
    }
}

}  // namespace

const NamedKey& NamedKey::at(std::chrono::system_clock::time_point moment) const {
    const NamedKey* found = this;
    for (const NamedKey& other : others) {
        if (other.key && other.from <= moment && other.from > found->from) {
            found = &other;
        }
    }
    return *found;
}

const NamedKey* NamedKey::find(std::string_view key_id) const {
    if (id == key_id) {
        return this;
    }
    const auto found = std::ranges::find(others, key_id, &NamedKey::id);
    return found == others.end() ? nullptr : &*found;
}

const Question* Matter::question(std::string_view fact) const {
    const auto found = std::find_if(questions.begin(), questions.end(),
                                    [fact](const Question& question) { return question.fact == fact; });
    return found == questions.end() ? nullptr : &*found;
}

const Material* Matter::material(std::string_view material_id) const {
    for (const Requirement& requirement : requirements) {
        for (const auto& list : requirement.any_of) {
            if (const auto found = std::ranges::find(list, material_id, &Material::id); found != list.end()) {
                return &*found;
            }
        }
    }
    return nullptr;
}

std::vector<policy::Predicate> Subset::predicates_on(const record::Date& day) const {
    constexpr int kMonths = 12;
    std::vector<policy::Predicate> all;
    for (const FixedPredicate& one : verify) {
        all.push_back(one.predicate);
        if (one.years_ago) {
            all.back().value =
                record::Record::text(record::to_text(record::add_months(day, -kMonths * *one.years_ago)));
        }
    }
    return all;
}

const Subset* Service::subset(std::string_view name) const {
    const auto found = std::ranges::find(subsets, name, &Subset::id);
    return found == subsets.end() ? nullptr : &*found;
}

const Service* Snapshot::service(std::string_view id) const {
    return find_in(services, id);
}
const Matter* Snapshot::matter(std::string_view id) const {
    return find_in(matters, id);
}

const Needs* Snapshot::needed(std::string_view purpose, std::string_view matter_id, std::string_view service_id) const {
    if (const Matter* named = matter(matter_id); named != nullptr && named->purpose == purpose) {
        if (const auto found = named->needs.find(service_id); found != named->needs.end()) {
            return &found->second;
        }
    }
    const auto of_purpose = needs.find(purpose);
    if (of_purpose == needs.end()) {
        return nullptr;
    }
    const auto found = of_purpose->second.find(service_id);
    return found == of_purpose->second.end() ? nullptr : &found->second;
}

const Licence* Snapshot::licence_of(std::string_view service) const {
    const auto found = std::ranges::find_if(licences, [service](const auto& entry) {
        return entry.second.service != nullptr && entry.second.service->id == service;
    });
    return found == licences.end() ? nullptr : &found->second;
}

namespace {

/// One that begins later is told too; one that was taken back is not, before any reload.
bool is_told(const policy::Grant& grant, const record::Date& today) {
    return today <= grant.valid_to && !*grant.approval.withdrawn;
}

}  // namespace

std::vector<const policy::Grant*> Snapshot::grants_of(std::string_view consumer, const record::Date& today) const {
    std::vector<const policy::Grant*> found;
    std::ranges::copy_if(granted.of(consumer), std::back_inserter(found),
                         [&](const policy::Grant* grant) { return is_told(*grant, today); });
    return found;
}

bool Snapshot::is_granted(std::string_view consumer, std::string_view service, const record::Date& today) const {
    return std::ranges::any_of(granted.of(consumer, service),
                               [&](const policy::Grant* grant) { return is_told(*grant, today); });
}

const ConsumerKey* Snapshot::consumer_key_by_thumbprint(std::string_view thumbprint) const {
    for (const auto& [id, key] : consumer_keys) {
        if (!thumbprint.empty() && key.thumbprint == thumbprint) {
            return &key;
        }
    }
    return nullptr;
}

const ConsentIssuer* Snapshot::consent_issuer_of(std::string_view key_id) const {
    for (const auto& [id, issuer] : consent_issuers) {
        if (issuer.keys.contains(key_id)) {
            return &issuer;
        }
    }
    return nullptr;
}

const ConsumerKey* Snapshot::consumer_key(std::string_view id) const {
    const auto found = consumer_keys.find(id);
    return found == consumer_keys.end() ? nullptr : &found->second;
}

std::optional<crypto::VerifyingKey> Snapshot::gateway_key(std::string_view id) const {
    const NamedKey* found = gateway.key.find(id);
    if (found != nullptr && found->key) {
        return found->key->verifying_key();
    }
    const auto retired = std::ranges::find_if(
        retired_keys, [id](const RetiredKey& key) { return key.owner == "gateway" && key.id == id; });
    return retired == retired_keys.end() ? std::nullopt : std::optional{retired->key};
}

Record Snapshot::public_keys(bool with_consumers) const {
    Record keys = Record::list();
    add_keys(keys, gateway.key, "gateway");
    for (const auto& [id, department] : departments) {
        add_keys(keys, department->key, "department:" + id);
    }
    if (with_consumers) {
        for (const auto& [id, key] : consumer_keys) {
            add_key(keys, key.key, id, "consumer:" + key.consumer->id);
        }
        for (const RetiredKey& retired : retired_keys) {
            add_key(keys, retired.key, retired.id, retired.owner);
            Record& jwk = keys.items_to_edit().back();
            if (!retired.from.empty()) {
                jwk.put("datong_from", Record::text(retired.from));
            }
            jwk.put("datong_to", Record::text(retired.to));
        }
    }
    Record jwks = Record::object();
    jwks.put("keys", std::move(keys));
    return jwks;
}

std::shared_ptr<const Snapshot> Current::get() const {
    const std::lock_guard lock{mutex_};
    return snapshot_;
}

void Current::put(std::shared_ptr<const Snapshot> next) {
    const std::lock_guard lock{mutex_};
    snapshot_.swap(next);  // the old one goes after the lock
}

}  // namespace datong::catalogue
