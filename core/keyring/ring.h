#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mistake.h"
#include "core/crypto/x509.h"
#include "core/yaml/node.h"

namespace datong::keyring {

using WallTime = std::chrono::system_clock::time_point;

/// A key of a ring that is valid now or later.
struct RingKey {
    std::string id;       ///< what verifiers know it by, for ever: an id never gets another key
    std::string file;     ///< private key, PEM; as written: from the ring's folder on
    std::string chain{};  ///< its certificate and those above it, PEM; empty: none was imported
    WallTime from{};      ///< from when on it is used; of a key that was there before its ring: since ever
};

/// A key that is used no more; its public half verifies what it signed in its time.
struct RetiredRingKey {
    std::string id;
    std::string file;  ///< public key, PEM
    std::string from;  ///< "2025-01-01": its first day, by +08:00
    std::string to;    ///< its last
    bool keeps{};      ///< whoever retired it left its private half where it was, and so do others
};

/// The keys of one holder for one use (密钥环), in the order of their time: what NAME.keys.yaml says. It is replaced as
/// a whole by one rename, so that a rotation is there or not.
struct Ring {
    std::string name;  ///< [a-z][a-z0-9-]*
    crypto::KeyUse role{};
    std::vector<RingKey> keys;
    std::vector<RetiredRingKey> retired;

    /// The key in use at that moment: the last whose time has come. Of role tls one without a certificate is passed
    /// over. nullptr: none.
    [[nodiscard]] const RingKey* in_use(WallTime at) const;
    [[nodiscard]] const RingKey* find(std::string_view id) const;
    /// Whether any key, retired ones too, has that id.
    [[nodiscard]] bool knows(std::string_view id) const;
};

[[nodiscard]] std::string_view name_of(crypto::KeyUse role);
[[nodiscard]] std::optional<crypto::KeyUse> role_by_name(std::string_view name);

/// Reads `datong: keys/v1`; what is wrong joins `mistakes` (codes C101 to C105, C202).
[[nodiscard]] std::optional<Ring> read_ring(const yaml::Node& node, Mistakes& mistakes);
/// The file's text. Times stand at +08:00, to the second.
[[nodiscard]] std::string to_yaml(const Ring& ring);

/// RFC 3339 with any offset. @return nullopt for anything else.
[[nodiscard]] std::optional<WallTime> parse_moment(std::string_view text);
/// Letters, digits, dots, dashes: what may be a key's id and with it a part of a file's name.
[[nodiscard]] bool is_key_id(std::string_view text);

}  // namespace datong::keyring
