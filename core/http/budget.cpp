#include "core/http/budget.h"

#include <utility>

namespace datong::http {

bool Budget::take(std::size_t bytes, Held* by) {
    if (by != nullptr) {
        *by += bytes;  // before it looks, so that two loops can't both find the last of it
    }
    const bool taken = take_free(bytes, by);
    if (!taken && by != nullptr) {
        *by -= bytes;
    }
    return taken;
}

void Budget::give_back(std::size_t bytes, Held* by) {
    free_ += bytes;
    if (by != nullptr) {
        *by -= bytes;
    }
}

bool Budget::take_free(std::size_t bytes, const Held* by) {
    std::size_t free = free_.load();
    while (free >= bytes) {
        if (by != nullptr && by->load() > free - bytes) {
            return false;
        }
        if (free_.compare_exchange_weak(free, free - bytes)) {
            return true;
        }
    }
    return false;
}

Share::Share(Share&& other) noexcept : budget_{other.budget_}, by_{other.by_}, held_{std::exchange(other.held_, 0)} {
}

Share& Share::operator=(Share&& other) noexcept {
    if (this != &other) {
        give_back();
        budget_ = other.budget_;
        by_ = other.by_;
        held_ = std::exchange(other.held_, 0);
    }
    return *this;
}

bool Share::grow_to(std::size_t bytes) {
    if (bytes > held_) {
        if (budget_ == nullptr || !budget_->take(bytes - held_, by_)) {
            return false;
        }
        held_ = bytes;
    }
    return true;
}

void Share::give_back() {
    if (held_ > 0) {
        budget_->give_back(std::exchange(held_, 0), by_);
    }
}

}  // namespace datong::http
