#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/catalogue/load.h"
#include "core/catalogue/snapshot.h"
#include "core/sources/order.h"

namespace datong::sources {

/// The last order of each department about each source, in force and kept over a restart. May be used from many
/// threads; take() waits for the disk, so call it from no loop.
class Orders {
public:
    /// Makes an order part of the evidence; what can't be recorded is not done.
    using Recorder = std::function<Status(const Order& order, std::string_view jws)>;

    /// @param file  where they are kept.
    Orders(std::string file, const Clock& clock, catalogue::SourceStates& states);

    /// Puts the orders of the last run in force again, each as far as its department's keys of today or of before show
    /// that it signed it. One that closes nothing (any more) and can't be shown so is kept for its time alone; one
    /// about a source that is not configured waits for it.
    /// @return Fault::internal when the file can't be read, or holds a pause that its department did not sign: a paused
    ///         department must not be asked by mistake, and nobody else may close its source.
    [[nodiscard]] Status recall(const catalogue::Snapshot& snapshot);

    /// What recall() would say of the orders that are kept, under a configuration that is not in force yet.
    [[nodiscard]] Status would_hold(const catalogue::Snapshot& snapshot) const;
    /// Puts in force what waited for a source of this configuration, which is in force from now on.
    void hold(const catalogue::Snapshot& snapshot);

    /// Verifies an order, records it, keeps it and puts it in force.
    /// @return Fault::bad_request when it is none or for another gateway, no_such_resource for an unknown source,
    ///         signature_invalid when the department's own key did not sign it, signature_stale when it was given more
    ///         than five minutes ago or ahead, replayed when one that was given later (or this one) was taken before,
    ///         evidence_unavailable when it can't be recorded or kept.
    [[nodiscard]] Result<Order> take(std::string_view jws, const catalogue::Snapshot& snapshot, const Recorder& note);

    /// The last order about a source; nullopt where there was none.
    [[nodiscard]] std::optional<Order> last(const std::string& source) const;

private:
    struct Kept {
        Order order;
        std::string jws;
    };
    using ById = std::map<std::string, Kept, std::less<>>;

    [[nodiscard]] Status save(const ById& orders) const;
    [[nodiscard]] Status would_hold_here(const catalogue::Snapshot& snapshot) const;
    void put_in_force(const catalogue::Snapshot& snapshot);
    void put_in_force(const Order& order) const;

    std::string file_;
    const Clock& clock_;
    catalogue::SourceStates& states_;
    std::mutex taking_;         ///< held while the disk is waited for: who only reads does not wait for it
    mutable std::mutex mutex_;  ///< of orders_, which is written under both
    ById orders_;
};

}  // namespace datong::sources
