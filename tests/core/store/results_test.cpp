#include "core/store/results.h"

#include <sys/stat.h>

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::store;
using support::ScratchFolder;

namespace {

SharingResult result(const std::string& mac = "m", std::int64_t until = 100) {
    return {.exchange = "e", .code_mac = mac, .shown = "{}", .until = until};
}

}  // namespace

TEST_CASE("a code is used once, also over a restart, and not after its time", "[store][security]") {
    const ScratchFolder folder;
    const std::string file = folder / "state/results.db";
    {
        const auto results = Results::open(file);
        REQUIRE(results.has_value());
        REQUIRE((*results)->keep({result("a"), result("b"), result("c", 10)}).has_value());
        const auto first = (*results)->take("e", "a", 50);
        REQUIRE((first.has_value() && first->has_value()));
        CHECK((*first)->used == 0);
        CHECK_FALSE((*first)->over);
        CHECK((*results)->take("e", "a", 60)->value().used == 50);
        CHECK((*results)->take("e", "c", 50)->value().over);
        CHECK_FALSE((*results)->take("e", "d", 50)->has_value());
        CHECK_FALSE((*results)->take("f", "b", 50)->has_value());
    }
    const auto again = Results::open(file);
    REQUIRE(again.has_value());
    CHECK((*again)->take("e", "a", 70)->value().used == 50);
    REQUIRE((*again)->forget(50).has_value());
    CHECK_FALSE((*again)->take("e", "c", 70)->has_value());
    CHECK((*again)->take("e", "b", 70)->value().used == 0);
    struct stat facts{};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("results are kept all or none", "[store]") {
    const ScratchFolder folder;
    const auto results = Results::open(folder / "results.db");
    REQUIRE(results.has_value());
    CHECK_FALSE((*results)->keep({result("a"), result("a")}).has_value());
    CHECK_FALSE((*results)->take("e", "a", 50)->has_value());
}
