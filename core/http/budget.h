#pragma once

#include <atomic>
#include <cstddef>

namespace datong::http {

/// How many bytes all connections of a server may hold together. May be used from many threads.
class Budget {
public:
    /// What the connections of one address hold.
    using Held = std::atomic<std::size_t>;

    explicit Budget(std::size_t bytes) : free_{bytes} {}

    /// All of them or none.
    /// @param by  it may hold as many as stay free for others, so that no number of them takes all; nullptr: whatever
    ///            there is.
    /// @return whether they were there.
    [[nodiscard]] bool take(std::size_t bytes, Held* by = nullptr);
    void give_back(std::size_t bytes, Held* by = nullptr);

private:
    [[nodiscard]] bool take_free(std::size_t bytes, const Held* by);

    std::atomic<std::size_t> free_;
};

/// What one request holds of the budget; given back when it goes.
class Share {
public:
    Share() = default;
    /// @param by  what its address holds; outlives it. nullptr: nobody asks.
    explicit Share(Budget& budget, Budget::Held* by = nullptr) : budget_{&budget}, by_{by} {}
    Share(Share&& other) noexcept;
    Share& operator=(Share&& other) noexcept;
    ~Share() { give_back(); }

    /// Holds that many bytes in all from now on. @return false when they are not there; what is held stays.
    [[nodiscard]] bool grow_to(std::size_t bytes);
    void give_back();

private:
    Budget* budget_{};
    Budget::Held* by_{};
    std::size_t held_{};
};

}  // namespace datong::http
