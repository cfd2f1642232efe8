#include "core/base/background.h"

#include <sys/resource.h>
#include <unistd.h>

namespace datong {
namespace {

constexpr int kNice = 10;  // a weight of 110 beside the usual 1024

}  // namespace

void give_way_to_calls() noexcept {
    // who can't is as before; one whose whole process was made nicer still stays so
    const auto thread = static_cast<id_t>(::gettid());
    if (::getpriority(PRIO_PROCESS, thread) < kNice) {
        ::setpriority(PRIO_PROCESS, thread, kNice);
    }
}

}  // namespace datong
