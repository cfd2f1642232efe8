#include "core/seals/seal.h"

#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json_writer.h"
#include "core/signing/jws.h"

namespace datong::seals {
namespace {

using evidence::ChainHash;

constexpr std::size_t kHashSize = 32;

void write_members(codec::JsonWriter& json, const Seal& seal) {
    json.member("at", seal.at).member("from", seal.from).member("to", seal.to);
    if (seal.hash != ChainHash::sha256) {
        json.member("hash", evidence::name_of(seal.hash));
    }
    json.member("root", to_hex(seal.root)).member("head", to_hex(seal.head)).member("previous", seal.previous);
}

std::optional<std::string> hash_in(const record::Record& entry, std::string_view name) {
    auto hash = from_hex(entry.text_of(name));
    return hash && hash->size() == kHashSize ? hash : std::nullopt;
}

}  // namespace

std::string statement_of(const Seal& seal) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object();
    write_members(json, seal);
    json.close_object();
    return out;
}

Result<Seal> signed_seal(Seal seal, const std::string& keyid, const crypto::SigningKey& key) {
    auto jws = signing::sign_jws(statement_of(seal), keyid, kSealType, key.default_algorithm(), key);
    if (!jws) {
        return fail(std::move(jws.error()));
    }
    seal.jws = std::move(*jws);
    return seal;
}

std::string to_json(const Seal& seal) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().member("kind", "seal");
    write_members(json, seal);
    json.member("stamped", seal.stamped).member("open", seal.open).member("jws", seal.jws).close_object();
    return out;
}

Result<Seal> read_seal(const record::Record& entry) {
    const auto from = to_whole_number(entry.text_of("from"));
    const auto to = to_whole_number(entry.text_of("to"));
    const auto previous = to_whole_number(entry.text_of("previous"));
    auto root = hash_in(entry, "root");
    auto head = hash_in(entry, "head");
    const std::string named = entry.text_of("hash");
    const auto hash = named.empty() ? std::optional{ChainHash::sha256} : evidence::chain_hash_by_name(named);
    if (!from || !to || !previous || !root || !head || !hash) {
        return fail(Fault::bad_request, "a seal without from, to, previous, root or head, or of an unknown hash");
    }
    return Seal{.at = entry.text_of("at"),
                .from = *from,
                .to = *to,
                .hash = *hash,
                .root = std::move(*root),
                .head = std::move(*head),
                .previous = *previous,
                .stamped = to_whole_number(entry.text_of("stamped")).value_or(0),
                .open = to_whole_number(entry.text_of("open")).value_or(0),
                .jws = entry.text_of("jws")};
}

}  // namespace datong::seals
