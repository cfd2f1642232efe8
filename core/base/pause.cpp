#include "core/base/pause.h"

#include <algorithm>

namespace datong {
namespace {

constexpr std::chrono::seconds kFirst{10};
constexpr std::chrono::seconds kLongest{120};

}  // namespace

void Pause::begin(Deadline now) {
    if (holds(now)) {
        return;
    }
    const bool is_again = length_ != std::chrono::seconds{} && now < until_ + kLongest;
    length_ = is_again ? std::min(2 * length_, kLongest) : kFirst;
    until_ = now + length_;
}

}  // namespace datong
