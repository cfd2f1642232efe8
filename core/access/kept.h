#pragma once

#include "core/access/dossier.h"
#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/store/applications.h"

namespace datong::access {

/// An application as it stands in the store: encrypted and authenticated, and bound to its id, so that nobody who can
/// write the file makes an approval of his own.
/// @param key  the gateway's subject key.
/// @return Fault::internal for what read_kept() would not take.
[[nodiscard]] Result<store::Applications::Kept> to_kept(const Dossier& dossier, const Secret& key);
/// @return Fault::internal for what was not kept under this key and id, or was altered.
[[nodiscard]] Result<Dossier> read_kept(const store::Applications::Kept& kept, const Secret& key);

}  // namespace datong::access
