#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/base/clock.h"
#include "core/base/result.h"

struct addrinfo;  // netdb.h

namespace datong::async {

/// What ::getaddrinfo does, or what a test has in its place: may block for as long as it likes. Called on a thread of
/// its own, so it owns all that it needs.
using LookUp = std::function<int(const char* host, const char* port, const addrinfo* wanted, addrinfo** found)>;

/// The addresses of one host, for one who calls it: what its name server does not say keeps nobody else waiting, as the
/// one thread would with which Asio looks up the names of a whole loop. May be used from many loops; a copy is the same
/// resolver. A question outlives who asked it, and there is one at a time, however many wait for it.
class Resolver {
public:
    using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

    Resolver() = default;  ///< of nobody: finds nothing
    /// @param host     name or address; an address is no question.
    /// @param port     number, or a service's name.
    /// @param look_up  empty: the system's.
    Resolver(std::string host, std::string port, LookUp look_up = {});

    /// @return at least one. Fault::department_timeout when no name server has answered by then, department_down when
    ///         there is no such name. What was found within the last hour stands in for a name server that is silent
    ///         for half a second or fails.
    [[nodiscard]] boost::asio::awaitable<Result<Endpoints>> find(Deadline deadline) const;

    struct Inquiry;

private:
    std::shared_ptr<Inquiry> inquiry_;
};

}  // namespace datong::async
