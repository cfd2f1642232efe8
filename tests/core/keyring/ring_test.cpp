#include "core/keyring/ring.h"

#include "tests/support/catch.h"

using namespace datong;
using namespace datong::keyring;
using crypto::KeyUse;

namespace {

std::optional<Ring> read(const std::string& text, Mistakes& mistakes) {
    const auto node = yaml::parse(text, "gateway.keys.yaml");
    REQUIRE(node.has_value());
    return read_ring(*node, mistakes);
}

WallTime at(const char* text) {
    const auto moment = parse_moment(text);
    REQUIRE(moment.has_value());
    return *moment;
}

Ring two_keys(KeyUse role) {
    return {
        .name = "gateway",
        .role = role,
        .keys = {{.id = "gateway-2026",
                  .file = "gateway-2026.key.pem",
                  .chain = "gateway-2026.chain.pem",
                  .from = at("2026-01-01T00:00:00+08:00")},
                 {.id = "gateway-2027", .file = "/somewhere else/\"b\".pem", .from = at("2026-12-01T09:30:00+08:00")}},
        .retired = {{.id = "gateway-2025", .file = "gateway-2025.pub.pem", .from = "", .to = "2026-01-31"}}};
}

}  // namespace

TEST_CASE("a ring is read back as it was written", "[keyring]") {
    const Ring ring = two_keys(KeyUse::sign);
    Mistakes mistakes;
    const auto back = read(to_yaml(ring), mistakes);
    REQUIRE(back.has_value());
    CHECK(to_yaml(*back) == to_yaml(ring));
    CHECK(back->keys[1].file == "/somewhere else/\"b\".pem");
    CHECK(back->keys[1].from == ring.keys[1].from);
    CHECK(back->knows("gateway-2025"));
    CHECK_FALSE(back->knows("gateway-2028"));
}

TEST_CASE("the last key whose time has come is in use", "[keyring]") {
    const Ring ring = two_keys(KeyUse::sign);
    CHECK(ring.in_use(at("2025-12-31T23:59:59+08:00")) == nullptr);
    CHECK(ring.in_use(at("2026-12-01T09:29:59+08:00"))->id == "gateway-2026");
    CHECK(ring.in_use(at("2026-12-01T01:30:00Z"))->id == "gateway-2027");
    const Ring tls = two_keys(KeyUse::tls);
    CHECK(tls.in_use(at("2027-01-01T00:00:00+08:00"))->id == "gateway-2026");  // the other waits for its certificate
}

TEST_CASE("a key of a far year waits for it", "[keyring]") {
    Ring ring = two_keys(KeyUse::sign);
    ring.keys[1].from = at("9999-12-31T23:59:59+08:00");
    CHECK(ring.in_use(at("2200-01-01T00:00:00+08:00"))->id == "gateway-2026");
}

TEST_CASE("a ring with something wrong is refused in words", "[keyring]") {
    struct Row {
        const char* what;
        const char* with;
        const char* why;
    };
    const auto row = GENERATE(values<Row>({
        {"keys/v1", "keys/v2", "C205"},
        {"role: sign", "role: seal", "C105"},
        {"id: gateway-2027", "id: gateway-2026", "C202"},
        {"id: gateway-2025", "id: gateway-2026", "C202"},
        {"id: gateway-2027", "id: ../evil", "C202"},
        {"2026-12-01T09:30:00", "2025-12-01T09:30:00", "C103"},
        {"2026-12-01T09:30:00+08:00", "tomorrow", "C103"},
        {"chain: ", "chains: ", "C101"},
        {"file: \"gateway-2026.key.pem\"", "chains: \"x\"", "C102"},
        {"to: \"2026-01-31\"", "to: \"31.1.2026\"", "C103"},
    }));
    CAPTURE(row.what, row.with);
    std::string text = to_yaml(two_keys(KeyUse::sign));
    const auto place = text.find(row.what);
    REQUIRE(place != std::string::npos);
    text.replace(place, std::string{row.what}.size(), row.with);
    Mistakes mistakes;
    CHECK_FALSE(read(text, mistakes).has_value());
    REQUIRE_FALSE(mistakes.empty());
    const bool is_named = std::ranges::any_of(mistakes, [&row](const Mistake& one) { return one.code == row.why; });
    CAPTURE(to_line(mistakes.front()));
    CHECK(is_named);
}
