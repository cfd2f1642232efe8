#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "core/exchange/fetch.h"

namespace datong::exchange {

/// Asks the case register (办件库) whether the case exists, is open, belongs to this matter, and names
/// the subject, or an applicant or agent who may act for it. The case is checked, not believed.
/// @return Fault::case_not_accepted, or the register's own fault when it can't be asked.
[[nodiscard]] boost::asio::awaitable<Status> check_case(std::shared_ptr<const Visit> visit, Means means,
                                                        Deadline deadline);

/// The matter of the call as the case register calls it.
[[nodiscard]] std::string case_matter(const Visit& visit);

}  // namespace datong::exchange
