#include "core/http/budget.h"

#include <utility>

namespace datong::http {

bool Budget::take(std::size_t bytes) {
    std::size_t free = free_.load();
    while (free >= bytes) {
        if (free_.compare_exchange_weak(free, free - bytes)) {
            return true;
        }
    }
    return false;
}

Share::Share(Share&& other) noexcept : budget_{other.budget_}, held_{std::exchange(other.held_, 0)} {
}

Share& Share::operator=(Share&& other) noexcept {
    if (this != &other) {
        give_back();
        budget_ = other.budget_;
        held_ = std::exchange(other.held_, 0);
    }
    return *this;
}

bool Share::grow_to(std::size_t bytes) {
    if (bytes > held_) {
        if (budget_ == nullptr || !budget_->take(bytes - held_)) {
            return false;
        }
        held_ = bytes;
    }
    return true;
}

void Share::give_back() {
    if (held_ > 0) {
        budget_->give_back(std::exchange(held_, 0));
    }
}

}  // namespace datong::http
