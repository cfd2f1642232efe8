#include "core/async/interrupt.h"

namespace datong::async {

void Interrupt::fire() noexcept {
    const std::scoped_lock lock{mutex_};
    fired_ = true;
    if (cut_) {
        cut_();
    }
}

bool Interrupt::hold(std::function<void()> cut) {
    const std::scoped_lock lock{mutex_};
    cut_ = fired_ ? nullptr : std::move(cut);
    return !fired_;
}

void Interrupt::let_go() noexcept {
    const std::scoped_lock lock{mutex_};
    cut_ = nullptr;
}

}  // namespace datong::async
