#include "core/base/background.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "tests/support/catch.h"

using namespace datong;

namespace {

int niceness() {
    return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
}

}  // namespace

TEST_CASE("a thread that gives way to calls leaves the others as they are", "[base]") {
    const int before = niceness();
    int given = -1;
    int twice = -1;
    std::thread{[&given, &twice] {
        give_way_to_calls();
        given = niceness();
        give_way_to_calls();
        twice = niceness();
    }}.join();
    CHECK(given == std::max(before, 10));
    CHECK(twice == given);
    CHECK(niceness() == before);
}
