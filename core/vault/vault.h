#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/async/pool.h"
#include "core/base/result.h"
#include "core/telemetry/sink.h"
#include "core/vault/shelf.h"

namespace datong::vault {

/// Writes bodies and subject keys from every loop: those that come while one group is being written make the next, in
/// one transaction. Used by many threads; goes before its loops and its pool's Pools.
class Vault {
public:
    /// @param pool  of one thread: it alone writes.
    Vault(std::shared_ptr<Shelf> shelf, std::shared_ptr<async::Pool> pool, telemetry::Sink& sink);
    ~Vault();
    Vault(const Vault&) = delete;
    Vault& operator=(const Vault&) = delete;

    /// What is on its way to the disk, and what became of it.
    struct Waiting;
    /// What persons are called in one record.
    struct Naming {
        std::vector<std::string> names;  ///< hex, in the order of the persons
        std::shared_ptr<Waiting> kept;   ///< null: all of it is durable
    };
    /// Names persons by the key of their case and day, and begins to make durable what is not: the record and its key
    /// are written side by side, and nobody is asked about anybody before named() says that the key is there.
    /// @param persons  hex HMACs under the gateway's subject key. @param gateway  that key.
    [[nodiscard]] Naming name(const std::string& case_number, std::chrono::system_clock::time_point at,
                              std::span<const std::string> persons, const Secret& gateway) const;
    /// Durable when it returns. @return Fault::evidence_unavailable when it can't be.
    [[nodiscard]] boost::asio::awaitable<Status> named(Naming naming) const;

    /// Seals what is to be sealed and makes all of it durable.
    /// @param auditor_pem  the certificate in force for this call.
    /// @return Fault::evidence_unavailable when it can't be: then nothing may be answered.
    [[nodiscard]] boost::asio::awaitable<Status> keep(Bodies bodies, std::string auditor_pem) const;
    /// Whether the last write was good. After a bad one each question tries the disk again, once a second at most.
    [[nodiscard]] bool healthy() const;
    [[nodiscard]] Shelf& shelf() const { return *shelf_; }

    struct Queue;

private:
    [[nodiscard]] boost::asio::awaitable<Status> wait_for(std::shared_ptr<Waiting> mine) const;
    void queue(const std::shared_ptr<Waiting>& mine) const;

    std::shared_ptr<Shelf> shelf_;
    std::shared_ptr<async::Pool> pool_;
    telemetry::Sink& sink_;
    std::shared_ptr<Queue> queue_;
};

}  // namespace datong::vault
