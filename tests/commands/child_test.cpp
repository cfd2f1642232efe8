#include "core/app/child.h"

#include <csignal>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using commands::wait_until;

TEST_CASE("a child that has ended is not signalled, and nobody in its place", "[commands][security]") {
    auto child = app::Child::start({"/bin/true"}, {}, "");
    REQUIRE(child);
    CHECK(child->wait() == 0);
    // 0 asks without sending: a slip here would otherwise reach every process of this user
    CHECK_FALSE(child->signal(0));
}

TEST_CASE("a child that runs is ended, and tells by what", "[commands]") {
    const support::ScratchFolder folder;
    auto child = app::Child::start({"/bin/sh", "-c", "echo ready; exec sleep 60"}, {}, folder / "out");
    REQUIRE(child);
    // before that it is still this program, with this program's signal handlers
    REQUIRE(wait_until([&] { return folder.read("out") == "ready\n"; }));
    CHECK(child->running());
    CHECK(child->signal(SIGTERM));
    CHECK(child->wait() == 128 + SIGTERM);
}

TEST_CASE("a program that is not there is an error, not a child", "[commands]") {
    CHECK_FALSE(app::Child::start({"/nowhere/datong"}, {}, "").has_value());
}
