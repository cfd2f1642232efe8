#include "core/async/interrupt.h"

namespace datong::async {

void Interrupt::fire() noexcept {
    const std::scoped_lock lock{mutex_};
    fired_ = true;
    if (cut_) {
        cut_();
    }
}

bool Interrupt::hold(std::function<void()> cut, std::function<bool()> is_over) {
    const std::scoped_lock lock{mutex_};
    cut_ = fired_ ? nullptr : std::move(cut);
    is_over_ = fired_ ? nullptr : std::move(is_over);
    return !fired_;
}

bool Interrupt::look() noexcept {
    const std::scoped_lock lock{mutex_};
    if (cut_ && is_over_ && is_over_()) {
        cut_();
    }
    return !fired_;
}

void Interrupt::let_go() noexcept {
    const std::scoped_lock lock{mutex_};
    cut_ = nullptr;
    is_over_ = nullptr;
}

}  // namespace datong::async
