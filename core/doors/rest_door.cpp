#include "core/doors/rest_door.h"

#include "core/codec/json.h"

namespace datong::doors {
namespace {

codec::HttpMessage key_set(const catalogue::Snapshot& snapshot) {
    codec::HttpMessage http;
    http.status = 200;
    http.add("Content-Type", "application/jwk-set+json");
    http.add("Cache-Control", "no-store");
    codec::append_json(http.body, snapshot.public_keys(false));
    return http;
}

}  // namespace

Status RestDoor::judge_head(const codec::HttpMessage& head) const {
    return judge_length(head, head.field("signature") && head.field("signature-input"));
}

boost::asio::awaitable<codec::HttpMessage> RestDoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                            Deadline arrived) const {
    const bool is_keys = http.path() == "/v1/keys";
    const auto target = rest_target(http.path());
    if (!is_keys && !target) {
        co_return plain_problem({Fault::no_such_resource, "unknown path"});
    }
    using Kind = exchange::Request::Kind;
    const bool has_body =
        target && (target->kind == Kind::service || target->kind == Kind::matter || target->kind == Kind::usage ||
                   target->kind == Kind::consent || target->kind == Kind::revocation);
    const std::string_view allowed = has_body ? "POST" : "GET";
    if (http.method != allowed) {
        co_return wrong_method(allowed);
    }
    if (is_keys) {
        co_return key_set(*current_.get());
    }
    co_return co_await gateway_.answer(&dialect_, std::move(http), std::move(peer), arrived);
}

}  // namespace datong::doors
