#pragma once

#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/catalogue/model.h"
#include "core/codec/http_message.h"
#include "core/policy/certificates.h"

namespace datong::doors {

/// One protocol by which callers come in: which paths are its own, and what becomes of a request on them.
/// May be used from many loops.
class Door {
public:
    Door() = default;
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;
    virtual ~Door() = default;

    [[nodiscard]] virtual bool owns(std::string_view path) const = 0;

    /// Looks at a request's head before its body is read: a stranger's large body is not taken in. Small
    /// ones are, so that their refusal is one of a call and in the evidence.
    [[nodiscard]] virtual Status judge_head(const codec::HttpMessage& head) const = 0;

    [[nodiscard]] virtual boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                            Deadline arrived) const = 0;

    /// Fault::not_signed for a body over 64 KiB of a caller who does not even claim to have signed it.
    [[nodiscard]] static Status judge_length(const codec::HttpMessage& head, bool claims);
};

/// The name of a service or a matter: at most 64 of a-z, 0-9 and '-', a letter first.
[[nodiscard]] bool is_name(std::string_view name);

/// An exchange's id: a UUID in lower case.
[[nodiscard]] bool is_exchange_id(std::string_view id);

/// The content type without its parameters, in lower case; empty for none.
[[nodiscard]] std::string media_type_of(const codec::HttpMessage& http);

/// @return Fault::bad_request where the Host is not one of ours, if the listener names any.
[[nodiscard]] Status check_authority(const codec::HttpMessage& http, const catalogue::Listener& listen);

/// Where callers reach us, "https://HOST:PORT": by their Host where it is one of ours or any will do, else by our
/// first.
[[nodiscard]] std::string base_of(const codec::HttpMessage& http, const catalogue::Listener& listen);

/// The problem for a request that never became a call (malformed HTTP, too large, unknown path, wrong method).
[[nodiscard]] codec::HttpMessage plain_problem(const Error& why);

/// Fault::method_not_allowed with the field that says what is.
[[nodiscard]] codec::HttpMessage wrong_method(std::string_view allowed);

}  // namespace datong::doors
