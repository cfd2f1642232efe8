#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::keeping {

/// What a backup is made of, and who vouches for it.
struct BackupFrom {
    std::string evidence_folder;
    std::string store_file;  ///< of submissions; the others stand beside it
    std::string at;          ///< RFC 3339
    std::string keyid;       ///< of the gateway's key
};

/// How far a backup goes.
struct BackedUp {
    std::uint64_t records{};
    std::string head;  ///< hex: hash of the last record
    std::size_t files{};
};

/// Copies a node's data into an empty folder while it runs: every segment, archived ones too, to the last whole record;
/// bodies and every store as SQLite copies them; what departments ordered and how replies looked. No keys and no
/// configuration, and no files of grants: they are made of the store of applications. A manifest (backup.jws), signed
/// by the gateway, names every file with its SHA-256 and the log's head: what is missing or altered shows.
/// @return Fault::bad_request where the folder is not empty, Fault::evidence_unavailable where something can't be read
/// or
///         written.
[[nodiscard]] Result<BackedUp> create_backup(const BackupFrom& from, const crypto::SigningKey& key,
                                             const std::string& folder);

/// Puts a backup into an empty folder: `evidence` and `state` below it. Checked before anything is written: the
/// manifest's signature by a gateway's key, every file's digest, that none is missing and none is there that it does
/// not name; afterwards the whole chain to the head that it names.
/// @param keys  JWKS that is trusted.
/// @return Fault::signature_invalid, Fault::bad_request or Fault::evidence_unavailable with what is wrong.
[[nodiscard]] Result<BackedUp> restore_backup(const std::string& folder, const record::Record& keys,
                                              const std::string& to);

}  // namespace datong::keeping
