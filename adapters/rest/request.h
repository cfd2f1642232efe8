#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/rest/body.h"
#include "core/adapter/adapter.h"
#include "core/adapter/pattern.h"
#include "core/charset/charset.h"
#include "core/codec/http_message.h"

namespace datong::adapters::rest {

/// One operation, as settings say it.
struct Operation {
    std::string method;
    adapter::Pattern path;
    std::vector<std::string> query;  ///< fields that stand in the query
    std::vector<std::pair<std::string, adapter::Pattern>> headers;
    std::string content_type;  ///< empty: what the mapping says
    std::string accept;
    BodyFormat format{BodyFormat::form};  ///< of fields where the mapping made no body
    std::string root;                     ///< of xml
    std::string root_uri;
    std::vector<std::pair<std::string, adapter::Pattern>> conditions;  ///< fields made of others (condition.h)
    std::string service;                                               ///< to the platform that wants calls signed
    charset::Charset charset{charset::Charset::utf_8};                 ///< of fields in path, query and form
};

/// The request for an Ask. A field goes where the path names it; else into the query where `query`
/// lists it or the method is GET, HEAD or DELETE; else into a body of the operation's format where the mapping made
/// none. A field that a condition uses goes nowhere else.
///
/// @return Fault::request_invalid, naming the field, when it can't stand where it should: every value
///         is percent-encoded in path, query and form, no value leaves its place.
[[nodiscard]] Result<codec::HttpMessage> request_for(const Operation& operation, const adapter::Ask& asked,
                                                     const adapter::Errand& errand);

}  // namespace datong::adapters::rest
