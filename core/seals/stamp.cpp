#include "core/seals/stamp.h"

#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/crypto/time_stamp.h"
#include "core/record/date.h"

namespace datong::seals {

namespace {

std::chrono::system_clock::time_point to_time_point(const record::DateTime& civil) {
    using namespace std::chrono;
    const auto of_day = hours{civil.hour - 8} + minutes{civil.minute} + seconds{civil.second} +
                        milliseconds{civil.millisecond};  // civil times are at +08:00
    return system_clock::time_point{hours{24 * record::days_since_epoch(civil.date)} + of_day};
}

}  // namespace

std::string to_json(const Stamp& stamp) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object()
        .member("kind", "stamp")
        .member("at", stamp.at)
        .member("seal", stamp.seal)
        .member("token", to_base64(stamp.token))
        .close_object();
    return out;
}

Result<Stamp> read_stamp(const record::Record& entry) {
    const auto seal = to_whole_number(entry.text_of("seal"));
    auto token = from_base64(entry.text_of("token"));
    if (!seal || !token || token->empty()) {
        return fail(Fault::bad_request, "a stamp without seal or token");
    }
    return Stamp{.at = entry.text_of("at"), .seal = *seal, .token = std::move(*token)};
}

Result<Stampable> stampable(std::uint64_t number, const Seal& seal) {
    const auto at = record::parse_rfc3339(seal.at);
    if (!at) {
        return fail(Fault::bad_request, "a seal without its time");
    }
    return Stampable{.number = number, .imprint = crypto::sha256(seal.jws), .at = to_time_point(*at)};
}

StampVerdict check_stamp(const std::string& token, const Stampable& seal, const StampTrust& trust,
                         const std::string& nonce) {
    const crypto::TimeStampQuestion question{.imprint = seal.imprint,
                                             .anchors = trust.anchors,
                                             .policy = trust.policy,
                                             .nonce = nonce.empty() ? std::nullopt : std::optional{nonce}};
    const auto facts = crypto::check_time_stamp(token, question);
    if (!facts) {
        return {.reason = "stamp_token", .why = facts.error().detail(), .at = {}};
    }
    if (facts->at + kStampSkew < seal.at) {
        return {.reason = "stamp_time", .why = "the token is older than its seal", .at = facts->at};
    }
    return {.reason = {}, .why = {}, .at = facts->at};
}

}  // namespace datong::seals
