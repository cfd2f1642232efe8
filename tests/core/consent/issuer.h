#pragma once

#include <functional>
#include <string>

#include "core/catalogue/snapshot.h"
#include "core/codec/json.h"
#include "core/consent/consent.h"
#include "core/crypto/key.h"
#include "core/signing/jws.h"

namespace datong::consent {

inline crypto::SigningKey new_key() {
    return crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
}

/// An issuer of consents as a platform runs one, and the gateway that knows it. Synthetic people only.
struct Issuer {
    crypto::SigningKey key = new_key();
    std::string keyid = "city-consent-2026";

    /// A gateway that lets this issuer sign for portal.
    [[nodiscard]] catalogue::Snapshot snapshot() const {
        catalogue::Snapshot made;
        made.gateway.name = "shili";
        made.gateway.subject_key = Secret{std::string(32, 'k')};
        catalogue::ConsentIssuer issuer{.id = "city-consent", .title = "", .keys = {}, .consumers = {"portal"}};
        issuer.keys.insert_or_assign(keyid, key.verifying_key());
        made.consent_issuers.emplace("city-consent", std::move(issuer));
        return made;
    }
    [[nodiscard]] std::string sign(const record::Record& payload, std::string_view type = kType) const {
        return signing::sign_jws(codec::write_json(payload), keyid, type, key.default_algorithm(), key).value();
    }
};

/// A good consent, of 2026.
inline record::Record good() {
    return codec::read_json(R"({
      "id": "c-2026-000001", "issuer": "city-consent", "gateway": "shili", "consumer": "portal",
      "person": {"id_type": "111", "id_no": "999900198001019998", "name": "测试甲"},
      "services": ["fund-deposit-certificate"], "purpose": "housing-loan", "mode": "store", "keep_days": 30,
      "frequency": {"uses": 2, "per": "day"},
      "valid_from": "2026-01-01T00:00:00+08:00", "valid_to": "2026-12-31T23:59:59+08:00",
      "given": {"at": "2026-01-01T09:00:00+08:00", "how": "face"}})")
        .value();
}
/// The same with another value of one member.
inline record::Record with(std::string_view name, record::Record value) {
    record::Record made = good();
    made.put(record::Text{std::string{name}}, std::move(value));
    return made;
}

inline std::chrono::system_clock::time_point at(std::int64_t seconds) {
    return std::chrono::system_clock::time_point{std::chrono::seconds{seconds}};
}
inline constexpr std::int64_t kMarch = 1'772'327'400;  ///< 2026-03-01T09:10:00+08:00

}  // namespace datong::consent
