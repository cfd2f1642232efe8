#pragma once

#include <chrono>
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
    std::uint64_t closed{};                   ///< intents without an outcome that the gateway closed at a later start
    std::uint64_t open{};                     ///< intents without an outcome
    std::vector<std::string> open_exchanges;  ///< the first five of them
    std::uint64_t signatures{};               ///< checked and good
    std::uint64_t attested{};                 ///< requests that the gateway attests and their callers can't prove
    std::string last_hash;                    ///< hex
    // where it breaks; empty when valid
    std::string file;
    std::uint64_t number{};  ///< of the record, from 1
    std::string exchange;    ///< when the record could still be read
    std::string reason;      ///< "hash_chain", "crc", "torn", "request_signature", "no_evidence" ...
    std::string keyid;       ///< of the key that the reason is about; empty for none
    std::string text_en;
    std::string text_zh;
};

/// The last record that an earlier verification found. A hash chain alone can't show that its tail was taken away, or
/// that all of it was made anew: somebody outside must remember where it stood.
struct KnownHead {
    std::uint64_t records{};  ///< the record's number, from 1
    std::string hash;         ///< lower-case hex
};

/// A good signature in a record whose time lies behind its key's last day. A clock that was ahead says such times too:
/// what a seal of a day within the key's time covers was there by then, whatever it says itself.
struct Late {
    std::string_view reason;  ///< what it is otherwise
    std::string keyid;
    std::string last_day;  ///< "2026-12-31", of the key
};

/// Looks at every record of a folder in order beside the chain and the exchanges: for what other rooms keep in the log.
/// Used by one thread.
class Witness {
public:
    Witness() = default;
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    virtual ~Witness() = default;
    /// @param hash  32 octets: of the record's payload, by the chain's hash.
    /// @return what is wrong with it, as a code that row_of() knows; empty when nothing is.
    [[nodiscard]] virtual std::string_view see(std::uint64_t number, const std::string& hash,
                                               const record::Record& entry) = 0;
    /// Which key the last reason was about; empty for a reason about none.
    [[nodiscard]] virtual const std::string& keyid() const = 0;
    /// What it saw last is late so, and no seal has shown otherwise yet.
    [[nodiscard]] virtual const std::optional<Late>& late() const = 0;
    struct Shown {
        std::uint64_t to{};
        std::string day;
    };
    /// What it saw last is a seal in its key's time: up to which record all was there, and on which day.
    [[nodiscard]] virtual const std::optional<Shown>& shown() const = 0;
};

/// Proves chain and signatures with nothing but the files and the public keys. A folder without a record is not valid.
/// @param keys   JWKS that the verifier trusts, with the owner of each key ("datong_owner"): a key that only the log
///               itself brings proves nothing, and a key proves what its owner said only.
/// @param known  must still be in the folder.
/// @param witness  sees every record that the chain holds; nullptr: none.
/// @return Fault::bad_request when `keys` is no such JWKS.
[[nodiscard]] Result<Verdict> verify_folder(const std::string& folder, const record::Record& keys,
                                            const std::optional<KnownHead>& known = {}, Witness* witness = nullptr);

/// Calls `visit` for each record in order, after checking frame and CRC and that no segment is missing; stops when it
/// gives false. @return Fault::evidence_unavailable where records are damaged or missing.
[[nodiscard]] Status read_folder(const std::string& folder, const std::function<bool(const record::Record&)>& visit);

/// When the last record was made that says so: RFC 3339; empty where none does. Nothing is proven here.
[[nodiscard]] Result<std::string> last_time(const std::string& folder);

/// Which signatures a memory of nonces must know again after a restart.
struct SignedSince {
    std::int64_t created{};        ///< unix seconds: those created then or later
    std::chrono::seconds ahead{};  ///< how far a consumer's clock may run ahead of ours
    std::int64_t enough{};  ///< unix seconds: of what stands in segments from before it, only the two newest are read
};
/// Calls `visit` for the records with such a request, newest segment first. Nothing is proven here. Reads the last
/// segment, those before it as far as any record of that time stands in them, and those that were begun or ended by a
/// clock that was ahead of it.
/// @return empty where all were visited; else, where `enough` ended it, RFC 3339: the newest record of what was left
/// may be as young.
[[nodiscard]] Result<std::string> visit_signed_since(const std::string& folder, const SignedSince& wanted,
                                                     const std::function<void(const record::Record&)>& visit);

}  // namespace datong::evidence
