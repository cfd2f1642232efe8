#include "core/platforms/access_call.h"

#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/doors/platform_call.h"
#include "core/platforms/access_token.h"

namespace datong::platforms {
namespace {

using catalogue::Protocol;
using record::Record;

std::string in_form(const exchange::Answer& answer) {
    const auto fault = answer.is_problem ? fault_by_code(answer.outcome) : std::nullopt;
    std::string body;
    codec::JsonWriter json{body};
    json.open_object().name("head").open_object();
    json.member("status", answer.is_problem ? std::string_view{answer.outcome} : std::string_view{"0"});
    json.member("message", fault ? row_of(*fault).title_zh : std::string_view{"成功"}).close_object();
    json.name("data").written(answer.body).close_object();
    return body;
}

}  // namespace

Result<exchange::Claim> AccessDialect::prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                             const catalogue::Snapshot& snapshot) const {
    if (auto good = doors::check_platform_call(http, snapshot); !good) {
        return fail(std::move(good.error()));
    }
    const auto body = codec::read_json(http.body);
    const Record* head = body ? body->find("head") : nullptr;
    if (head == nullptr || head->text_of("accessToken").empty()) {
        return fail(Fault::not_signed, "needs head with accessId, accessToken, sid and timestamp");
    }
    const auto now = clock_.now();
    const auto door = caller_by_token(snapshot, Protocol::access_token, head->text_of("accessToken"), now);
    if (!door || (*door)->id != head->text_of("accessId") || !(*door)->services.contains(head->text_of("sid"))) {
        return fail(Fault::signature_invalid, "the access token is not this caller's, or over, or not for this sid");
    }
    const Record* stamp = head->find("timestamp");
    const auto made = doors::check_time(stamp != nullptr ? stamp->scalar() : "", (*door)->freshness, now);
    if (!made) {
        return fail(made.error());
    }
    const std::string base = "access-token " + head->text_of("sid") + ' ' + std::string{stamp->scalar()};
    return doors::claim_by_proof(http, snapshot, {.door = *door, .peer = &peer},
                                 {.base = base, .mac = {}, .made = *made}, now);
}

Result<exchange::Request> AccessDialect::read(const exchange::Visit& visit) const {
    auto body = codec::read_json(visit.http.body);
    const Record* data = body ? body->find("data") : nullptr;
    if (data == nullptr) {
        return fail(Fault::bad_request, "data is required");
    }
    const std::string sid = body->find("head")->text_of("sid");
    return doors::read_inbound(visit, *visit.claim.key->consumer->door, sid, Record{*data});
}

Result<exchange::Sealed> AccessDialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                              bool signed_too) const {
    exchange::Sealed sealed = doors::sealed_json(answer, in_form(answer));
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

}  // namespace datong::platforms
