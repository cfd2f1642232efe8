#include "core/access/folder.h"

#include "core/base/durable_file.h"
#include "core/signing/jws.h"
#include "tests/core/access/hall.h"

using namespace datong;
using access::GrantFiles;
using catalogue::Roll;

namespace {

/// A folder of grants, with the key that signs its roll.
struct Shelf {
    support::ScratchFolder folder;
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    std::uint64_t number{};
    std::vector<Roll> signed_rolls;

    [[nodiscard]] catalogue::FindRollKey find_key() const {
        return [this](const std::string&) { return std::optional{catalogue::RollKey{.key = key.verifying_key()}}; };
    }
    Result<bool> publish(const GrantFiles& grants) {
        return access::publish(folder / "g/", grants,
                               {.find_key = find_key(), .last = number, .sign = [this](const auto& entries) {
                                    signed_rolls.push_back({.gateway = "shili", .number = ++number, .grants = entries});
                                    return catalogue::sign_roll(signed_rolls.back(), "k", key);
                                }});
    }
    [[nodiscard]] Roll roll() const { return catalogue::read_roll(folder.read("g/roll.jws"), find_key()).value(); }
};

}  // namespace

TEST_CASE("approved grants stand in a folder with a roll that names each by its digest", "[access]") {
    Shelf shelf;
    REQUIRE(shelf.publish({{"a.yaml", "one"}, {"b.yaml", "two"}}).value());
    CHECK(shelf.folder.read("g/a.yaml") == "one");
    CHECK(shelf.roll().lists("a.yaml", "one"));
    CHECK_FALSE(shelf.roll().lists("a.yaml", "two"));
    CHECK_FALSE(shelf.roll().lists("b.yaml", "one"));
    CHECK_FALSE(shelf.publish({{"a.yaml", "one"}, {"b.yaml", "two"}}).value());
    CHECK(shelf.number == 1);
}

TEST_CASE("on the way from old grants to new ones each step leaves what loads", "[access][security]") {
    Shelf shelf;
    REQUIRE(shelf.publish({{"a.yaml", "old"}, {"gone.yaml", "x"}}));
    REQUIRE(shelf.publish({{"a.yaml", "new"}}).value());
    REQUIRE(shelf.signed_rolls.size() == 3);
    // what is there before the files change, and after a crash between them, is in this roll
    for (const auto& [file, text] :
         {std::pair{"a.yaml", "old"}, std::pair{"a.yaml", "new"}, std::pair{"gone.yaml", "x"}}) {
        CHECK(shelf.signed_rolls[1].lists(file, text));
    }
    CHECK(shelf.roll().lists("a.yaml", "new"));
    CHECK_FALSE(shelf.roll().lists("a.yaml", "old"));
    CHECK_FALSE(shelf.folder.has("g/gone.yaml"));
}

TEST_CASE("an edited grant is written anew, a strange one is left for whoever loads it to find", "[access][security]") {
    Shelf shelf;
    REQUIRE(shelf.publish({{"a.yaml", "one"}}));
    shelf.folder.write("g/a.yaml", "edited");
    shelf.folder.write("g/strange.yaml", "strange");
    CHECK(shelf.publish({{"a.yaml", "one"}}).value());
    CHECK(shelf.folder.read("g/a.yaml") == "one");
    CHECK(shelf.folder.has("g/strange.yaml"));
    CHECK_FALSE(shelf.roll().lists("strange.yaml", "strange"));
}

TEST_CASE("a folder of an earlier moment that was put back is brought up to date", "[access][security]") {
    Shelf shelf;
    REQUIRE(shelf.publish({{"a.yaml", "one"}}));
    const std::string early = shelf.folder.read("g/roll.jws");
    REQUIRE(shelf.publish({}).value());
    SECTION("with the grant that was revoked since") {
        shelf.folder.write("g/roll.jws", early);
        shelf.folder.write("g/a.yaml", "one");
        CHECK(shelf.publish({}).value());
        CHECK_FALSE(shelf.folder.has("g/a.yaml"));
    }
    SECTION("with the same grants in an older roll") {
        REQUIRE(shelf.publish({{"a.yaml", "one"}}));
        shelf.folder.write("g/roll.jws", early);
        CHECK(shelf.publish({{"a.yaml", "one"}}).value());
    }
    CHECK(shelf.roll().number == shelf.number);
}

TEST_CASE("a roll is believed from the gateway's key only, and whole", "[access][security]") {
    Shelf shelf;
    REQUIRE(shelf.publish({{"a.yaml", "one"}}));
    const std::string jws = shelf.folder.read("g/roll.jws");
    const auto other = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    const auto by_other = [&](const std::string&) {
        return std::optional{catalogue::RollKey{.key = other.verifying_key()}};
    };
    const auto by_nobody = [](const std::string&) { return std::optional<catalogue::RollKey>{}; };
    CHECK(catalogue::read_roll(jws, by_other).error().fault() == Fault::signature_invalid);
    CHECK(catalogue::read_roll(jws, by_nobody).error().fault() == Fault::signature_invalid);
    CHECK_FALSE(catalogue::read_roll(jws.substr(1), shelf.find_key()));
    const auto other_type =
        signing::sign_jws("{}", "k", "datong-source-order+jws", shelf.key.default_algorithm(), shelf.key);
    CHECK(catalogue::read_roll(*other_type, shelf.find_key()).error().fault() == Fault::bad_request);
    const auto empty = signing::sign_jws("{}", "k", "datong-grants+jws", shelf.key.default_algorithm(), shelf.key);
    CHECK(catalogue::read_roll(*empty, shelf.find_key()).error().fault() == Fault::bad_request);
}

TEST_CASE("a folder that can't be written is said by its path", "[access]") {
    Shelf shelf;
    shelf.folder.write("g", "a file, no folder");
    const auto published = shelf.publish({{"a.yaml", "one"}});
    REQUIRE_FALSE(published);
    CHECK_THAT(published.error().detail(), ContainsSubstring(shelf.folder / "g"));
}

TEST_CASE("a roll by an older key is signed anew by the key of now", "[access][security]") {
    Shelf shelf;
    REQUIRE(shelf.publish({{"a.yaml", "one"}}).value());
    const auto publish = [&shelf](const std::string& keyid) {
        return access::publish(shelf.folder / "g/", {{"a.yaml", "one"}},
                               {.find_key = shelf.find_key(),
                                .last = shelf.number,
                                .keyid = keyid,
                                .sign =
                                    [&](const auto& entries) {
                                        return catalogue::sign_roll(
                                            {.gateway = "shili", .number = ++shelf.number, .grants = entries}, keyid,
                                            shelf.key);
                                    }})
            .value();
    };
    CHECK_FALSE(publish("k"));
    CHECK(publish("k2"));
    CHECK(signing::read_jws(shelf.folder.read("g/roll.jws"))->keyid() == "k2");
    CHECK_FALSE(publish("k2"));
}

TEST_CASE("a retired key opens the rolls of its days, and no longer than thirty days after them",
          "[access][security]") {
    access_tests::Hall hall;
    const auto old = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    hall.snapshot->retired_keys.push_back({.id = "gateway-2025",
                                           .owner = "gateway",
                                           .key = old.verifying_key(),
                                           .from = "2025-01-01",
                                           .to = "2026-01-31"});
    const auto read = [&](const std::string& at, const record::Date& today, const std::string& keyid = "gateway-2025") {
        const bool is_old = keyid == "gateway-2025";
        const auto jws = catalogue::sign_roll({.gateway = "shili", .number = 1, .at = at, .grants = {}}, keyid,
                                              is_old ? old : hall.key);
        const auto roll = catalogue::read_roll(
            *jws, [&](const std::string& id) { return catalogue::roll_key(*hall.snapshot, id, today); });
        return roll ? std::string{"good"} : std::string{row_of(roll.error().fault()).code};
    };
    CHECK(read("2026-01-31T23:59:59.000+08:00", {2026, 3, 2}) == "good");
    CHECK(read("2025-01-01T00:00:00.000+08:00", {2026, 2, 1}) == "good");
    CHECK(read("2026-01-31T23:59:59.000+08:00", {2026, 3, 3}) == "signature_invalid");
    CHECK(read("2026-02-01T00:00:00.000+08:00", {2026, 2, 1}) == "signature_invalid");
    CHECK(read("2024-12-31T23:59:59.000+08:00", {2026, 2, 1}) == "signature_invalid");
    CHECK(read("", {2026, 2, 1}) == "signature_invalid");
    CHECK(read("2026-01-31", {2026, 2, 1}, "gateway-2024") == "signature_invalid");
    CHECK(read("2026-02-01T00:00:00.000+08:00", {2027, 2, 1}, "gateway-2026") == "good");
}
