#include "core/envelope/security.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/xml.h"
#include "core/crypto/weak.h"
#include "core/record/record.h"

namespace datong::envelope {
namespace {

using record::Record;

// Source: WS-Security 1.1.1, 2.2; UsernameToken Profile 1.1.1, 3.1
constexpr std::string_view kWsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
constexpr std::string_view kWsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
constexpr std::string_view kToken =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
constexpr std::string_view kX509 =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
constexpr std::string_view kBase64 =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

Record text(std::string_view value) {
    return Record::text(std::string{value});
}

/// UTC with milliseconds, as every implementation reads it. Source: WS-Security 1.1.1, 10.
std::string utc(std::chrono::system_clock::time_point at) {
    const auto since = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
    const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const auto padded = [](long long number, std::size_t digits) {
        std::string out = std::to_string(number);
        return out.insert(0, digits > out.size() ? digits - out.size() : 0, '0');
    };
    constexpr long long kDay = 86'400'000;
    const long long rest = ((since % kDay) + kDay) % kDay;
    return padded(int{date.year()}, 4) + '-' + padded(unsigned{date.month()}, 2) + '-' +
           padded(unsigned{date.day()}, 2) + 'T' + padded(rest / 3'600'000, 2) + ':' + padded(rest / 60'000 % 60, 2) +
           ':' + padded(rest / 1000 % 60, 2) + '.' + padded(rest % 1000, 3) + 'Z';
}

Record token_record(const UsernameToken& token, const Moment& moment) {
    const std::string created = utc(moment.at);
    const bool digest = token.kind == UsernameToken::Kind::digest;
    Record password = Record::object();
    password.put("@Type", text(std::string{kToken} + (digest ? "#PasswordDigest" : "#PasswordText")));
    password.put("#text", text(digest ? password_digest(moment.nonce, created, token.password)
                                      : std::string{token.password.reveal()}));
    Record nonce = Record::object();
    nonce.put("@EncodingType", text(kBase64));
    nonce.put("#text", text(to_base64(moment.nonce)));
    Record out = Record::object();
    out.put("@wsu:Id", text("UsernameToken-1"));
    out.put("wsse:Username", text(token.username));
    out.put("wsse:Password", std::move(password));
    out.put("wsse:Nonce", std::move(nonce));
    out.put("wsu:Created", text(created));
    return out;
}

}  // namespace

std::string password_digest(std::string_view nonce, std::string_view created, const Secret& password) {
    std::string signed_text{nonce};
    signed_text.append(created).append(password.reveal());
    return to_base64(crypto::weak_sha1(signed_text));
}

Result<std::string> security_block(const Security& security, std::string_view uri, const Moment& moment) {
    Record block = Record::object();
    block.put("@xmlns:wsse", text(kWsse));
    block.put("@xmlns:wsu", text(kWsu));
    if (security.must_understand) {
        block.put("@xmlns:soap", text(uri));
        block.put("@soap:mustUnderstand", text("1"));
    }
    if (security.lifetime.count() > 0) {
        Record stamp = Record::object();
        stamp.put("@wsu:Id", text(kTimestampId));
        stamp.put("wsu:Created", text(utc(moment.at)));
        stamp.put("wsu:Expires", text(utc(moment.at + security.lifetime)));
        block.put("wsu:Timestamp", std::move(stamp));
    }
    if (!security.token_der.empty()) {
        block.put("wsse:BinarySecurityToken", Record::object({{"@wsu:Id", text(kTokenId)},
                                                              {"@EncodingType", text(kBase64)},
                                                              {"@ValueType", text(kX509)},
                                                              {"#text", text(security.token_der)}}));
    }
    if (security.token) {
        block.put("wsse:UsernameToken", token_record(*security.token, moment));
    }
    return codec::write_xml(block, "wsse:Security");
}

}  // namespace datong::envelope
