#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace datong::bench {

/// How a department behaves once a question has come in whole.
struct Habit {
    enum class Kind {
        answers,
        hangs,   ///< never says a word, and keeps the connection
        resets,  ///< resets the connection
    };
    Kind kind{Kind::answers};
    std::chrono::milliseconds median{};  ///< until it answers; 0: at once
    double sigma{};                      ///< of the logarithm of that time; 0: always the median
    std::uint32_t seed{1};               ///< of what is drawn
};

/// A department that answers every POST with one and the same JSON, on a thread of its own.
class Upstream {
public:
    explicit Upstream(std::string json, Habit habit = {});
    ~Upstream();
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;
    [[nodiscard]] std::string url() const;
    /// Most questions that were under way at the same time, as it counts itself: from the whole question to the answer,
    /// or to the end of the connection. From any thread.
    [[nodiscard]] std::size_t most_in_flight() const;
    /// Questions that came in. From any thread.
    [[nodiscard]] std::uint64_t asked() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace datong::bench
