#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/catalogue/snapshot.h"
#include "core/profiles/sm_envelope.h"

namespace datong::catalogue {

/// The platforms' protocols by which a consumer may come in beside the native ones. None covers the whole of a call.
enum class Protocol {
    gjgxjhpt,       ///< 国家数据共享交换平台: keyed digest over sid, rid and rtime under a lent secret
    gjzwfwpt,       ///< 国家政务服务平台: the same under other names
    gjzwfwpt_form,  ///< the same platform's form: what `signs` lists, in its order
    access_token,   ///< JSON with an access token, a time and a number in its head
    sm_envelope,    ///< encrypted and signed with SM2, SM3 and SM4; covers the body
    licence_a,      ///< electronic licences by identifier (GB/T 36906), an access token in the head
    licence_b,      ///< electronic licences by 用证码, an access token in the URL
};
/// As settings, headers and documents write it.
[[nodiscard]] std::string_view name_of(Protocol protocol);

/// A service under the name that a protocol has for it.
struct DoorService {
    std::string code;  ///< sid
    const Service* service{};
    std::shared_ptr<const mapping::Mapping> inbound;  ///< {headers, body} -> {context, query, about?, verify?}
};

/// The keys of a consumer whose calls are sealed.
struct EnvelopeKeys {
    NamedKey own;               ///< what calls are sealed for and answers signed with
    crypto::VerifyingKey peer;  ///< what calls are signed with and answers sealed for
    profiles::EnvelopeForm form;
};

/// How one consumer comes in by a platform's protocol; immutable.
struct CallerDoor {
    Protocol protocol{};
    std::string id;                                   ///< rid, accessId ...
    Secret secret;                                    ///< appkey
    policy::Freshness freshness;                      ///< narrower than the gateway's own, or the same
    std::chrono::seconds secret_life{1'800};          ///< of what is lent for the appkey: a secret or an access token
    ById<DoorService> services;                       ///< by code; none where the type of a licence says which service
    std::shared_ptr<const mapping::Mapping> inbound;  ///< of all licences: {headers, body} -> {context, query?, about?}
    std::vector<std::string> signs{};                 ///< of a form: what its keyed digest covers, in this order
    std::optional<EnvelopeKeys> envelope{};           ///< of sm_envelope
    std::chrono::seconds hold{600};                   ///< how long a 用证码 or an identifier that was told is good
    /// What a proven call of theirs is claimed under. The key is the gateway's, which attests what the caller's keyed
    /// digest can't prove to others.
    ConsumerKey caller;
};

/// The consumer whom a protocol knows by this id; nullptr: nobody's.
[[nodiscard]] const CallerDoor* find_caller(const Snapshot& snapshot, Protocol protocol, std::string_view id);

}  // namespace datong::catalogue
