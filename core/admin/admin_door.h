#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/async/pool.h"
#include "core/base/clock.h"
#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/record/record.h"

namespace datong::admin {

/// Whether the gateway can answer calls, and if not, why.
struct Readiness {
    bool ready{};
    std::string reason;                   ///< "draining", "evidence", ...; empty when ready
    std::vector<std::string> resting;     ///< sources whose breaker is open: answers are partial, not refused
    std::vector<std::string> disabled{};  ///< sources whose plug-in was refused
    std::vector<std::string> closed{};    ///< sources whose department takes no calls now
    std::size_t unstamped{};              ///< seals that wait for a time-stamp
    std::string snapshot;                 ///< digest of the configuration in force
};

/// What became of a reload: `digest` of the snapshot now in force, `mistakes` why the new one was not taken.
struct Reloaded {
    bool taken{};
    std::string digest;
    Mistakes mistakes;
};

/// What the admin listener needs of the program; called from its loops.
struct Hooks {
    std::function<Readiness()> readiness;
    std::function<Reloaded()> reload;  ///< may take a while: run on `blocking`
    /// Counts of a service's candidate mapping; nullopt where there are none.
    std::function<std::optional<record::Record>(std::string_view service)> shadow;
    std::function<record::Record()> sources;  ///< every source and how it is
    std::function<record::Record()> drift;    ///< how replies changed
    /// An order of a department about a source, as a compact JWS; may take a while: run on `blocking`.
    /// @return what holds now.
    std::function<Result<record::Record>(const std::string& jws)> order;
    /// Erases bodies: {exchange?, case_number?, before?, basis}; may take a while: run on `blocking`.
    /// @return what the record of it says.
    std::function<Result<record::Record>(const record::Record& what)> erase;
    std::function<std::string()> metrics;  ///< Prometheus text
    async::Pool& blocking;                 ///< of its own: no source keeps a reload waiting
};

/// The administrators' door, on its own loopback listener: /healthz, /readyz, /metrics, /v1/sources, /v1/drift,
/// /v1/shadows/SERVICE, POST /v1/reload, POST /v1/orders, POST /v1/evidence/erase.
class AdminDoor {
public:
    explicit AdminDoor(Hooks hooks) : hooks_{std::move(hooks)} {}

    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http) const;

private:
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> reload() const;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> order(std::string jws) const;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> erase(std::string body) const;
    [[nodiscard]] std::optional<codec::HttpMessage> read(std::string_view path) const;

    Hooks hooks_;
};

}  // namespace datong::admin
