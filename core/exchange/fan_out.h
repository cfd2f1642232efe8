#pragma once

#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/exchange/fetch.h"

namespace datong::exchange {

/// Fetches every ticket at the same time, on this loop, and comes back when all are there or at the
/// deadline: whoever is late then stands as department_timeout, its work goes on unheard.
/// @return one result a ticket, in the same order.
[[nodiscard]] boost::asio::awaitable<std::vector<Attempt<Certificate>>> fetch_all(std::shared_ptr<const Visit> visit,
                                                                                  std::vector<Ticket> tickets,
                                                                                  Means means, Deadline deadline);

/// One material of a list that counts for its requirement, as things stand at the deadline.
struct Lacking {
    const catalogue::Requirement* requirement{};
    const catalogue::Material* material{};
    const Ticket* ticket{};
    Attempt<Certificate>* result{};
};
/// Keeps what comes after the answer: slow departments, whose result becomes `pending`, and what may follow and is
/// asked for again. What can't be kept stays as it is.
[[nodiscard]] boost::asio::awaitable<void> keep_awaited(std::shared_ptr<const Visit> visit,
                                                        const catalogue::Matter* matter, std::vector<Lacking> all,
                                                        Means means);

/// Everything that a matter requires: the first list of each requirement at once, the next lists of
/// those that are not satisfied while there is time. Lists are OR, what stands in one is AND.
[[nodiscard]] boost::asio::awaitable<Answer> fetch_matter(std::shared_ptr<const Visit> visit,
                                                          const catalogue::Matter* matter, std::vector<Ticket> tickets,
                                                          Means means, Deadline deadline);

}  // namespace datong::exchange
