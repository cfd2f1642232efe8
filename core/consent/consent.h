#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/catalogue/snapshot.h"
#include "core/record/record.h"

// The room's story: an issuer that the configuration names signs what a person consented to (同意书); its consumer
// registers it (book.h keeps it sealed) and names it in its calls; each call is compared with it here, and its use is
// counted there. What revokes it holds at once and for good (docs/consent.md).
namespace datong::consent {

inline constexpr std::string_view kType = "datong-consent+jws";
inline constexpr std::string_view kRevocationType = "datong-consent-revocation+jws";

/// What the consumer may do with what it gets (使用方式).
enum class Mode {
    verify,  ///< ask by predicates, and see nothing (核验)
    view,    ///< see it, and not keep it (查看)
    store,   ///< see it and keep it for `keep_days` (留存)
};
[[nodiscard]] std::string_view name_of(Mode mode);

enum class Per { consent, month, day };
[[nodiscard]] std::string_view name_of(Per per);

/// How often it may be used: calls in all, or within a civil day or month at +08:00.
struct Frequency {
    std::int64_t uses{};
    Per per{Per::consent};
};

/// What a person consented to. No personal data: of the person only the keyed digest that the evidence knows them by.
struct Consent {
    std::string id;       ///< [A-Za-z0-9][A-Za-z0-9._-]{0,63}, no number of 15 digits
    std::string issuer;   ///< of the configuration
    std::string gateway;  ///< its name
    std::string consumer;
    std::string person;     ///< hex HMAC
    std::string id_type{};  ///< kind of paper that the number is of; empty: the issuer did not say
    std::vector<std::string> services;
    std::vector<std::string> matters;  ///< whose materials are covered where the matter itself is called
    std::string purpose;
    Mode mode{Mode::view};
    std::int64_t keep_days{};  ///< life of data (数据留存期); of store only
    Frequency frequency;
    std::int64_t valid_from{};  ///< unix seconds, as all that follow
    std::int64_t valid_to{};
    std::int64_t given_at{};
    std::string given_how;  ///< "window" (窗口签字), "face" (人脸), "signature" (电子签名), "sign-in" (登录确认)
    std::string digest;     ///< hex SHA-256 of the compact JWS, which nobody can guess: it holds a signature
    std::string mac;        ///< keyed digest of what was signed, 32 octets: signed twice it is the same
};

/// The word that a consent holds no more.
struct Revocation {
    std::string issuer;
    std::string consent;
    std::int64_t at{};   ///< unix seconds: when it was revoked, as the issuer says
    std::string reason;  ///< "withdrawn" (本人撤回), "ended" (事项办结), "mistaken" (签发有误), "misused" (使用不当)
    std::string digest;  ///< hex SHA-256 of the compact JWS
};

inline constexpr std::int64_t kMostDays = 3'660;  ///< of keeping, and of validity

/// [A-Za-z0-9][A-Za-z0-9._-]{0,63}: what ids and names are made of.
[[nodiscard]] bool is_word(std::string_view text);
/// A word in which no number stands that could be a person's: it stands in paths, in logs and in the evidence.
[[nodiscard]] bool is_id(std::string_view text);

/// What a consent is made of: every member known, in its shape, and none missing. What is not understood would be a
/// restriction that nobody keeps.
/// @param payload  an object as docs/consent.md has it. @param subject_key  of the gateway.
/// @return Fault::bad_request naming the member, with the nearest right name for one that is unknown; never a value.
[[nodiscard]] Result<Consent> read_payload(const record::Record& payload, const Secret& subject_key);
/// The same for a revocation; its issuer is who signed it.
[[nodiscard]] Result<Revocation> read_revocation_payload(const record::Record& payload, std::string_view gateway);

/// Verifies and reads a consent: signed by a key of its issuer, for this gateway, and for a consumer that the issuer
/// may sign for.
/// @param jws  compact. @return Fault::bad_request where it is no such JWS, consent_not_accepted for all else; the
///             detail names the member for operators.
[[nodiscard]] Result<Consent> read_consent(std::string_view jws, const catalogue::Snapshot& snapshot);
/// The same for a revocation.
[[nodiscard]] Result<Revocation> read_revocation(std::string_view jws, const catalogue::Snapshot& snapshot);

/// Unix seconds of an RFC 3339 time; nullopt: it is none.
[[nodiscard]] std::optional<std::int64_t> seconds_of(std::string_view rfc3339);

/// By whose clock and how exactly: an issuer's clock may run ahead by `skew`.
struct Now {
    std::int64_t at{};  ///< unix seconds
    std::int64_t skew{};
};
[[nodiscard]] Now now_of(std::chrono::system_clock::time_point at, const catalogue::Gateway& gateway);

/// Whether its consumer may register it now: it is that consumer's, was given before now, and is not over.
/// @return consent_not_accepted.
[[nodiscard]] Status may_register(const Consent& consent, std::string_view consumer, Now now);

/// One question, as a consent sees it.
struct Asked {
    std::string_view consumer;
    std::string_view person;   ///< hex HMAC of whom it is about
    std::string_view id_type;  ///< of that person, as the call says
    std::string_view service;
    std::string_view matter;  ///< that is called as a whole; empty: the service is called itself
    std::string_view purpose;
    bool verify{};  ///< by predicates, and nothing is shown
};
/// Whether the consent names the service, or the matter that it is asked in.
[[nodiscard]] bool names(const Consent& consent, std::string_view service, std::string_view matter);
/// Whether the consent lets this be asked, now.
/// @return consent_not_accepted; the detail names for operators what does not fit, never its value.
[[nodiscard]] Status covers(const Consent& consent, const Asked& asked, Now now);

/// From when on its uses count against its frequency; unix seconds.
[[nodiscard]] std::int64_t period_of(const Frequency& frequency, std::chrono::system_clock::time_point now);
/// Until when its consumer may keep what it gets at that moment: that moment itself unless the mode is store.
[[nodiscard]] std::chrono::system_clock::time_point end_of_keeping(const Consent& consent,
                                                                   std::chrono::system_clock::time_point told);
/// The same as RFC 3339.
[[nodiscard]] std::string keep_until(const Consent& consent, std::chrono::system_clock::time_point told);

}  // namespace datong::consent
