#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace datong::adapter {

using WallTime = std::chrono::system_clock::time_point;

/// Minutes of the day by +08:00 in which a department takes no calls; `to` before `from`: over midnight.
struct QuietHours {
    int from{};  ///< 0 to 1439, the first quiet minute
    int to{};    ///< 0 to 1439, the first minute that is not; never equal to `from`

    /// @param text  "22:00-06:30"
    [[nodiscard]] static std::optional<QuietHours> parse(std::string_view text);
    [[nodiscard]] bool cover(WallTime now) const;
    /// When they end; of a moment that they cover.
    [[nodiscard]] WallTime end(WallTime now) const;
};

/// Why a source takes no calls now, and until when if that is known.
struct Closed {
    std::string why;
    std::optional<WallTime> until;
};

/// A pause that the department itself ordered.
struct Pause {
    std::optional<WallTime> until;  ///< nullopt: until it orders otherwise
};

/// What a department allows over the day; its calls are counted here. One thread at a time.
class Opening {
public:
    /// @param daily  most calls from midnight to midnight by +08:00; 0: no cap.
    [[nodiscard]] std::optional<Closed> closed(const std::vector<QuietHours>& quiet, std::uint64_t daily,
                                               WallTime now) const;
    void count(WallTime now);
    void set_pause(std::optional<Pause> pause) { pause_ = pause; }
    [[nodiscard]] std::uint64_t counted(WallTime now) const;

private:
    std::optional<Pause> pause_;
    std::int64_t day_{};  ///< days since 1970-01-01, by +08:00
    std::uint64_t calls_{};
};

}  // namespace datong::adapter
