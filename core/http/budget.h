#pragma once

#include <atomic>
#include <cstddef>

namespace datong::http {

/// How many bytes all connections of a server may hold together. May be used from many threads.
class Budget {
public:
    explicit Budget(std::size_t bytes) : free_{bytes} {}

    /// All of them or none. @return whether they were there.
    [[nodiscard]] bool take(std::size_t bytes);
    void give_back(std::size_t bytes) { free_ += bytes; }

private:
    std::atomic<std::size_t> free_;
};

/// What one request holds of the budget; given back when it goes.
class Share {
public:
    Share() = default;
    explicit Share(Budget& budget) : budget_{&budget} {}
    Share(Share&& other) noexcept;
    Share& operator=(Share&& other) noexcept;
    ~Share() { give_back(); }

    /// Holds that many bytes in all from now on. @return false when they are not there; what is held stays.
    [[nodiscard]] bool grow_to(std::size_t bytes);
    void give_back();

private:
    Budget* budget_{};
    std::size_t held_{};
};

}  // namespace datong::http
