#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/crypto/key.h"

namespace datong::profiles {

/// The envelope of finance and court platforms: the body encrypted with SM4-CBC under a key of its own, that key
/// encrypted with SM2 for the receiver, and SM3 of text, time and nonce signed with SM2 by the sender. It covers the
/// body; not method and path.
struct EnvelopeStamp {
    std::string timestamp;  ///< Unix time in milliseconds, decimal; header `timestamp`
    std::string nonce;      ///< header `nonce`
};

/// The forms in which libraries write SM2: Java's hutool and BouncyCastle c1c3c2 and der, hardware often raw.
enum class KeyForm { c1c3c2, c1c2c3, asn1 };
enum class SignatureForm { der, raw };
struct EnvelopeForm {
    KeyForm key{KeyForm::c1c3c2};
    SignatureForm signature{SignatureForm::der};
};

/// 64 lower-case hexadecimal digits: SM3 of encData + timestamp + nonce. Their ASCII is what is signed.
[[nodiscard]] std::string envelope_digest(std::string_view enc_data, const EnvelopeStamp& stamp);

/// @return {encData, encKey, iv, signature, qPubkey} as JSON; Fault::internal when the keys are no SM2 keys.
[[nodiscard]] Result<std::string> seal_envelope(std::string_view plain, const EnvelopeStamp& stamp,
                                                const crypto::SigningKey& own, const crypto::VerifyingKey& peer,
                                                const EnvelopeForm& form = {});

/// Whether the sender signed it: of the other end's work what costs no decryption.
/// @return Fault::signature_invalid; bad_request for what is no envelope.
[[nodiscard]] Status verify_envelope(std::string_view body, const EnvelopeStamp& stamp,
                                     const crypto::VerifyingKey& peer, const EnvelopeForm& form = {});

/// The other end. Verified before anything is decrypted; `qPubkey` is not believed: the peer's key is the one that
/// we know.
/// @return the plain body; Fault::bad_request for what is no envelope or does not decrypt, signature_invalid.
///         Whether time and nonce are near and new is the caller's to judge.
[[nodiscard]] Result<std::string> open_envelope(std::string_view body, const EnvelopeStamp& stamp,
                                                const crypto::SigningKey& own, const crypto::VerifyingKey& peer,
                                                const EnvelopeForm& form = {});
/// The same by the first of these keys that opens it: an envelope does not say which it was sealed to.
[[nodiscard]] Result<std::string> open_envelope(std::string_view body, const EnvelopeStamp& stamp,
                                                const std::vector<const crypto::SigningKey*>& own,
                                                const crypto::VerifyingKey& peer, const EnvelopeForm& form = {});

/// timestamp, nonce, appId.
[[nodiscard]] std::vector<codec::HttpField> envelope_headers(const EnvelopeStamp& stamp, const std::string& app_id);

}  // namespace datong::profiles
