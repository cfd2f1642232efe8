#include "core/catalogue/granting.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/signing/jws.h"

namespace datong::catalogue {
namespace {

constexpr std::string_view kType = "datong-grants+jws";
/// A hundred thousand grants.
constexpr codec::JsonLimits kLimits{.max_bytes = 32U << 20, .max_depth = 4, .max_nodes = 400'000};

bool is_of_its_time(const Roll& roll, const RollKey& by) {
    constexpr std::size_t kDay = 10;
    const std::string day = roll.at.substr(0, kDay);
    return by.to.empty() || (day >= by.from && day <= by.to && record::parse_iso_date(day).has_value());
}

}  // namespace

bool Roll::lists(const std::string& file, std::string_view text) const {
    return grants.contains({file, to_hex(crypto::sha256(text))});
}

Result<std::string> sign_roll(const Roll& roll, std::string_view keyid, const crypto::SigningKey& key) {
    std::string payload;
    codec::JsonWriter json{payload};
    json.open_object().member("gateway", roll.gateway).member("number", roll.number).member("at", roll.at);
    json.name("grants").open_list();
    for (const auto& [file, digest] : roll.grants) {
        json.open_object().member("file", file).member("sha256", digest).close_object();
    }
    json.close_list().close_object();
    return signing::sign_jws(payload, keyid, kType, key.default_algorithm(), key);
}

std::optional<RollKey> roll_key(const Snapshot& snapshot, const std::string& keyid, const record::Date& today) {
    auto key = snapshot.gateway_key(keyid);
    const auto retired = std::ranges::find_if(
        snapshot.retired_keys, [&keyid](const RetiredKey& one) { return one.owner == "gateway" && one.id == keyid; });
    const bool signs = snapshot.gateway.key.find(keyid) != nullptr;
    if (!key || signs || retired == snapshot.retired_keys.end()) {
        return key ? std::optional{RollKey{.key = std::move(*key)}} : std::nullopt;
    }
    const auto last = record::parse_iso_date(retired->to);
    if (!last || today > record::add_days(*last, kRetiredOpensDays)) {
        return std::nullopt;
    }
    return RollKey{.key = std::move(*key), .from = retired->from, .to = retired->to};
}

Result<Roll> read_roll(std::string_view compact, const FindRollKey& find_key) {
    const auto jws = signing::read_jws(compact);
    if (!jws || jws->header.text_of("typ") != kType) {
        return fail(Fault::bad_request, "no roll of grants");
    }
    const auto by = find_key(jws->keyid());
    if (!by || !signing::verify_jws(*jws, by->key)) {
        return fail(Fault::signature_invalid, "not signed by a key of this gateway");
    }
    const auto payload = codec::read_json(jws->payload, kLimits);
    const auto number = payload ? to_whole_number(payload->text_of("number")) : std::nullopt;
    const record::Record* list = payload ? payload->find("grants") : nullptr;
    if (!number || list == nullptr) {
        return fail(Fault::bad_request, "no roll of grants");
    }
    Roll roll{.gateway = payload->text_of("gateway"), .number = *number, .at = payload->text_of("at"), .grants = {}};
    if (!is_of_its_time(roll, *by)) {
        return fail(Fault::signature_invalid, "signed by a key of this gateway that was retired then");
    }
    for (const record::Record& one : list->items()) {
        roll.grants.emplace(one.text_of("file"), one.text_of("sha256"));
    }
    return roll;
}

}  // namespace datong::catalogue
