#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/async/pool.h"
#include "core/base/result.h"
#include "core/telemetry/sink.h"
#include "core/vault/shelf.h"

namespace datong::vault {

/// Writes bodies from every loop: those that come while one group is being written make the next, in one transaction.
/// Used by many threads; goes before its loops and its pool's Pools.
class Vault {
public:
    /// @param pool  of one thread: it alone writes.
    Vault(std::shared_ptr<Shelf> shelf, std::shared_ptr<async::Pool> pool, telemetry::Sink& sink);
    ~Vault();
    Vault(const Vault&) = delete;
    Vault& operator=(const Vault&) = delete;

    /// Seals what is to be sealed and makes all of it durable.
    /// @param auditor_pem  the certificate in force for this call.
    /// @return Fault::evidence_unavailable when it can't be: then nothing may be answered.
    [[nodiscard]] boost::asio::awaitable<Status> keep(Bodies bodies, std::string auditor_pem) const;
    /// Whether the last write was good. After a bad one each question tries the disk again, once a second at most.
    [[nodiscard]] bool healthy() const;
    [[nodiscard]] Shelf& shelf() const { return *shelf_; }

    struct Queue;

private:
    std::shared_ptr<Shelf> shelf_;
    std::shared_ptr<async::Pool> pool_;
    telemetry::Sink& sink_;
    std::shared_ptr<Queue> queue_;
};

}  // namespace datong::vault
