#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/sm2.h"
#include "core/outbound/scheme_kinds.h"
#include "core/profiles/sm_envelope.h"

namespace datong::outbound {
namespace {

struct EnvelopeKeys {
    crypto::SigningKey own;
    crypto::VerifyingKey peer;
};

class Envelope final : public Scheme {
public:
    Envelope(const profiles::Traits& traits, const Making& making, EnvelopeKeys keys, profiles::EnvelopeForm form)
        : Scheme{traits},
          app_id_{making.sign.text("id")},
          keys_{std::move(keys)},
          form_{form},
          answer_is_sealed_{making.sign.flag("sealed_answer")} {}

    Status apply(codec::HttpMessage& request, const std::string&, const Grant*, Time now) const override {
        const profiles::EnvelopeStamp stamp{.timestamp = milliseconds_of(now),
                                            .nonce = to_hex(crypto::random_bytes(16))};
        auto sealed = profiles::seal_envelope(request.body, stamp, keys_.own, keys_.peer, form_);
        if (!sealed) {
            return fail(std::move(sealed.error()));
        }
        request.body = std::move(*sealed);
        request.set("Content-Type", "application/json");
        set_all(request, profiles::envelope_headers(stamp, app_id_));
        return {};
    }

    /// An answer that is not sealed, or not by the peer, is no answer.
    Status open(codec::HttpMessage& answer) const override {
        if (!answer_is_sealed_) {
            return {};
        }
        const profiles::EnvelopeStamp stamp{.timestamp = answer.field("timestamp").value_or(""),
                                            .nonce = answer.field("nonce").value_or("")};
        auto plain = profiles::open_envelope(answer.body, stamp, keys_.own, keys_.peer, form_);
        if (!plain) {
            return fail(Fault::department_invalid, "the answer: " + plain.error().detail());
        }
        answer.body = std::move(*plain);
        return {};
    }

private:
    std::string app_id_;
    EnvelopeKeys keys_;
    profiles::EnvelopeForm form_;
    bool answer_is_sealed_;
};

/// PEM, or the digits of a number or point in hexadecimal, as platforms hand keys over.
Result<crypto::SigningKey> read_own(const Secret& text) {
    const auto octets = from_hex(ascii_lower(text.reveal()));
    return octets ? crypto::sm2_key_of_number(Secret{*octets}) : crypto::SigningKey::from_pem(text.reveal());
}

Result<crypto::VerifyingKey> read_peer(const std::string& text) {
    const auto octets = from_hex(ascii_lower(trim_ows(text.substr(0, text.find('\n')))));
    return octets ? crypto::sm2_key_of_point(*octets) : crypto::VerifyingKey::from_pem(text);
}

void key_mistake(const Making& making, const std::string& setting, const std::string& why) {
    making.mistakes.push_back(adapter::mistake_at(making.sign.where(setting), setting + " 不是可用的 SM2 密钥",
                                                  setting + " is no SM2 key that can be used: " + why));
}

}  // namespace

std::unique_ptr<Scheme> make_envelope(const Making& making, const profiles::Traits& traits) {
    constexpr auto kSm2 = crypto::Algorithm::sm2_sm3;
    const std::string pem = adapter::read_named_file(making.sign, "peer_key", making.tools, making.mistakes);
    if (has_errors(making.mistakes)) {
        return nullptr;
    }
    auto own = read_own(making.secret);
    auto peer = read_peer(pem);
    if (!own || own->default_algorithm() != kSm2) {
        key_mistake(making, making.sign.has("secret") ? "secret" : "secret_file",
                    own ? "another kind" : own.error().detail());
        return nullptr;
    }
    if (!peer || peer->default_algorithm() != kSm2) {
        key_mistake(making, "peer_key", peer ? "another kind" : peer.error().detail());
        return nullptr;
    }
    const std::string& key = making.sign.text("key_form");
    const profiles::EnvelopeForm form{.key = key == "asn1"     ? profiles::KeyForm::asn1
                                             : key == "c1c2c3" ? profiles::KeyForm::c1c2c3
                                                               : profiles::KeyForm::c1c3c2,
                                      .signature = making.sign.text("signature_form") == "raw"
                                                       ? profiles::SignatureForm::raw
                                                       : profiles::SignatureForm::der};
    EnvelopeKeys keys{.own = std::move(*own), .peer = std::move(*peer)};
    return std::make_unique<Envelope>(traits, making, std::move(keys), form);
}

}  // namespace datong::outbound
