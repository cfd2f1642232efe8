#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/exchange/call.h"
#include "core/telemetry/sink.h"

namespace datong::exchange {

/// What a fetch may use of the gateway.
struct Means {
    const Clock& clock;
    telemetry::Sink& sink;
};

/// One material, all the way: request mapping, department, response mapping, the person compared, the
/// granted fields kept, the certificate signed by its issuer. Waits once, for the department.
/// @param visit     kept alive by whoever works for it.
/// @param deadline  of the whole call; the service's own is used if it is earlier.
[[nodiscard]] boost::asio::awaitable<Attempt<Certificate>> fetch(std::shared_ptr<const Visit> visit, Ticket ticket,
                                                                 Means means, Deadline deadline);

/// Runs a request mapping; what it refuses is the consumer's to mend.
[[nodiscard]] Attempt<adapter::Ask> ask_from(const mapping::Mapping& request, const std::string& operation,
                                             const mapping::Input& input);

/// Judges a reply: a record, null for the department's own "no such record", or whose fault it is.
[[nodiscard]] Attempt<record::Record> record_from(const mapping::Mapping& response, const adapter::Reply& reply,
                                                  mapping::Input input);

}  // namespace datong::exchange
