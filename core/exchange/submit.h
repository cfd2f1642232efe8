#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "core/exchange/fetch.h"

namespace datong::exchange {

/// One target of a submission, all the way: what was answered for good is given again; what was never sent is sent,
/// once; of what was sent and has no last word the department is asked (docs/submit.md).
/// @param visit  with the submission that this is about.
[[nodiscard]] boost::asio::awaitable<Attempt<Certificate>> submit(std::shared_ptr<const Visit> visit, Ticket ticket,
                                                                  Means means, Deadline deadline);

/// Whether this outcome is not the last word: "deferred", "unknown" or "pending".
[[nodiscard]] bool is_open(std::string_view outcome);

}  // namespace datong::exchange
