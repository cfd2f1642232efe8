#include "core/access/kept.h"

#include "core/codec/json.h"
#include "core/crypto/cipher.h"

namespace datong::access {
namespace {

constexpr std::string_view kUse = "datong access";  ///< of keys derived from the subject key
/// 64 KiB of text, which may double when it is escaped, and some hundred steps.
constexpr codec::JsonLimits kLimits{.max_bytes = 1U << 20, .max_depth = 8, .max_nodes = 10'000};

}  // namespace

Result<store::Applications::Kept> to_kept(const Dossier& dossier, const Secret& key) {
    const std::string json = codec::write_json(to_record(dossier));
    if (const auto again = codec::read_json(json, kLimits); !again) {
        return fail(Fault::internal, dossier.id + ": " + again.error().detail());
    }
    std::string sealed = crypto::seal(key, kUse, dossier.id, json);
    if (sealed.empty()) {
        return fail(Fault::internal, dossier.id + ": could not be sealed");
    }
    return store::Applications::Kept{.id = dossier.id, .sealed = std::move(sealed)};
}

Result<Dossier> read_kept(const store::Applications::Kept& kept, const Secret& key) {
    const auto json = crypto::unseal(key, kUse, kept.id, kept.sealed);
    if (!json) {
        return fail(Fault::internal, kept.id + ": not kept by this gateway, or under another subject key");
    }
    const auto record = codec::read_json(*json, kLimits);
    return record ? read_dossier(*record) : fail(Fault::internal, kept.id + ": " + record.error().detail());
}

}  // namespace datong::access
