#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "core/async/loops.h"
#include "core/http/client.h"

namespace datong::test {

/// Sends on a loop and waits for the answer.
inline Result<codec::HttpMessage> call(http::Client& client, async::Loops& loops, codec::HttpMessage request,
                                       std::chrono::milliseconds limit = std::chrono::seconds{10}, std::size_t loop = 0,
                                       http::Sending how = {}) {
    const auto deadline = Deadline::clock::now() + limit;
    return boost::asio::co_spawn(loops.at(loop), client.send(std::move(request), deadline, how),
                                 boost::asio::use_future)
        .get();
}

inline codec::HttpMessage get(std::string target) {
    codec::HttpMessage request;
    request.method = "GET";
    request.target = std::move(target);
    return request;
}

inline codec::HttpMessage post(std::string target, std::string body) {
    codec::HttpMessage request;
    request.method = "POST";
    request.target = std::move(target);
    request.body = std::move(body);
    return request;
}

}  // namespace datong::test
