#pragma once

#include <memory>
#include <vector>

#include "core/doors/door.h"

namespace datong::doors {

/// The gateway's one listener: hands each request to the door whose path it names. May be used from many loops.
class FrontDoor {
public:
    explicit FrontDoor(std::vector<std::unique_ptr<const Door>> doors) : doors_{std::move(doors)} {}

    /// @return what its door says; of a path that is no door's, nothing: the problem is one of the path.
    [[nodiscard]] Status judge_head(const codec::HttpMessage& head) const;
    /// A path that is no door's is Fault::no_such_resource.
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> handle(codec::HttpMessage http, policy::Peer peer,
                                                                    Deadline arrived) const;

private:
    [[nodiscard]] const Door* door_of(std::string_view path) const;

    std::vector<std::unique_ptr<const Door>> doors_;
};

}  // namespace datong::doors
