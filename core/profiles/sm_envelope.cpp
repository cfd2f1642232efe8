#include "core/profiles/sm_envelope.h"

#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/crypto/sm2.h"

namespace datong::profiles {
namespace {

using crypto::Algorithm;
using record::Record;

constexpr std::size_t kKey = 16;

crypto::Sm2Order order_of(KeyForm form) {
    return form == KeyForm::c1c2c3 ? crypto::Sm2Order::c1c2c3 : crypto::Sm2Order::c1c3c2;
}

tl::unexpected<Error> broken(const std::string& what) {
    return fail(Fault::bad_request, "envelope: " + what);
}

Result<std::string> seal_key(const Secret& key, const crypto::VerifyingKey& peer, KeyForm form) {
    const Secret text{to_base64(key.reveal())};  // the platforms' kits encrypt the key's base64
    auto der = crypto::sm2_encrypt(peer, text.reveal());
    return der && form != KeyForm::asn1 ? crypto::sm2_cipher_from_der(*der, order_of(form)) : der;
}

Result<Secret> open_key(const std::string& sealed, const crypto::SigningKey& own, KeyForm form) {
    const auto raw = from_base64(sealed);
    if (!raw) {
        return broken("encKey is no base64");
    }
    const auto der =
        form == KeyForm::asn1 ? Result<std::string>{*raw} : crypto::sm2_cipher_to_der(*raw, order_of(form));
    const auto text = der ? crypto::sm2_decrypt(own, *der) : der;
    if (!text) {
        return broken("encKey was not encrypted for our key, or in another form");
    }
    auto key = from_base64(*text);
    if (!key || key->size() != kKey) {
        return broken("encKey holds no SM4 key");
    }
    return Secret{std::move(*key)};
}

Status verify(const Record& envelope, const EnvelopeStamp& stamp, const crypto::VerifyingKey& peer,
              SignatureForm form) {
    const auto given = from_hex(ascii_lower(envelope.text_of("signature")));
    auto raw = given ? Result<std::string>{*given} : Result<std::string>{broken("no hexadecimal")};
    if (raw && form == SignatureForm::der) {
        raw = crypto::signature_from_der(*given);
    }
    if (!raw || !peer.verify(Algorithm::sm2_sm3, envelope_digest(envelope.text_of("encData"), stamp), *raw)) {
        return fail(Fault::signature_invalid, "the envelope's signature does not verify");
    }
    return {};
}

}  // namespace

std::string envelope_digest(std::string_view enc_data, const EnvelopeStamp& stamp) {
    return to_hex(crypto::sm3(std::string{enc_data} + stamp.timestamp + stamp.nonce));
}

Result<std::string> seal_envelope(std::string_view plain, const EnvelopeStamp& stamp, const crypto::SigningKey& own,
                                  const crypto::VerifyingKey& peer, const EnvelopeForm& form) {
    const Secret key{crypto::random_bytes(kKey)};
    const std::string iv = crypto::random_bytes(crypto::kCipherBlock);
    const auto text = crypto::encrypt(crypto::Cipher::sm4_cbc, key, iv, plain);
    const auto sealed = seal_key(key, peer, form.key);
    if (!text || !sealed) {
        return fail(text ? sealed.error() : text.error());
    }
    const std::string enc_data = to_base64(*text);
    auto signature = own.sign(Algorithm::sm2_sm3, envelope_digest(enc_data, stamp));
    if (signature && form.signature == SignatureForm::der) {
        signature = crypto::signature_to_der(*signature);
    }
    const auto point = crypto::sm2_point_of(own.verifying_key());
    if (!signature || !point) {
        return fail(signature ? point.error() : signature.error());
    }
    Record envelope = Record::object();
    envelope.put("encData", Record::text(enc_data));
    envelope.put("encKey", Record::text(to_base64(*sealed)));
    envelope.put("iv", Record::text(to_base64(iv)));
    envelope.put("signature", Record::text(to_hex(*signature)));
    envelope.put("qPubkey", Record::text(to_hex(*point)));
    return codec::write_json(envelope);
}

Status verify_envelope(std::string_view body, const EnvelopeStamp& stamp, const crypto::VerifyingKey& peer,
                       const EnvelopeForm& form) {
    const auto envelope = codec::read_json(body);
    if (!envelope || !envelope->is_object()) {
        return broken("no JSON object");
    }
    return verify(*envelope, stamp, peer, form.signature);
}

Result<std::string> open_envelope(std::string_view body, const EnvelopeStamp& stamp, const crypto::SigningKey& own,
                                  const crypto::VerifyingKey& peer, const EnvelopeForm& form) {
    return open_envelope(body, stamp, std::vector{&own}, peer, form);
}

Result<std::string> open_envelope(std::string_view body, const EnvelopeStamp& stamp,
                                  const std::vector<const crypto::SigningKey*>& own, const crypto::VerifyingKey& peer,
                                  const EnvelopeForm& form) {
    const auto envelope = codec::read_json(body);
    if (!envelope || !envelope->is_object()) {
        return broken("no JSON object");
    }
    if (auto verified = verify(*envelope, stamp, peer, form.signature); !verified) {
        return fail(std::move(verified.error()));
    }
    const auto text = from_base64(envelope->text_of("encData"));
    const auto iv = from_base64(envelope->text_of("iv"));
    if (!text || !iv || iv->size() != crypto::kCipherBlock) {
        return broken("encData or iv is not what it should be");
    }
    const std::string sealed = envelope->text_of("encKey");
    Result<Secret> key = broken("there is no key to open it with");
    for (auto one = own.begin(); one != own.end() && !key; ++one) {
        key = open_key(sealed, **one, form.key);
    }
    if (!key) {
        return fail(std::move(key.error()));
    }
    auto plain = crypto::decrypt(crypto::Cipher::sm4_cbc, *key, *iv, *text);
    return plain ? std::move(plain) : broken("encData was not encrypted with its key");
}

std::vector<codec::HttpField> envelope_headers(const EnvelopeStamp& stamp, const std::string& app_id) {
    return {{"timestamp", stamp.timestamp}, {"nonce", stamp.nonce}, {"appId", app_id}};
}

}  // namespace datong::profiles
