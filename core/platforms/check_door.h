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

/// How often one address may check: at most kMost in kWindow. May be used from many threads.
class CheckLimit {
public:
    static constexpr std::size_t kMost = 20;
    static constexpr std::chrono::minutes kWindow{10};

    /// @return false: too often. @param address  as policy::Peer has it.
    [[nodiscard]] bool take(const std::string& address, Deadline now);

private:
    std::mutex mutex_;
    std::map<std::string, std::deque<Deadline>, std::less<>> taken_;
};

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
    const catalogue::Current& current_;
    const sharing::Book& book_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    mutable CheckLimit limit_;
};

}  // namespace datong::platforms
