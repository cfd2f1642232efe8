#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace datong::async {

/// How a call that was given up ends what a library still waits for, or sends, on another thread. May be used from many
/// threads.
class Interrupt {
public:
    /// Ends what is held now, and what would be held later.
    void fire() noexcept;
    /// @param cut  ends it; it throws nothing, and nothing of it is used behind let_go.
    /// @param is_over  whether it has taken more than it may; asked by look().
    /// @return false when it was fired already.
    [[nodiscard]] bool hold(std::function<void()> cut, std::function<bool()> is_over = nullptr);
    /// Ends what is held now if it is over. @return false when it was fired: there is nothing to look at any more.
    bool look() noexcept;
    void let_go() noexcept;

private:
    std::mutex mutex_;
    std::function<void()> cut_;
    std::function<bool()> is_over_;
    bool fired_{};
};

/// Fires when the call that waits is given up or dropped in the middle. What came back in time has let go already.
class GivingUp {
public:
    explicit GivingUp(std::shared_ptr<Interrupt> interrupt) : interrupt_{std::move(interrupt)} {}
    GivingUp(const GivingUp&) = delete;
    GivingUp& operator=(const GivingUp&) = delete;
    ~GivingUp() { interrupt_->fire(); }

private:
    std::shared_ptr<Interrupt> interrupt_;
};

}  // namespace datong::async
