#include "core/platforms/licence_a.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/doors/platform_call.h"
#include "core/platforms/access_token.h"
#include "core/platforms/licence_record.h"
#include "core/policy/fields.h"
#include "core/policy/grants.h"
#include "core/record/date.h"
#include "core/steps/identifiers.h"

namespace datong::platforms {
namespace {

using catalogue::CallerDoor;
using catalogue::Licence;
using catalogue::Protocol;
using record::Record;

constexpr std::string_view kPrefix = "/zzgxpt/";
constexpr std::string_view kFetch = "/zzgxpt/download";

struct Operation {
    std::string_view name;
    LicenceAsk ask{};
};
constexpr std::array kOperations{Operation{"queryCertInfoByHolderCode", LicenceAsk::by_holder},
                                 Operation{"queryCertInfo", LicenceAsk::by_identifier},
                                 Operation{"queryCertInfoByQRcode", LicenceAsk::by_qr_code},
                                 Operation{"downloadFile", LicenceAsk::file},
                                 Operation{"downloadUrl", LicenceAsk::address},
                                 Operation{"downloadUrlsByHolderCode", LicenceAsk::address},
                                 Operation{"download", LicenceAsk::fetch},
                                 Operation{"verifyCertInfo", LicenceAsk::verify},
                                 Operation{"verifyFile", LicenceAsk::verify_file},
                                 Operation{"getCertRemarkInfo", LicenceAsk::definition}};

LicenceAsk ask_of(std::string_view path) {
    const auto found =
        std::ranges::find(kOperations, path.substr(std::min(path.size(), kPrefix.size())), &Operation::name);
    return found == kOperations.end() ? LicenceAsk::by_holder : found->ask;  // the door knows no other path
}

bool is_fetch(const codec::HttpMessage& http) {
    return http.path() == kFetch;
}

/// The one parameter of an address.
std::string handle_of(const codec::HttpMessage& http) {
    const auto form = codec::read_form(http.query().substr(std::min<std::size_t>(http.query().size(), 1)));
    return form && form->size() == 1 && form->front().name == "id" ? form->front().value : std::string{};
}

/// A member under the first of its names that is there.
const Record* either(const Record& data, std::string_view one, std::string_view other) {
    const Record* found = data.find(one);
    return found != nullptr ? found : data.find(other);
}

Status check_type(const Record& data, LicenceAsk ask) {
    constexpr std::size_t kCode = 21;
    const std::string code = data.text_of("certTypeCode");
    const bool may_lack = ask == LicenceAsk::by_identifier || ask == LicenceAsk::by_qr_code;
    return code.size() == kCode || (code.empty() && may_lack) ? Status{}
                                                              : fail(Fault::bad_request, std::string{kBadType});
}

Status check_identifier(const std::string& identifier) {
    const auto mistake = steps::licence_id_mistake(identifier);
    return mistake ? fail(Fault::bad_request, "certIdentifier is no identifier of a licence (" + mistake->rule + ")")
                   : Status{};
}

/// Whose licence an identifier names is known from the answer that told it.
Status add_holder(Record& data, const std::string& identifier, const exchange::Visit& visit, const HeldCalls& held) {
    const auto known = held.find(visit.claim.key->consumer->id, identifier);
    const Record* subject = known ? known->native.find_path({"context", "subject"}) : nullptr;
    const Licence* licence = known ? visit.snapshot->licence_of(known->service) : nullptr;
    if (subject == nullptr || licence == nullptr) {
        return fail(Fault::bad_request, std::string{kNotTold});
    }
    data.put("certTypeCode", Record::text(licence->code));
    data.put("holder", Record::text(subject->text_of("name")));
    data.put("holderCode", Record::text(subject->text_of("id_no")));
    data.put("holderTypeCode", Record::text(subject->text_of("id_type")));
    return {};
}

/// What an inbound mapping sees, whatever the operation calls it.
Result<Record> data_of(const Record& body, LicenceAsk ask, const exchange::Visit& visit, const HeldCalls& held) {
    const Record* given = body.find("data");
    if (given == nullptr || !given->is_object()) {
        return fail(Fault::bad_request, "data (required)");
    }
    Record data = *given;
    if (const Record* cause = either(data, "useCause", "certificateCopyCause"); cause != nullptr) {
        data.put("useCause", Record{*cause});
    }
    if (const Record* shown = data.find("certData"); shown != nullptr && ask == LicenceAsk::verify) {
        for (const std::string_view name : {"holder", "holderCode", "holderTypeCode"}) {
            if (const Record* value = shown->find(name); value != nullptr && data.find(name) == nullptr) {
                data.put(name, Record{*value});
            }
        }
    }
    const bool needs_holder =
        data.find("holderCode") == nullptr && ask != LicenceAsk::by_holder && ask != LicenceAsk::verify;
    const std::string identifier = asked_identifier(data, ask);
    const bool is_told = needs_holder || ask == LicenceAsk::by_qr_code;
    if (is_told || !identifier.empty()) {
        if (auto good = check_identifier(identifier); !good) {
            return fail(std::move(good.error()));
        }
    }
    if (is_told) {
        if (auto known = add_holder(data, identifier, visit, held); !known) {
            return fail(std::move(known.error()));
        }
    }
    if (auto good = check_type(data, ask); !good) {
        return fail(std::move(good.error()));
    }
    return data;
}

Status check_kind(const Licence& licence, const Record& data, LicenceAsk ask) {
    const std::string type = data.text_of("holderTypeCode");
    if (!type.empty() && !licence.holders.empty() &&
        std::ranges::find(licence.holders, type) == licence.holders.end()) {
        return fail(Fault::bad_request, std::string{kBadHolderType});
    }
    const bool wants_file = ask == LicenceAsk::file || ask == LicenceAsk::address || ask == LicenceAsk::verify_file;
    const std::string file_type = ascii_lower(data.text_of("fileType"));
    if (wants_file && (licence.file.empty() || (!file_type.empty() && file_type != licence.file_type))) {
        return fail(Fault::bad_request, std::string{kNoFile});
    }
    return {};
}

/// What the caller names the licence by, beside its holder, is compared with the answer: where its grant holds that
/// place back no department is asked.
/// @return Fault::not_permitted, or bad_request where the type has no such place.
Status check_compared(const exchange::Visit& visit, const exchange::Request& request, const Licence& licence,
                      const Record& data, LicenceAsk ask) {
    const bool by_number = ask == LicenceAsk::by_holder && !member_of(data, "certNo").empty();
    const bool by_identifier = !asked_identifier(data, ask).empty();
    if ((by_number && licence.number.empty()) || (by_identifier && licence.identifier.empty())) {
        return fail(Fault::bad_request, std::string{by_number ? kNotCompared : kNotTold});
    }
    const auto grant = visit.snapshot->granted.permit({.consumer = visit.claim.key->consumer->id,
                                                       .service = request.name,
                                                       .purpose = request.context.purpose,
                                                       .division = request.context.who.division,
                                                       .today = record::to_civil(visit.at).date});
    const auto seen =
        grant ? exchange::fields_of_call(*visit.snapshot, request, **grant) : std::vector<std::string>{"*"};
    const bool is_seen = (!by_number || policy::covers(seen, licence.number)) &&
                         (!by_identifier || policy::covers(seen, licence.identifier));
    return is_seen ? Status{} : fail(Fault::not_permitted, "the grant holds back what the answer is compared with");
}

/// A type's definition is asked by its code, or by its name. No department is asked, and nobody is named.
Result<exchange::Request> read_definition(const exchange::Visit& visit, const Record& body) {
    const Record* data = body.find("data");
    const std::string code = data != nullptr ? data->text_of("certTypeCode") : std::string{};
    const std::string name = data != nullptr ? data->text_of("certName") : std::string{};
    const auto& all = visit.snapshot->licences;
    const auto found = std::ranges::find_if(all, [&](const auto& entry) {
        return code.empty() ? !name.empty() && entry.second.title == name : entry.first == code;
    });
    if (found == all.end()) {
        return fail(Fault::bad_request,
                    std::string{code.empty() && name.empty() ? "certTypeCode (required)" : kNoType});
    }
    return exchange::Request{.kind = exchange::Request::Kind::description,
                             .name = found->second.service->id,
                             .context = {},
                             .query = Record::object()};
}

/// What is shown to be verified is Base64 of a file.
Status check_shown(const Record& data, LicenceAsk ask) {
    if (ask != LicenceAsk::verify_file) {
        return {};
    }
    const std::string kind = ascii_lower(member_of(data, "contentType"));
    const std::string content = member_of(data, "content");
    if (content.empty()) {
        return fail(Fault::bad_request, "content (required)");
    }
    return (kind.empty() || kind == "base64") && from_base64(content)
               ? Status{}
               : fail(Fault::bad_request, "content must be Base64, and contentType say so");
}

/// The native request of what an address stands for.
Result<exchange::Request> read_held(const exchange::Visit& visit, HeldCalls& held) {
    const auto known = held.take(handle_of(visit.http));
    if (!known) {
        return fail(Fault::bad_request, std::string{kNotTold});
    }
    auto request = exchange::read_request(exchange::Request::Kind::service, known->service, known->native);
    if (request) {
        request->is_mapped = true;
        judge_licences(*request, visit);
    }
    return request;
}

/// The department's own octets.
exchange::Sealed sealed_file(const exchange::Answer& answer, const LicenceFile& file) {
    exchange::Sealed sealed = doors::sealed_json(answer, file.octets);
    sealed.http.set("Content-Type", file.media_type);
    return sealed;
}

}  // namespace

Result<exchange::Claim> LicenceADialect::prove_address(const codec::HttpMessage& http, const policy::Peer& peer,
                                                       const catalogue::Snapshot& snapshot) const {
    const std::string handle = handle_of(http);
    const auto known = held_.find(handle);
    const auto consumer = known ? snapshot.consumers.find(known->consumer) : snapshot.consumers.end();
    const CallerDoor* door = consumer != snapshot.consumers.end() ? consumer->second->door.get() : nullptr;
    if (door == nullptr || door->protocol != Protocol::licence_a || !http.body.empty()) {
        return fail(Fault::signature_invalid, "an address that was not given, or is over");
    }
    const auto now = clock_.now();
    return doors::claim_by_proof(
        http, snapshot, {.door = door, .peer = &peer},
        {.base = "licence-a download " + to_hex(crypto::sha256(handle)), .mac = {}, .made = now, .is_timed_here = true},
        now);
}

Result<exchange::Claim> LicenceADialect::prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                               const catalogue::Snapshot& snapshot) const {
    if (is_fetch(http)) {
        auto ours = doors::check_authority(http, snapshot.gateway.listen);
        return ours ? prove_address(http, peer, snapshot) : fail(std::move(ours.error()));
    }
    if (auto good = doors::check_platform_call(http, snapshot); !good) {
        return fail(std::move(good.error()));
    }
    const auto body = codec::read_json(http.body);
    const Record* head = body ? body->find("head") : nullptr;
    if (head == nullptr || head->text_of("accessToken").empty()) {
        return fail(Fault::not_signed, "needs head.accessId and head.accessToken");
    }
    const auto now = clock_.now();
    const auto door = caller_by_token(snapshot, Protocol::licence_a, head->text_of("accessToken"), now);
    if (!door || (*door)->id != head->text_of("accessId")) {
        return fail(Fault::signature_invalid, "the access token is not this caller's, or over");
    }
    const Record* stamp = head->find("timestamp");
    const auto made = stamp != nullptr ? doors::check_time(stamp->scalar(), (*door)->freshness, now)
                                       : Result<std::chrono::system_clock::time_point>{now};
    if (!made) {
        return fail(made.error());
    }
    const std::string base = "licence-a " + std::string{http.path().substr(kPrefix.size())};
    return doors::claim_by_proof(http, snapshot, {.door = *door, .peer = &peer},
                                 {.base = base, .mac = {}, .made = *made, .is_timed_here = stamp == nullptr}, now);
}

Result<exchange::Request> LicenceADialect::read(const exchange::Visit& visit) const {
    const LicenceAsk ask = ask_of(visit.http.path());
    if (ask == LicenceAsk::fetch) {
        return read_held(visit, held_);
    }
    const auto body = codec::read_json(visit.http.body);
    if (body && ask == LicenceAsk::definition) {
        return read_definition(visit, *body);
    }
    auto data = body ? data_of(*body, ask, visit, held_) : fail(body.error());
    if (data) {
        if (auto shown = check_shown(*data, ask); !shown) {
            return fail(std::move(shown.error()));
        }
    }
    if (!data) {
        return fail(std::move(data.error()));
    }
    const auto found = visit.snapshot->licences.find(data->text_of("certTypeCode"));
    if (found == visit.snapshot->licences.end()) {
        return fail(Fault::bad_request, std::string{kNoType});
    }
    const Licence& licence = found->second;
    if (auto good = check_kind(licence, *data, ask); !good) {
        return fail(std::move(good.error()));
    }
    constexpr std::size_t kDate = 10;
    auto verify = ask == LicenceAsk::verify ? predicates_of(licence, *data, to_rfc3339(visit.at).substr(0, kDate))
                                            : Result<Record>{Record{}};
    if (!verify) {
        return fail(std::move(verify.error()));
    }
    auto native = doors::native_body(visit, *visit.claim.key->consumer->door->inbound, Record{*data});
    if (!native) {
        return fail(std::move(native.error()));
    }
    if (verify->is_list()) {
        native->put("verify", std::move(*verify));
    }
    auto request = exchange::read_request(exchange::Request::Kind::service, licence.service->id, std::move(*native));
    if (request) {
        request->is_mapped = true;
    }
    if (!request || ask == LicenceAsk::verify) {
        return request;
    }
    judge_licences(*request, visit);
    auto compared = check_compared(visit, *request, licence, *data, ask);
    return compared ? std::move(request) : fail(std::move(compared.error()));
}

Result<exchange::Answer> LicenceADialect::describe(const exchange::Visit& visit) const {
    const Licence* licence = visit.snapshot->licence_of(visit.request.name);
    const bool may_know =
        licence != nullptr && visit.snapshot->is_granted(visit.claim.key->consumer->id, licence->service->id,
                                                         record::to_civil(visit.at).date);
    if (!may_know) {
        return fail(Fault::not_permitted, "no grant for this type of licences");
    }
    exchange::Answer answer;
    answer.outcome = "described";
    answer.body = licence_definition(*licence);
    return answer;
}

Result<exchange::Sealed> LicenceADialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                                bool signed_too) const {
    std::string body = licence_a_answer(answer, visit, ask_of(visit.http.path()), held_);
    const auto file = is_fetch(visit.http) ? licence_file(answer, visit) : std::nullopt;
    exchange::Sealed sealed = file ? sealed_file(answer, *file) : doors::sealed_json(answer, std::move(body));
    if (!signed_too) {
        return sealed;
    }
    auto seen = doors::sign_answer(sealed.http, visit, {});
    if (!seen) {
        return fail(std::move(seen.error()));
    }
    sealed.seen = std::move(*seen);
    return sealed;
}

bool LicenceADoor::owns(std::string_view path) const {
    return path.starts_with(kPrefix);
}

Status LicenceADoor::judge_head(const codec::HttpMessage& head) const {
    constexpr bool kClaimsNothing = false;  // its token stands in the body
    return judge_length(head, kClaimsNothing);
}

boost::asio::awaitable<codec::HttpMessage> LicenceADoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                                Deadline arrived) const {
    const std::string_view path = http.path();
    const std::string_view name = path.substr(std::min(path.size(), kPrefix.size()));
    if (std::ranges::find(kOperations, name, &Operation::name) == kOperations.end()) {
        co_return doors::plain_problem({Fault::no_such_resource, "unknown path"});
    }
    const std::string_view allowed = is_fetch(http) ? "GET" : "POST";
    if (http.method != allowed) {
        co_return doors::wrong_method(allowed);
    }
    co_return co_await gateway_.answer(&dialect_, std::move(http), std::move(peer), arrived);
}

}  // namespace datong::platforms
