#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/seals/check.h"
#include "core/seals/sealer.h"
#include "tests/core/evidence/sample.h"

namespace datong::seals::sample {

/// A log with a sealer beside it that only acts when told to, and the keys of all who sign.
struct SealedLog {
    evidence::sample::Keys keys;
    evidence::sample::Bench bench;
    SealerSettings settings;
    std::unique_ptr<Sealer> sealer;

    SealedLog();
    /// Opens log and sealer on what is in the folder; nothing runs by itself yet.
    void open();
    void close();
    /// Appends an exchange, two records.
    void exchange(const std::string& id);
    void notes(int count);
    /// Seals what is left, and goes on.
    void seal();
    [[nodiscard]] std::string folder() const { return bench.folder.path(); }
    [[nodiscard]] std::string first_segment() const { return bench.folder.file(1); }
    [[nodiscard]] SealedVerdict verdict() const;
    [[nodiscard]] SealedVerdict verdict(const record::Record& jwks) const;
};

/// Writes a folder's only segment anew after a change, with numbers, hashes and checksums made right: what somebody can
/// do who holds the disk and no key.
void forge(const SealedLog& log, const std::vector<std::string>& payloads);

}  // namespace datong::seals::sample
