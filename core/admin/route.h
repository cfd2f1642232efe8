#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/accounts/act.h"
#include "core/accounts/actor.h"
#include "core/codec/http_message.h"
#include "core/http/server.h"
#include "core/record/record.h"

namespace datong::admin {

/// What somebody who administers asks, once it is known who it is.
struct Asked {
    accounts::Actor actor;           ///< of a route that is `open`: nobody
    std::vector<std::string> names;  ///< what stands in the path for each '*', decoded
    codec::HttpMessage http;
    http::Peer peer;
    accounts::Act& act;  ///< kept by who carries it out, before it takes effect; else by the door, afterwards
};

struct Answer {
    record::Record body;
    int status = 200;  ///< from 300 on it is recorded as refused
};

/// One thing that administrators may ask of the gateway.
struct Route {
    enum class Kind {
        reads,  ///< recorded only where it is refused
        acts,   ///< recorded, with a reason
        open,   ///< recorded; asks for no session, and takes no reason from strangers
        own,    ///< recorded, without a reason: somebody's own password or session
    };
    std::string method;
    std::string path;                     ///< "/v1/accounts/*/unlock": '*' is one segment
    std::string act;                      ///< as the evidence says it: "account.unlock"
    std::vector<accounts::Role> roles{};  ///< who may, any of them; empty: whoever has signed in
    Kind kind = Kind::reads;
    bool takes_long{};  ///< runs where a reload runs, one after the other
    bool reads_log{};   ///< may read all of the evidence: keeps no act waiting, and no reload
    /// May block; runs on no loop.
    std::function<accounts::Outcome<Answer>(Asked&)> work{};
};

/// What stands in a path for each '*' of a pattern; nullopt: it does not fit.
[[nodiscard]] std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

/// The body as an object of JSON. @return bad_request.
[[nodiscard]] accounts::Outcome<record::Record> object_in(const codec::HttpMessage& http);

}  // namespace datong::admin
