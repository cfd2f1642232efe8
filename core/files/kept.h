#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/files/rule.h"

namespace datong::files {

/// How a caller wants files.
enum class Wanted {
    whole,       ///< in the answer, whatever their length: protocols that know no other way
    as_fits,     ///< in the answer up to the service's limit, else by address
    by_address,  ///< all by address
    apart,       ///< beside the answer (MTOM)
};

/// How a caller gets a file.
enum class Delivery {
    inlined,  ///< Base64 in the answer
    address,  ///< by an address, for a little while
    apart,    ///< beside the answer (MTOM)
};

/// One file of an answer.
struct Given {
    std::string path;  ///< where it stands in the content: JSON pointer
    File file;
    Delivery how{};
    std::string token{};    ///< not inlined: what stands there in its place, which nobody can guess; its content id
    std::size_t number{};   ///< by address: among the files of its exchange
    std::string grant{};    ///< that let it be seen
    std::string service{};  ///< that it is a file of
    std::string consent{};  ///< that it was given by; empty: none
};

/// The files between departments and their callers: a bound on their octets together, and those that wait to be
/// fetched. In memory only, so that nothing of them is left when their time is over, or the gateway ends. May be used
/// from many threads.
class Kept {
public:
    /// @param clock  outlives this.
    explicit Kept(const Clock& clock);
    ~Kept();
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

    /// Room for a file that is on its way, given back when the last reference to its octets goes.
    class Room {
    public:
        Room(Room&&) noexcept = default;
        Room& operator=(Room&&) noexcept = default;
        /// The octets, with as much of the room as they need.
        /// @param octets  at most what was asked for.
        [[nodiscard]] std::shared_ptr<const std::string> take(std::string octets) &&;

    private:
        friend class Kept;
        struct Share;
        explicit Room(std::unique_ptr<Share> share);
        std::shared_ptr<Share> share_;
    };

    /// @param most  octets of all files together; one consumer has half of them at most.
    /// @return nullopt where there is no room.
    [[nodiscard]] std::optional<Room> hold(const std::string& consumer, std::size_t octets, std::size_t most) const;

    /// Lets files of an answer that is on its way be fetched by its consumer for `life`; those that are not given by
    /// address are passed over.
    void give(const std::string& exchange, const std::string& consumer, std::vector<Given> all,
              std::chrono::seconds life);
    /// @return nullopt for one that was never given, to this consumer, or whose time is over.
    [[nodiscard]] std::optional<Given> find(const std::string& exchange, std::size_t number,
                                            std::string_view consumer) const;
    void purge();
    [[nodiscard]] std::size_t size() const;    ///< files that wait
    [[nodiscard]] std::size_t octets() const;  ///< held by all files, on their way or waiting

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace datong::files
