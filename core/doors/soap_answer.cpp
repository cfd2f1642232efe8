#include "core/doors/soap_answer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/contracts/contract.h"
#include "core/crypto/digest.h"
#include "core/envelope/package.h"
#include "core/evidence/signature_base.h"
#include "core/wsse/envelope.h"
#include "core/wsse/xml_form.h"

namespace datong::doors {
namespace {

using record::Record;

constexpr std::chrono::seconds kAnswerHolds{300};

/// "2026-11-29T06:00:00Z", as SOAP toolkits want it.
std::string utc_text(std::chrono::system_clock::time_point at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                   static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                                   static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

bool is_senders(const Record& problem) {
    return problem.text_of("blame") == name_of(Blame::consumer);
}

std::string element(std::string_view name, std::string_view attributes, std::string_view text) {
    std::string out = "<" + std::string{name} + std::string{attributes} + ">";
    wsse::append_canonical_text(out, text);
    return out + "</" + std::string{name} + ">";
}

/// What a caller has to do differs by the protocol that he speaks: the table's words are those of the native one.
struct InSoap {
    Fault fault;
    std::string_view todo_zh;
    std::string_view todo_en;
};
constexpr std::array<InSoap, 4> kInSoap{{
    {Fault::not_signed, "按 WS-Security 1.1 用 X.509 令牌对 Body、Timestamp 和 Call（含 id 与 to）签名",
     "Sign Body, Timestamp and Call (with id and to) by WS-Security 1.1 with an X.509 token"},
    {Fault::signature_invalid, "检查令牌证书的密钥是否登记、私钥是否相符、消息在途中是否被改动",
     "Check whether the token's key is registered, the private key is its own, and nothing on the way alters the "
     "message"},
    {Fault::replayed, "每次调用在 Call 中使用新的 id 并重新签名", "Use a new id in Call and sign anew for every call"},
    {Fault::unsupported_media, "SOAP 1.1 用 text/xml，SOAP 1.2 用 application/soap+xml",
     "Use text/xml for SOAP 1.1 and application/soap+xml for 1.2"},
}};

void speak_soap(Record& problem) {
    const std::string code = problem.text_of("code");
    for (const InSoap& row : kInSoap) {
        if (row_of(row.fault).code == code) {
            problem.put("todo", Record::text(std::string{row.todo_zh}));
            problem.put("todo_en", Record::text(std::string{row.todo_en}));
        }
    }
}

/// In canonical form below soap:Body, which declares the prefix. Source: SOAP 1.1, 4.4.
std::string fault_11(const Record& problem) {
    return "<soap:Fault>" + element("faultcode", "", is_senders(problem) ? "soap:Client" : "soap:Server") +
           element("faultstring", "", problem.text_of("title") + " / " + problem.text_of("title_en")) + "<detail>" +
           wsse::write_xml_form(problem, contracts::kProblem, contracts::kProblemUri) + "</detail></soap:Fault>";
}

/// Source: SOAP 1.2 part 1, 5.4.
std::string fault_12(const Record& problem) {
    return "<soap:Fault><soap:Code>" +
           element("soap:Value", "", is_senders(problem) ? "soap:Sender" : "soap:Receiver") +
           "</soap:Code><soap:Reason>" + element("soap:Text", " xml:lang=\"zh\"", problem.text_of("title")) +
           element("soap:Text", " xml:lang=\"en\"", problem.text_of("title_en")) + "</soap:Reason><soap:Detail>" +
           wsse::write_xml_form(problem, contracts::kProblem, contracts::kProblemUri) + "</soap:Detail></soap:Fault>";
}

int status_of(const exchange::Answer& answer, const Record& body, std::string_view version) {
    constexpr int kFine = 200;
    constexpr int kSenders = 400;
    constexpr int kFault = 500;
    return !answer.is_problem ? kFine : version == "1.2" && is_senders(body) ? kSenders : kFault;
}

/// The message to somebody who is not known: nothing is signed to them.
std::string unsigned_message(std::string_view version, std::string_view payload) {
    const std::string_view soap = version == "1.2" ? wsse::kSoap12 : wsse::kSoap11;
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"" + std::string{soap} +
           "\"><soap:Body>" + std::string{payload} + "</soap:Body></soap:Envelope>";
}

/// Toolkits for SOAP know PKCS #1 v1.5 and few know PSS: an RSA key answers by what the caller itself used.
crypto::Algorithm algorithm_for(const crypto::SigningKey& key, const exchange::Claim& claim) {
    using crypto::Algorithm;
    if (key.default_algorithm() != Algorithm::rsa_pss_sha512) {
        return key.default_algorithm();
    }
    const auto asked = crypto::algorithm_by_name(claim.seen.algorithm);
    const bool is_pss = asked == Algorithm::rsa_pss_sha256 || asked == Algorithm::rsa_pss_sha512;
    return is_pss ? *asked : Algorithm::rsa_v1_5_sha256;
}

/// What stands in Body, and the files that stand beside the message.
struct Payload {
    std::string xml;
    std::vector<wsse::Hole> holes{};
    std::vector<envelope::PackagedFile> files{};
};

/// Puts an empty leaf of bytes in the place of each file's token, which stands nowhere else: nobody can guess it.
void open_places(Record& at, const std::vector<files::Given>& files) {
    if (at.is_text()) {
        const bool is_token = std::any_of(files.begin(), files.end(), [&](const files::Given& one) {
            return one.how == files::Delivery::apart && one.token == at.scalar();
        });
        at = is_token ? Record::bytes(at.scalar_text()) : std::move(at);
    } else if (at.is_object()) {
        for (record::Member& member : at.members_to_edit()) {
            open_places(member.value, files);
        }
    } else if (at.is_list()) {
        for (Record& item : at.items_to_edit()) {
            open_places(item, files);
        }
    }
}

/// The answer as XML, with files beside it. Source: XOP 1.0, 3.1.
Payload with_files(Record body, const std::vector<files::Given>& files, const std::string& uri) {
    open_places(body, files);
    std::vector<wsse::EmptyLeaf> empty;
    Payload made{.xml = wsse::write_xml_form_with_holes(body, contracts::kAnswer, uri, empty)};
    for (const wsse::EmptyLeaf& leaf : empty) {
        const auto file =
            std::find_if(files.begin(), files.end(), [&](const files::Given& one) { return one.token == leaf.octets; });
        const std::string id = file->token + "@datong";
        made.holes.push_back({.at = leaf.at, .octets = file->file.octets, .filling = envelope::include_of(id)});
        made.files.push_back({.content_id = id, .media_type = file->file.media_type, .octets = file->file.octets});
    }
    return made;
}

/// The message that was signed: every file as Base64 in its place.
std::string unpacked(std::string message, const Payload& payload) {
    for (const wsse::Hole& hole : payload.holes) {
        message.replace(message.find(hole.filling), hole.filling.size(), to_base64(*hole.octets));
    }
    return message;
}

/// Body and content type of the message: as it is, or packed with its files.
void fill(exchange::Sealed& sealed, std::string message, const Payload& payload, const exchange::Visit& visit,
          std::string_view version) {
    if (payload.files.empty()) {
        sealed.http.body = std::move(message);
        return;
    }
    envelope::Package package = envelope::pack(message, version, payload.files);
    sealed.http.set("Content-Type", std::move(package.content_type));
    sealed.http.add("MIME-Version", "1.0");
    sealed.http.body = std::move(package.begin);
    sealed.http.tail = std::move(package.rest);
    if (visit.bodies != vault::Policy::none) {
        sealed.whole = unpacked(std::move(message), payload);
    }
}

Status sign(exchange::Sealed& sealed, const exchange::Visit& visit, const SoapEnds& ends, const Payload& payload) {
    const catalogue::NamedKey& key = visit.snapshot->gateway.key.at(visit.at);
    crypto::Algorithm algorithm = algorithm_for(*key.key, visit.claim);
    const wsse::EnvelopeParts parts{.version = ends.version,
                                    .token_pem = key.chain_pem,
                                    .created = utc_text(visit.at),
                                    .expires = utc_text(visit.at + kAnswerHolds),
                                    .call_id = ends.call_id,
                                    .exchange = visit.exchange,
                                    .payload = payload.xml,
                                    .confirm = {visit.claim.seen.signature},
                                    .holes = payload.holes};
    auto written = wsse::write_signed_envelope(parts, algorithm, *key.key);
    if (!written && algorithm != key.key->default_algorithm()) {
        algorithm = key.key->default_algorithm();  // a key that is for PSS alone
        written = wsse::write_signed_envelope(parts, algorithm, *key.key);
    }
    if (!written) {
        return fail(std::move(written.error()));
    }
    sealed.digest = std::move(written->body_digest);
    fill(sealed, std::move(written->bytes), payload, visit, ends.version);
    sealed.seen = {.keyid = key.id,
                   .algorithm = std::string{crypto::name_of(algorithm)},
                   .base = std::move(written->signed_info),
                   .signature = std::move(written->signature),
                   .form = std::string{evidence::kSoapForm},
                   .part = std::string{wsse::kOwnBody}};
    return {};
}

}  // namespace

Result<exchange::Sealed> write_soap(exchange::Answer& answer, const exchange::Visit& visit, const SoapEnds& ends,
                                    bool signed_too) {
    auto body = codec::read_json(std::exchange(answer.body, {}));
    if (!body) {
        return fail(Fault::internal, "an answer that is no JSON");
    }
    if (answer.is_problem) {
        speak_soap(*body);
    }
    const bool by_parts = ends.takes_parts && signed_too && !answer.is_problem;
    const Payload payload = by_parts ? with_files(*body, answer.files, ends.uri)
                            : answer.is_problem
                                ? Payload{.xml = ends.version == "1.2" ? fault_12(*body) : fault_11(*body)}
                                : Payload{.xml = wsse::write_xml_form(*body, contracts::kAnswer, ends.uri)};
    exchange::Sealed sealed;
    sealed.http.status = answer.status = status_of(answer, *body, ends.version);
    sealed.http.add("Content-Type",
                    ends.version == "1.2" ? "application/soap+xml; charset=utf-8" : "text/xml; charset=utf-8");
    sealed.http.add("Cache-Control", "no-store");
    if (answer.retry_after.count() > 0) {
        sealed.http.add("Retry-After", std::to_string(answer.retry_after.count()));  // RFC 9110, 10.2.3
    }
    if (signed_too) {
        if (auto done = sign(sealed, visit, ends, payload); !done) {
            return fail(std::move(done.error()));
        }
        return sealed;
    }
    sealed.http.body = unsigned_message(ends.version, payload.xml);
    sealed.digest = crypto::sha256(sealed.http.body);
    return sealed;
}

}  // namespace datong::doors
