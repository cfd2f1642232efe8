#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/crypto/key.h"
#include "core/evidence/log.h"
#include "core/seals/anchor.h"
#include "core/seals/orphans.h"
#include "core/seals/record_reader.h"
#include "core/seals/seal.h"
#include "core/seals/standing.h"
#include "core/telemetry/sink.h"

namespace datong::seals {

struct SealerSettings {
    std::string folder;
    std::chrono::milliseconds every{60'000};
    std::uint64_t records = 10'000;  ///< so many are sealed without waiting, and at most so many by one seal
};

/// By whom a seal is signed.
struct Signer {
    std::string keyid;
    crypto::SigningKey key;
};

/// Seals the log (封签) on a thread of its own, off the path of calls: it reads what is durable already, and is a
/// caller of the log like any other. What stands unsealed when it is opened is sealed at once. While the disk takes
/// nothing it tries again by itself. A log in which nothing happens but seals is not sealed again.
class Sealer {
public:
    /// @param signer  the gateway's key of the moment; called on the sealer's thread.
    /// @return Fault::evidence_unavailable when the folder can't be read. Nothing runs yet.
    [[nodiscard]] static Result<std::unique_ptr<Sealer>> open(SealerSettings settings, evidence::Log& log,
                                                              std::function<Signer()> signer, const Clock& clock,
                                                              telemetry::Sink& sink);
    ~Sealer();  ///< ends the thread; what is unsealed stays so
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    /// Who knows which seal was stamped last: said in every seal, so that the next start finds it. Before start().
    void follow(std::function<std::uint64_t()> stamped) { stamped_ = std::move(stamped); }
    /// Where the newest seal goes after each round that made one; called on the sealer's thread, may block a bounded
    /// time. What fails is tried again with the next round. Before start().
    void publish_by(std::function<Status(const Anchor&)> publish) { publish_ = std::move(publish); }
    /// What the last seal says of that.
    [[nodiscard]] std::uint64_t stamped() const noexcept { return standing_.stamped; }
    void start();
    /// Ends the thread and seals what is left. @return Fault::evidence_unavailable when that could not be kept.
    [[nodiscard]] Status finish();

private:
    Sealer(SealerSettings settings, evidence::Log& log, std::function<Signer()> signer, const Clock& clock,
           telemetry::Sink& sink, Standing standing, OpenExchanges open);
    void run(const std::stop_token& stop);
    [[nodiscard]] Status seal_due(bool all, const std::stop_token& stop);
    [[nodiscard]] Result<bool> seal_next(std::uint64_t count, std::uint64_t durable);
    void publish();
    void note(const Status& done);

    const SealerSettings settings_;
    evidence::Log& log_;
    const std::function<Signer()> signer_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    Standing standing_;
    OpenExchanges open_;    ///< behind standing_.sealed_to
    const bool is_behind_;  ///< from the beginning
    std::function<std::uint64_t()> stamped_;
    std::function<Status(const Anchor&)> publish_;
    std::optional<Anchor> unpublished_;
    bool is_publishing_failing_{};
    RecordReader reader_;
    bool is_failing_{};
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // last: it uses all the others
};

}  // namespace datong::seals
