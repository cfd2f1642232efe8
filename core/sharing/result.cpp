#include "core/sharing/result.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"

namespace datong::sharing {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base32
constexpr std::size_t kLength = 12;
constexpr std::size_t kGroup = 4;

std::string new_code() {
    std::string code;
    for (const char octet : crypto::random_bytes(kLength)) {
        code += kAlphabet[static_cast<unsigned char>(octet) % kAlphabet.size()];  // 256 is a multiple of 32
    }
    return code;
}

std::string in_groups(std::string_view code) {
    std::string written;
    for (std::size_t at = 0; at < code.size(); at += kGroup) {
        written.append(at == 0 ? "" : "-").append(code.substr(at, kGroup));
    }
    return written;
}

std::string title_of(const catalogue::Snapshot& snapshot, std::string_view consumer) {
    const auto found = snapshot.consumers.find(consumer);
    return found == snapshot.consumers.end() ? std::string{consumer} : found->second->title;
}

/// Registers by their titles, divisions by their codes.
void write_scope(codec::JsonWriter& json, const Facts& facts) {
    json.name("registers").open_list();
    for (const std::string& id : facts.service->registers) {
        const auto found = facts.service->department->registers.find(id);
        json.text(found == facts.service->department->registers.end() ? id : found->second.title);
    }
    json.close_list().name("divisions").open_list();
    if (facts.division.empty()) {
        for (const std::string& division : facts.service->divisions) {
            json.text(division);
        }
    } else {
        json.text(facts.division);
    }
    json.close_list();
}

}  // namespace

std::string valid_until(const catalogue::Snapshot& snapshot, std::chrono::system_clock::time_point now) {
    constexpr std::size_t kDate = 10;
    const auto& rule = snapshot.gateway.sharing;
    return rule ? to_rfc3339(now + rule->valid).substr(0, kDate) : std::string{};
}

std::string normal_code(std::string_view written) {
    std::string code;
    for (const char c : written) {
        const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        const char read = upper == 'O' ? '0' : upper == 'I' || upper == 'L' ? '1' : upper;
        if (read != '-' && read != ' ') {
            code += read;
        }
    }
    const bool good = code.size() == kLength && code.find_first_not_of(kAlphabet) == std::string::npos;
    return good ? code : std::string{};
}

std::string code_mac(const catalogue::Snapshot& snapshot, std::string_view exchange, std::string_view code) {
    // the label keeps this key apart from everything else that is made with the gateway's
    const Secret own{crypto::hmac_sha256(snapshot.gateway.subject_key.reveal(), "datong sharing results 1")};
    return crypto::hmac_sha256(own.reveal(), std::string{exchange} + '\n' + std::string{code});
}

Made make_result(const Facts& facts, const catalogue::Snapshot& snapshot, std::string_view certificate,
                 std::string valid_until, std::chrono::system_clock::time_point now) {
    const std::string code = new_code();
    const auto ends = now + snapshot.gateway.sharing->code;
    Made made{
        .code = in_groups(code), .code_until = to_rfc3339(ends), .valid_until = std::move(valid_until), .kept = {}};
    made.kept.exchange = facts.exchange;
    made.kept.code_mac = code_mac(snapshot, facts.exchange, code);
    made.kept.until = to_unix_seconds(ends);
    const catalogue::Matter* matter = snapshot.matter(facts.matter);
    codec::JsonWriter json{made.kept.shown};
    json.open_object().member("exchange", facts.exchange).member("gateway", snapshot.gateway.title);
    json.member("issuer", facts.service->department->title).member("uscc", facts.service->department->uscc);
    json.member("service", facts.service->title).member("service_en", facts.service->title_en);
    json.member("outcome", facts.outcome).member("as_of", facts.as_of);
    write_scope(json, facts);
    json.member("consumer", title_of(snapshot, facts.consumer));
    json.member("matter", matter != nullptr ? std::string_view{matter->title.text} : facts.matter);
    json.member("case_number", facts.case_number).member("purpose", facts.purpose);
    json.member("valid_until", made.valid_until);
    json.member("certificate_sha256", to_hex(crypto::sha256(certificate))).close_object();
    return made;
}

}  // namespace datong::sharing
