#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/http/origin.h"

namespace datong::http {

/// What one request is on the wire.
struct Wire {
    std::string head;
    std::string body;
    bool is_head{};      ///< the method is HEAD: no body comes back
    std::size_t most{};  ///< bytes of the answer's body, of a file; 0: the client's max_answer
};

/// One connection of a client. On its loop only; when idle it has no work there.
class Link {
public:
    Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    virtual ~Link() = default;

    /// Sends one request and reads its answer.
    /// @return as Client::send.
    [[nodiscard]] virtual boost::asio::awaitable<Result<codec::HttpMessage>> ask(Wire request, Deadline deadline) = 0;
    /// Whether another request may follow.
    [[nodiscard]] virtual bool is_reusable() const = 0;
    /// Whether any byte of an answer to the last request came.
    [[nodiscard]] virtual bool has_heard() const = 0;
    /// Whether an idle connection is open and silent, and its server's certificate not over: looks without waiting.
    [[nodiscard]] virtual bool is_quiet() = 0;

    [[nodiscard]] virtual boost::asio::any_io_executor loop() = 0;
    [[nodiscard]] virtual int descriptor() = 0;

    Deadline idle_since{};
    bool is_used{};                       ///< has carried a request before
    std::shared_ptr<const void> place{};  ///< among the connections that the department sees at once
};

/// Closes an idle connection of another loop, and comes back when the other side has seen it, or after a little while.
[[nodiscard]] boost::asio::awaitable<void> see_off(std::unique_ptr<Link> link, Deadline deadline);

/// Resolves, connects and shakes hands.
/// @return Fault::department_down, or department_timeout at the deadline.
[[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<Link>>> open_link(std::shared_ptr<Origin> origin,
                                                                              Deadline deadline);

}  // namespace datong::http
