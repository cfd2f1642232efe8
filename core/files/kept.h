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
    File file;         ///< inlined: without its octets, for they are in the answer
    Delivery how{};
    std::size_t length{};                ///< octets
    std::string token{};                 ///< not inlined: what stands there in its place, which nobody can guess
    std::size_t number{};                ///< by address: among the files of its exchange
    std::string grant{};                 ///< that let it be seen
    std::string service{};               ///< that it is a file of
    std::string consent{};               ///< that it was given by; empty: none
    std::shared_ptr<const void> room{};  ///< what it is counted by until the answer has been sent
    std::chrono::system_clock::time_point until{};  ///< by address: when that ends
};

/// The files between departments and their callers: a bound on their octets together, and those that wait to be
/// fetched. In memory only, so that nothing of them is left when their time is over, or the gateway ends. May be used
/// from many threads.
///
/// The room is shared fairly: one consumer has half of it at most, and who has less than another gets what he asks for
/// all the same: of those that have more, the one that has most loses the files that have waited longest to be fetched.
class Kept {
public:
    /// What is counted of every file beside its octets: what is remembered of it.
    static constexpr std::size_t kBeside = 1'024;

    /// @param clock  outlives this.
    explicit Kept(const Clock& clock);
    ~Kept();
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

    /// Room for a file that is on its way, given back when the last that holds it goes. Of one file; one thread at a
    /// time.
    class Room {
    public:
        /// The octets, which hold the room from now on.
        /// @param octets  at most what was asked for.
        [[nodiscard]] std::shared_ptr<const std::string> take(std::string octets) const;
        /// Gives back what is more than that.
        void shrink_to(std::size_t octets) const;
        /// For what holds the room without the octets: an answer that has their Base64.
        [[nodiscard]] std::shared_ptr<const void> share() const;

    private:
        friend class Kept;
        struct Share;
        explicit Room(std::shared_ptr<Share> share);
        std::shared_ptr<Share> share_;
    };

    /// @param most  octets of all files together.
    /// @return nullopt where there is no room.
    [[nodiscard]] std::optional<Room> hold(const std::string& consumer, std::size_t octets, std::size_t most) const;

    /// Lets files of an answer that is on its way be fetched by its consumer until their time is over; those that are
    /// not given by address are passed over.
    void give(const std::string& exchange, const std::string& consumer, std::vector<Given> all);
    /// @return nullopt for one that was never given, to this consumer, whose time is over, or that made room for
    /// others.
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
