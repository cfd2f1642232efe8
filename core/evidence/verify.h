#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/record/record.h"

namespace datong::evidence {

/// What a check of a folder of evidence found.
struct Verdict {
    bool valid{};
    std::uint64_t records{};
    std::uint64_t exchanges{};  ///< with intent and outcome
    std::uint64_t refusals{};
    std::uint64_t open{};        ///< intents without an outcome
    std::uint64_t signatures{};  ///< checked and good
    std::string last_hash;       ///< hex
    // where it breaks; empty when valid
    std::string file;
    std::uint64_t number{};  ///< of the record, from 1
    std::string exchange;    ///< when the record could still be read
    std::string reason;      ///< "hash_chain", "crc", "torn", "request_signature", "answer_signature" ...
    std::string text_en;
    std::string text_zh;
};

/// Proves chain and signatures with nothing but the files and the public keys.
/// @param keys  JWKS that the verifier trusts: a key that only the log itself brings proves nothing.
[[nodiscard]] Result<Verdict> verify_folder(const std::string& folder, const record::Record& keys);

/// Calls `visit` for each record in order, after checking frame and CRC; stops when it gives false.
[[nodiscard]] Status read_folder(const std::string& folder, const std::function<bool(const record::Record&)>& visit);

}  // namespace datong::evidence
