#include "core/catalogue/granting.h"

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

Result<Roll> read_roll(std::string_view compact, const FindRollKey& find_key) {
    const auto jws = signing::read_jws(compact);
    if (!jws || jws->header.text_of("typ") != kType) {
        return fail(Fault::bad_request, "no roll of grants");
    }
    const auto key = find_key(jws->keyid());
    if (!key || !signing::verify_jws(*jws, *key)) {
        return fail(Fault::signature_invalid, "not signed by a key of this gateway");
    }
    const auto payload = codec::read_json(jws->payload, kLimits);
    const auto number = payload ? to_whole_number(payload->text_of("number")) : std::nullopt;
    const record::Record* list = payload ? payload->find("grants") : nullptr;
    if (!number || list == nullptr) {
        return fail(Fault::bad_request, "no roll of grants");
    }
    Roll roll{.gateway = payload->text_of("gateway"), .number = *number, .at = payload->text_of("at"), .grants = {}};
    for (const record::Record& one : list->items()) {
        roll.grants.emplace(one.text_of("file"), one.text_of("sha256"));
    }
    return roll;
}

}  // namespace datong::catalogue
