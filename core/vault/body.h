#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::vault {

/// Whether what was asked and answered outlives the call (docs/proof.md). The proof of an exchange is the same in
/// all three: what is signed is the list of digests.
enum class Policy {
    none,    ///< nothing
    sealed,  ///< encrypted to the auditor's certificate: the gateway itself can't read it again
    kept,    ///< as it was
};

[[nodiscard]] std::string_view name_of(Policy policy);
[[nodiscard]] std::optional<Policy> policy_by_name(std::string_view name);
/// The one of two that keeps less.
[[nodiscard]] Policy sparing(Policy one, Policy other);

inline constexpr std::string_view kRequest = "request";
inline constexpr std::string_view kAnswer = "answer";
inline constexpr std::string_view kReply = "reply:";  ///< before "source:hex SHA-256", as the outcome's record has it

/// One message of an exchange, or a part of it.
struct Body {
    std::string name;  ///< kRequest, kAnswer, or kReply and what the record calls the reply
    Policy policy{Policy::none};
    std::string octets;  ///< of a sealed one on the shelf: DER of a CMS EnvelopedData (RFC 5652, 6)
};

/// What came after the answer to a call: an erasure that meant the call means this, too.
struct Later {
    std::string exchange;      ///< the call's
    std::int64_t at{};         ///< and its time, unix seconds
    std::uint64_t erasures{};  ///< of bodies, that the shelf had made before the question was taken up
};

/// The bodies of one exchange.
struct Bodies {
    std::string exchange;
    std::int64_t at{};  ///< unix seconds
    std::string case_number;
    std::vector<Body> bodies;
    std::optional<Later> later{};  ///< set: not kept where an erasure meant them since
};

/// What of them: the bodies, the keys under which persons stand in the evidence, or both.
enum class Kept { all, bodies, subjects };
[[nodiscard]] std::string_view name_of(Kept kept);  ///< "all", "bodies", "subjects"
[[nodiscard]] std::optional<Kept> kept_by_name(std::string_view name);

/// Which exchanges are meant. Whoever sets none of these means none. Keys are of a case and day: none is of one
/// exchange alone, and one is from before a moment when all its day is.
struct Selection {
    std::string exchange;
    std::string case_number;
    std::optional<std::int64_t> before{};  ///< unix seconds
    Kept kept{Kept::all};

    [[nodiscard]] bool empty() const { return exchange.empty() && case_number.empty() && !before; }
};

/// Whether that may stand in the chain as the basis of an erasure: the number of a document, of 1 to 128 octets. What
/// may be a person's number (11 digits, of a telephone, and more) never goes there. @return Fault::bad_request saying
/// why not.
[[nodiscard]] Status check_basis(std::string_view basis);

/// Encrypts those whose policy says so. @return Fault::bad_request as crypto::cms_seal.
[[nodiscard]] Status seal(std::vector<Body>& bodies, std::string_view auditor_pem);

}  // namespace datong::vault
