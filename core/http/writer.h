#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/codec/http_message.h"

namespace datong::http {

/// The bytes of a request's head. Content-Length is ours; Content-Length, Transfer-Encoding, Connection
/// and Host among the fields are left out.
/// @param host  what Host says.
/// @return Fault::internal when a method, target or field holds what would begin another line.
[[nodiscard]] Result<std::string> request_head(const codec::HttpMessage& request, std::string_view target,
                                               std::string_view host);

struct AnswerStyle {
    bool keep_alive{};
    bool http_1_0{};        ///< the request was HTTP/1.0: keeping alive must be said
    std::string_view date;  ///< IMF-fixdate
};

/// The bytes of a response's head; as above, and Date is ours.
/// @return Fault::internal too for a status outside 200 to 599.
[[nodiscard]] Result<std::string> answer_head(const codec::HttpMessage& answer, AnswerStyle style);

/// Whether an answer of that status may have a body and a length. Source: RFC 9110, 8.6 and 15.
[[nodiscard]] bool may_have_body(int status);

/// "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110, 5.6.7.
[[nodiscard]] std::string to_http_date(std::time_t time);

}  // namespace datong::http
