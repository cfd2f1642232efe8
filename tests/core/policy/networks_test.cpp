#include "core/policy/networks.h"

#include <vector>

#include "tests/support/catch.h"

using namespace datong;
using policy::Network;

TEST_CASE("a network holds the addresses of its prefix and no other", "[policy][security]") {
    struct Row {
        const char* network;
        const char* address;
        bool holds;
    };
    const auto row = GENERATE(values<Row>({
        {"10.1.0.0/16", "10.1.255.255", true},
        {"10.1.0.0/16", "10.2.0.0", false},
        {"10.1.0.0/16", "::ffff:10.1.2.3", true},
        {"10.1.0.0/16", "::a01:203", false},
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3", "10.1.2.4", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.200", true},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::/0", "10.1.2.3", true},
        {"10.1.0.0/16", "", false},
        {"10.1.0.0/16", "10.1.2.3.4", false},
        {"10.1.0.0/16", "10.1.2.3 ", false},
    }));
    CAPTURE(row.network, row.address);
    const auto network = Network::parse(row.network);
    REQUIRE(network.has_value());
    CHECK(network->holds(row.address) == row.holds);
    CHECK(policy::check_address(std::vector{*network}, row.address).has_value() == row.holds);
    CHECK(policy::check_address({}, row.address).has_value());
}

TEST_CASE("what is no network is refused", "[policy]") {
    const auto* const text = GENERATE("", "10.1.0.0/33", "10.1.0.1/16", "10.1/16", "2001:db8::/129", "2001:db8::1/32",
                                      "10.1.0.0/", "10.1.0.0/-1", "10.1.0.0/16/8", "example.com", "10.1.0.0/ 16");
    CAPTURE(text);
    CHECK_FALSE(Network::parse(text).has_value());
}
