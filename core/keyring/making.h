#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/keyring/folder.h"

namespace datong::keyring {

/// What kinds of keys are made.
enum class KeyKind { p256, rsa_2048, rsa_3072, ed25519, sm2 };
[[nodiscard]] std::optional<KeyKind> key_kind_by_name(std::string_view name);

/// Where a key lies that was not made here.
struct KeyPlace {
    std::string file{};  ///< a private key that is there already; from the working folder on
};

struct InitAsk {
    crypto::KeyUse role{};
    std::string name;  ///< of the ring: [a-z][a-z0-9-]*
    std::string id{};  ///< empty: NAME-YEAR
    KeyKind kind{};
    KeyPlace place{};
    crypto::X509Wish names{};  ///< its use is the role; without a common name: the first of its names, or the ring's
    int self_signed_days{};    ///< above 0: a certificate that the key itself vouches for, of that time
};

/// What a command did, for the words that are printed.
struct Done {
    bool changed{};
    Ring ring;                         ///< as it stands now
    std::string id;                    ///< of the key that it was about
    std::vector<std::string> written;  ///< paths
    std::vector<std::string> removed;
    std::vector<std::string> notes;  ///< what to know all the same, Chinese first
};

// Each of these is there whole or not at all: the ring's file is replaced last, and what a command that was cut off
// left beside it is used or replaced by the next. @return Fault::bad_request in words; then nothing has changed.

/// A new ring with its first key, public half and request. One that is there stays as it is.
[[nodiscard]] Result<Done> init(Folder& folder, const InitAsk& ask, WallTime now);

struct RequestAsk {
    std::string name;
    std::string id{};                         ///< empty: the last key of the ring
    std::optional<crypto::X509Wish> names{};  ///< nullopt: those of the request that is there
};
/// The request of a key; with names, a new one in place of the old.
[[nodiscard]] Result<Done> request(Folder& folder, const RequestAsk& ask);

struct ImportAsk {
    std::string name;
    std::string bytes;                 ///< what the authority sent
    std::vector<std::string> trust{};  ///< PEM texts; the path must end at one of them
};
/// Takes a certificate of one of the ring's keys with those above it: fit, path, usage and time are checked.
[[nodiscard]] Result<Done> import_x509(Folder& folder, const ImportAsk& ask, WallTime now);

struct RotateAsk {
    std::string name;
    std::string id{};               ///< empty: NAME-YEAR, or the next that is free
    std::optional<KeyKind> kind{};  ///< nullopt: like the last key
    KeyPlace place{};
    std::optional<WallTime> from{};  ///< nullopt: a day from now
    int self_signed_days{};
};
/// A second key beside the first: both are valid, and the new one is used from its moment on.
[[nodiscard]] Result<Done> rotate(Folder& folder, const RotateAsk& ask, WallTime now);

struct FinishAsk {
    std::string name;
    bool keep_old{};  ///< leave the private halves of the keys that it retires where they are, for good
};
/// Retires the keys before the one in use, and removes their private halves; of role encrypt they stay.
[[nodiscard]] Result<Done> finish(Folder& folder, const FinishAsk& ask, WallTime now);

}  // namespace datong::keyring
