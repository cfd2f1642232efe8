#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "core/catalogue/snapshot.h"
#include "core/doors/door.h"
#include "core/sharing/book.h"
#include "core/telemetry/sink.h"

namespace datong::platforms {

/// How often one and the same may check, within a window that begins with its first. Remembers kMostKeys; the oldest
/// goes when one more comes, so that whoever fills this keeps nobody out. May be used from many threads.
class CheckLimit {
public:
    static constexpr std::chrono::minutes kWindow{10};
    static constexpr std::size_t kMostKeys = 10'000;
    /// Of one site: many may stand behind one proxy. That nobody guesses is the code's own length.
    static constexpr std::size_t kMostOfSite = 600;
    /// Of one exchange: what is good once needs no more, slips included.
    static constexpr std::size_t kMostOfExchange = 20;

    explicit CheckLimit(std::size_t most) : most_{most} {}

    /// @return false: too often.
    [[nodiscard]] bool take(const std::string& key, Deadline now);

private:
    struct Count {
        Deadline since;
        std::size_t taken{};
    };
    std::size_t most_;
    std::mutex mutex_;  ///< of what follows
    std::map<std::string, Count, std::less<>> counts_;
    std::deque<std::string> order_;  ///< keys of counts_, oldest first
};

/// Where somebody checks from: an address of IPv4, the /64 of one of IPv6, all of which one host may have.
/// @param address  as policy::Peer has it; what is no address is its own site. Source: RFC 4291, 2.5.4.
[[nodiscard]] std::string site_of(const std::string& address);

/// The public page that checks a sharing result: GET /check is a form, POST /check its answer. Number and code come in
/// the body, for nothing of it should stand in a URL. May be used from many loops.
class CheckDoor final : public doors::Door {
public:
    CheckDoor(const catalogue::Current& current, const sharing::Book& book, const Clock& clock, telemetry::Sink& sink)
        : current_{current}, book_{book}, clock_{clock}, sink_{sink} {}

    [[nodiscard]] bool owns(std::string_view path) const override { return path == "/check"; }
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const override;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const override;

private:
    [[nodiscard]] codec::HttpMessage too_often(const std::string& gateway) const;

    const catalogue::Current& current_;
    const sharing::Book& book_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    mutable CheckLimit sites_{CheckLimit::kMostOfSite};
    mutable CheckLimit exchanges_{CheckLimit::kMostOfExchange};
};

}  // namespace datong::platforms
