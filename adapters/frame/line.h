#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/async/resolve.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace datong::adapters::frame {

/// One TCP connection to a department for one call, on one loop. Every wait ends at the call's deadline
/// with Fault::department_timeout.
class Line {
public:
    /// @return Fault::department_down when nobody takes the connection, in time.
    [[nodiscard]] static boost::asio::awaitable<Result<std::unique_ptr<Line>>> open(async::Resolver host,
                                                                                    Deadline connect_until,
                                                                                    Deadline deadline);
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    /// @return Fault::department_down when the department closes in the middle.
    [[nodiscard]] boost::asio::awaitable<Status> send(std::string octets);

    /// Exactly so many octets.
    /// @return Fault::department_down when the department closes before the first octet of the answer,
    ///         department_invalid when it closes later.
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> receive(std::size_t count);

    /// Everything until the department closes.
    /// @param most  octets; more is Fault::department_invalid.
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> receive_all(std::size_t most);

    /// Whether more octets lie there already: behind the end of a frame, its length was wrong.
    [[nodiscard]] bool has_more() const;

private:
    struct Held;
    explicit Line(std::shared_ptr<Held> held);

    std::shared_ptr<Held> held_;
};

}  // namespace datong::adapters::frame
