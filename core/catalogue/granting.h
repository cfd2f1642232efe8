#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/catalogue/snapshot.h"
#include "core/codec/settings.h"
#include "core/crypto/key.h"
#include "core/yaml/node.h"

namespace datong::catalogue {

// What a grant and the application for it have in common.

/// Consumer, services, fields, verify, subsets, see_sensitive, purposes, territory, case_required, quota, most,
/// valid_from, valid_to.
/// @param reader  of `node`; its other members are the caller's.
[[nodiscard]] policy::Grant read_granted(codec::SettingsReader& reader, const yaml::Node& node, Mistakes& mistakes);

/// Divisions of a territory or a register: 2, 4, 6, 9 or 12 digits each. @param list  where they stand.
void check_divisions(const yaml::Node& list, const std::vector<std::string>& divisions, Mistakes& mistakes);

/// {rows, persons, subjects_per_hour, operator_subjects_per_hour, guesses_per_hour}, each optional. @param node
/// nullptr: nothing is said.
[[nodiscard]] policy::Most read_most(const yaml::Node* node, Mistakes& mistakes);
/// The same of a reader that has other members, too.
[[nodiscard]] policy::Most read_most(codec::SettingsReader& reader);
/// Rows and persons alone, of which a service may say something.
[[nodiscard]] policy::Most read_at_once(codec::SettingsReader& reader);

/// The caps that hold for a service under a grant: as the grant says, else the service, else the gateway. Only that of
/// an operator may be missing.
[[nodiscard]] policy::Most most_of(const policy::Grant& grant, const Service& service, const Gateway& gateway);

/// Whether a grant shows any field of a service, by what its subsets are now.
[[nodiscard]] bool shows_fields(const policy::Grant& grant, const Service& service);

/// What is wrong with it beside what there is: codes C102, C103, C201, C212 to C214, C250.
void check_granted(const Snapshot& snapshot, const yaml::Node& node, const policy::Grant& grant, Mistakes& mistakes);

/// The grant's file; of one that was approved with its approval.
[[nodiscard]] std::string to_yaml(const policy::Grant& grant);
/// Whether that file says the same again when it is read: what can't be read back must never be written.
[[nodiscard]] bool reads_back(policy::Grant grant);

// The roll of what was approved.

/// The grants that approvals made and that are in force (授权名册): each by its file's name and digest, and signed as
/// one by the gateway. So ten thousand of them are checked by one signature, and the file of a grant that was revoked
/// can't be put back.
struct Roll {
    std::string gateway;                                   ///< its name: at another the roll is void
    std::uint64_t number{};                                ///< grows with every roll
    std::string at;                                        ///< RFC 3339
    std::set<std::pair<std::string, std::string>> grants;  ///< name of the file, and hex SHA-256 of its octets

    [[nodiscard]] bool lists(const std::string& file, std::string_view text) const;
};

inline constexpr std::string_view kRollFile = "roll.jws";

/// As a compact JWS of type "datong-grants+jws".
/// @return Fault::internal where the key can't sign.
[[nodiscard]] Result<std::string> sign_roll(const Roll& roll, std::string_view keyid, const crypto::SigningKey& key);

/// A key that rolls are read with.
struct RollKey {
    crypto::VerifyingKey key;
    std::string from{};  ///< of a retired one the days of its time, "2026-01-31": a roll of another day is not its
    std::string to{};    ///< empty: it signs now
};
/// By their ids; nullopt: there is none of that id that may have signed the roll that holds.
using FindRollKey = std::function<std::optional<RollKey>(const std::string& keyid)>;
/// How long after its last day a retired key still opens a roll: a gateway that runs signs it anew with the next key,
/// so that only one that stood still for so long has an older one.
inline constexpr int kRetiredOpensDays = 30;
/// The gateway's keys that sign now, and those that retired of late.
[[nodiscard]] std::optional<RollKey> roll_key(const Snapshot& snapshot, const std::string& keyid,
                                              const record::Date& today);
/// Verifies and reads a roll.
/// @return Fault::signature_invalid where no key of the gateway signed it, or one out of its time; bad_request where it
///         is no roll.
[[nodiscard]] Result<Roll> read_roll(std::string_view jws, const FindRollKey& find_key);

}  // namespace datong::catalogue
