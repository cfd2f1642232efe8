#include "core/profiles/traits.h"

#include "tests/support/catch.h"

using namespace datong::profiles;

TEST_CASE("every profile says what it is worth", "[profiles]") {
    CHECK(all_traits().size() == 9);
    for (const char* weak : {"zj-md5", "sha1-appkey", "body-token"}) {
        CAPTURE(weak);
        REQUIRE(find_traits(weak) != nullptr);
        CHECK(find_traits(weak)->is_weak);
    }
    for (const Traits& traits : all_traits()) {
        CAPTURE(traits.name);
        CHECK(traits.covers_body == (traits.name == "sm-envelope"));
        CHECK_FALSE(traits.signs.empty());
    }
    CHECK(find_traits("none") == nullptr);
}
