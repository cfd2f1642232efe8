#include "core/profiles/national.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/profiles/wrapped_secret.h"
#include "core/record/date.h"

namespace datong::profiles {
namespace {

using record::Record;

std::string prefix_of(Platform platform) {
    return platform == Platform::gjgxjhpt ? "gjgxjhpt_" : "gjzwfwpt_";
}

/// "0" as text or number; the second platform also says 200. Codes are shown only when they look like codes.
bool is_good(std::string_view code) {
    return code == "0" || code == "200";
}

std::string shown(std::string_view code) {
    const bool is_code = !code.empty() && code.size() <= 16 &&
                         code.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.") ==
                             std::string_view::npos;
    return is_code ? std::string{code} : "(no code)";
}

}  // namespace

std::string national_base(const NationalCall& call) {
    return call.sid + call.rid + call.rtime;
}

std::string national_sign(const NationalCall& call, const Secret& key) {
    return to_base64(crypto::hmac_sha256(key.reveal(), national_base(call)));
}

Status national_verify(const NationalCall& call, const Secret& key, std::string_view sign) {
    const auto given = from_base64(sign);
    if (!given || !equal_in_constant_time(crypto::hmac_sha256(key.reveal(), national_base(call)), *given)) {
        return fail(Fault::signature_invalid, "the national signature does not verify");
    }
    return {};
}

std::vector<codec::HttpField> national_fields(Platform platform, const NationalCall& call, const std::string& sign) {
    const std::string prefix = prefix_of(platform);
    return {{prefix + "rid", call.rid},
            {prefix + "sid", call.sid},
            {prefix + "rtime", call.rtime},
            {prefix + "sign", sign}};
}

Record national_soap_values(Platform platform, const NationalCall& call, const std::string& sign) {
    Record values = Record::object();
    for (const codec::HttpField& field : national_fields(platform, call, sign)) {
        values.put(field.name, Record::text(field.value));
    }
    return values;
}

codec::HttpMessage national_secret_request(Platform platform, const NationalCall& call, const Secret& appkey) {
    codec::HttpMessage request;
    request.method = "POST";
    request.target = kNationalSecretPath;
    request.set("Content-Type", "application/json");
    Record body = Record::object();
    for (const codec::HttpField& field : national_fields(platform, call, national_sign(call, appkey))) {
        request.set(field.name, field.value);
        body.put(field.name, Record::text(field.value));
    }
    request.body = codec::write_json(body);
    return request;
}

Result<LentSecret> read_national_secret(std::string_view body, const Secret& appkey) {
    const auto answer = codec::read_json(body);
    if (!answer || !answer->is_object()) {
        return fail(Fault::department_invalid, "the platform's secret service answered no JSON object");
    }
    const Record* code = answer->find("code");
    if (code == nullptr || !is_good(code->scalar())) {
        return fail(Fault::department_refused,
                    "the platform lends no secret: code " + shown(code == nullptr ? "" : code->scalar()));
    }
    const Record* wrapped = answer->find_path({"data", "secret"});
    auto secret = unwrap_secret(Wrapping::ecb, appkey, wrapped == nullptr ? "" : wrapped->scalar());
    if (!secret) {
        return fail(std::move(secret.error()));
    }
    const Record* ends = answer->find_path({"data", "secretEndTime"});
    return LentSecret{.secret = std::move(*secret),
                      .ends = ends == nullptr ? std::nullopt : read_platform_time(ends->scalar())};
}

std::optional<std::chrono::system_clock::time_point> read_platform_time(std::string_view text) {
    using std::chrono::system_clock;
    constexpr auto kMostMs =  // a clock that counts nanoseconds ends in 2262, and who calls chooses the digits
        std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::duration::max()).count();
    if (const auto number = to_whole_number(text); number && text.size() == 13) {
        return *number <= std::uint64_t{kMostMs}
                   ? std::optional{system_clock::time_point{std::chrono::milliseconds{*number}}}
                   : std::nullopt;
    } else if (number && text.size() == 10) {
        return *number <= std::uint64_t{kMostMs / 1000}
                   ? std::optional{system_clock::time_point{std::chrono::seconds{*number}}}
                   : std::nullopt;
    }
    std::string iso{text};
    if (iso.size() == 19 && (iso[10] == ' ' || iso[10] == 'T')) {
        iso[10] = 'T';
        iso += "+08:00";
    }
    constexpr int kFirstYear = 1970;
    constexpr int kLastYear = 2261;
    const auto time = record::parse_rfc3339(iso);
    if (!time || time->date.year < kFirstYear || time->date.year > kLastYear) {
        return std::nullopt;
    }
    constexpr std::chrono::hours kOffset{8};
    return system_clock::time_point{} + std::chrono::hours{24 * record::days_since_epoch(time->date) + time->hour} +
           std::chrono::minutes{time->minute} + std::chrono::seconds{time->second} - kOffset;
}

}  // namespace datong::profiles
