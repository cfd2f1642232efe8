#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"

namespace datong::outbound {

/// What a platform lent us for a time. Immutable once it is shared.
struct Grant {
    Secret secret;      ///< what signs or identifies calls
    std::string stamp;  ///< gateway-sig: the time of the call that brought it
    Secret renewal;     ///< zj-md5: what brings the next one; empty: none
    std::chrono::system_clock::time_point ends;
    std::chrono::system_clock::time_point renewal_ends;
};
using GrantPtr = std::shared_ptr<const Grant>;

/// Asks the platform.
class Lender {
public:
    Lender() = default;
    Lender(const Lender&) = delete;
    Lender& operator=(const Lender&) = delete;
    virtual ~Lender() = default;

    /// @param last  what was lent before, perhaps with a renewal; null: nothing.
    [[nodiscard]] virtual boost::asio::awaitable<Result<Grant>> lend(std::string scope, GrantPtr last,
                                                                     Deadline deadline) = 0;
};

/// Keeps what is lent, one grant a scope (a service of the platform), for the calls of every loop.
///
/// One asks at a time: the others wait for it, and share its answer. A grant is renewed ahead of its end, by one
/// call, while the others go on with it; when that fails they go on until it ends. The one that renews gives it half of
/// its own time. After a failure the platform is left alone for a second, after silence for longer where a grant still
/// serves. Destroy it before the loops.
class Keeper {
public:
    /// Both must outlive the keeper.
    Keeper(Lender& lender, const Clock& clock) : lender_{lender}, clock_{clock} {}
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper() = default;

    /// @return the lender's failure; Fault::department_timeout at the deadline.
    [[nodiscard]] boost::asio::awaitable<Result<GrantPtr>> get(std::string scope, Deadline deadline);

    /// The platform refused it before its end: the next get asks anew. No more than once a second, so that a platform
    /// that refuses everything isn't asked twice for every call.
    /// @return whether asking anew may help.
    [[nodiscard]] bool drop(const std::string& scope, const GrantPtr& refused);

private:
    struct Entry;
    class Turn;
    class Place;
    enum class Step { take, ask, wait, give_up };

    [[nodiscard]] std::shared_ptr<Entry> entry_of(const std::string& scope);
    [[nodiscard]] Step next(Entry& entry) const;
    [[nodiscard]] boost::asio::awaitable<Result<GrantPtr>> ask(std::shared_ptr<Entry> entry, std::string scope,
                                                               Deadline deadline);

    Lender& lender_;
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace datong::outbound
