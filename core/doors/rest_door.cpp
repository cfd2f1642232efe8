#include "core/doors/rest_door.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/exchange/problem.h"

namespace datong::doors {
namespace {

codec::HttpMessage json_answer(int status, std::string type, const record::Record& body) {
    codec::HttpMessage http;
    http.status = status;
    http.add("Content-Type", std::move(type));
    http.add("Cache-Control", "no-store");
    codec::append_json(http.body, body);
    return http;
}

}  // namespace

RestDoor::RestDoor(const exchange::Gateway& gateway, const catalogue::Current& current)
    : gateway_{gateway}, current_{current} {
}

codec::HttpMessage RestDoor::plain_problem(const Error& why) {
    return json_answer(row_of(why.fault()).status, "application/problem+json", exchange::problem(why, {}));
}

Status RestDoor::judge_head(const codec::HttpMessage& head) {
    constexpr std::uint64_t kUnsignedBody = 64U << 10;
    const bool claims = head.field("signature") && head.field("signature-input");
    const auto length = to_whole_number(head.field("content-length").value_or("0"));
    const bool small = length && *length <= kUnsignedBody && !head.field("transfer-encoding");
    return claims || small ? Status{} : fail(Fault::not_signed, "an unsigned body of over 64 KiB is not read");
}

boost::asio::awaitable<codec::HttpMessage> RestDoor::handle(codec::HttpMessage http, policy::PeerCertificate peer,
                                                            Deadline arrived) const {
    const bool is_keys = http.path() == "/v1/keys";
    const auto target = rest_target(http.path());
    if (!is_keys && !target) {
        co_return plain_problem({Fault::no_such_resource, "unknown path"});
    }
    const bool is_status = target && target->kind == exchange::Request::Kind::submission;
    const std::string_view allowed = is_keys || is_status ? "GET" : "POST";
    if (http.method != allowed) {
        codec::HttpMessage refused = plain_problem({Fault::method_not_allowed, "use " + std::string{allowed}});
        refused.add("Allow", std::string{allowed});
        co_return refused;
    }
    if (is_keys) {
        co_return json_answer(200, "application/jwk-set+json", current_.get()->public_keys(false));
    }
    co_return co_await gateway_.answer(&dialect_, std::move(http), std::move(peer), arrived);
}

}  // namespace datong::doors
