#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/container/check_parts.h"
#include "core/seals/merkle.h"
#include "core/seals/seal.h"
#include "core/seals/stamp.h"
#include "core/signing/jws.h"

namespace datong::container {
namespace {

using record::Record;

/// What a seal's JWS says, once a key of the gateway that was in use then signed it.
std::optional<Record> read_seal(const std::string& compact, const evidence::TrustedKeys& keys) {
    const auto jws = signing::read_jws(compact);
    const auto key = jws ? keys.find(jws->keyid()) : keys.end();
    if (key == keys.end() || key->second.owner != "gateway" || jws->header.text_of("typ") != "datong-seal+jws" ||
        !signing::verify_jws(*jws, key->second.key)) {
        return std::nullopt;
    }
    auto said = codec::read_json(jws->payload);
    const bool is_in_use = said && evidence::is_in_time(key->second, said->text_of("at"));
    return is_in_use ? std::optional{std::move(*said)} : std::nullopt;
}

/// The root that the record's place leads to, by the hash that the seal names; nullopt where the place is none.
std::optional<std::string> root_of(const Record& place, const std::string& payload, const Record& seal) {
    const auto index = to_whole_number(place.text_of("index"));
    const auto size = to_whole_number(place.text_of("size"));
    std::vector<std::string> path;
    const std::string named = seal.text_of("hash");
    const auto hash = evidence::chain_hash_by_name(named.empty() ? "sha256" : named);
    const Record* nodes = place.find("path");
    for (const Record& node : nodes != nullptr ? nodes->items() : Record::List{}) {
        path.push_back(from_hex(node.scalar()).value_or(""));
    }
    return index && size && hash ? seals::root_from_path(seals::leaf_hash(payload, *hash), *index, *size, path, *hash)
                                 : std::nullopt;
}

/// One record against the place that a folder of the container gives it. @return whether a seal covers it.
bool check_place(const Files& files, const std::string& folder, const std::string& record_file,
                 const evidence::TrustedKeys& keys, Checked& checked) {
    const auto place_file = files.find(folder + "/place.json");
    const auto seal_file = files.find(folder + "/seal.jws");
    if (place_file == files.end() && seal_file == files.end()) {
        return false;  // made before its seal: the record's chain is then the folder's to prove
    }
    const auto place = place_file != files.end() ? codec::read_json(place_file->second) : fail(Fault::bad_request, "");
    const auto seal = seal_file != files.end() ? read_seal(seal_file->second, keys) : std::nullopt;
    if (!place || !seal) {
        add_finding(checked, "seal", folder + "/seal.jws", {}, "封签缺失、无法读取或不是网关所签",
                    "the seal is missing, unreadable or not signed by the gateway");
        return false;
    }
    const auto root = root_of(*place, files.at(record_file), *seal);
    if (!root || to_hex(*root) != seal->text_of("root")) {
        add_finding(checked, "seal", record_file, {}, "记录不在该封签之下: 两者之一被改动",
                    "the record does not stand below this seal: one of the two was altered");
        return false;
    }
    add_proof(checked, folder + "/seal.jws", record_file + " 在网关封签之下, " + seal->text_of("at"),
              record_file + " stands below the gateway's seal of " + seal->text_of("at"));
    return true;
}

/// By the rules of the whole log: over this seal, not older than it, by one who is trusted.
seals::StampVerdict check_stamp_on(const std::string& seal, const std::string& token,
                                   const std::vector<seals::StampTrust>& trust) {
    const auto jws = signing::read_jws(seal);
    const auto said = jws ? codec::read_json(jws->payload) : fail(jws.error());
    const auto stamped =
        said ? seals::stampable(0, {.at = said->text_of("at"), .jws = seal}) : fail(Fault::bad_request, "no seal");
    seals::StampVerdict verdict{.reason = "stamp_token", .why = {}, .at = {}};
    for (std::size_t i = 0; stamped && i < trust.size() && !verdict.reason.empty(); ++i) {
        verdict = seals::check_stamp(token, *stamped, trust[i]);
    }
    return verdict;
}

}  // namespace

void check_seal(const Files& files, const Records& records, const evidence::TrustedKeys& keys, Checked& checked) {
    checked.is_sealed = check_place(files, "seal", records.end_file(), keys, checked);
    if (!records.last.is_null()) {
        checked.is_sealed = check_place(files, "intent-seal", records.first_file, keys, checked) && checked.is_sealed;
    }
}

void check_stamps(const Files& files, const std::vector<seals::StampTrust>& trust, Checked& checked) {
    for (const std::string folder : {"seal", "intent-seal"}) {
        const auto stamp = files.find(folder + "/stamp.tst");
        const auto seal = files.find(folder + "/seal.jws");
        if (stamp == files.end() || seal == files.end()) {
            continue;
        }
        if (trust.empty()) {
            add_proof(checked, stamp->first, "时间戳未验证: 请给出 --tsa 锚证书",
                      "time-stamp not checked: give --tsa ANCHOR.pem");
            continue;
        }
        const auto verdict = check_stamp_on(seal->second, stamp->second, trust);
        if (!verdict.reason.empty()) {
            add_finding(checked, "stamp", stamp->first, {}, std::string{evidence::row_of(verdict.reason).text_zh},
                        std::string{evidence::row_of(verdict.reason).text_en});
            continue;
        }
        checked.stamped = to_rfc3339(verdict.at);
        add_proof(checked, stamp->first, "该封签的时间戳 " + checked.stamped,
                  "that seal was there at " + checked.stamped + ", says an authority that is trusted");
    }
}

}  // namespace datong::container
