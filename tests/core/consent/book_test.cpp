#include "core/consent/book.h"

#include "tests/core/consent/issuer.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::consent;
using record::Record;

namespace {

/// A book on a file, opened anew as often as a process starts.
struct Shelf {
    support::ScratchFolder folder;
    Issuer issuer;
    catalogue::Snapshot snapshot = issuer.snapshot();

    [[nodiscard]] Book open() const {
        return {std::shared_ptr<store::Consents>{store::Consents::open(folder / "consents.db").value()}, nullptr};
    }
    [[nodiscard]] Result<Book::Kept> keep(const Book& book, const Record& payload) const {
        const std::string jws = issuer.sign(payload);
        return book.keep(snapshot, read_consent(jws, snapshot).value(), jws, at(kMarch));
    }
};

}  // namespace

TEST_CASE("a consent is registered once, and another one never takes its id", "[consent]") {
    const Shelf shelf;
    const Book book = shelf.open();
    const auto first = shelf.keep(book, good());
    REQUIRE(first.has_value());
    CHECK(first->is_new);
    const auto again = shelf.keep(book, good());  // another signature over the same
    REQUIRE(again.has_value());
    CHECK_FALSE(again->is_new);
    CHECK(again->standing.said.digest == first->standing.said.digest);
    const auto other = shelf.keep(book, with("purpose", Record::text("another")));
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().fault() == Fault::consent_not_accepted);
    CHECK(book.find(shelf.snapshot, "c-2026-000001", at(kMarch))->said.purpose == "housing-loan");
}

TEST_CASE("a consent's uses are counted through restarts, a repeated call's once", "[consent]") {
    const Shelf shelf;
    const auto consent = read_consent(shelf.issuer.sign(good()), shelf.snapshot).value();
    REQUIRE(shelf.keep(shelf.open(), good()).has_value());
    CHECK(shelf.open().take(consent, "one", at(kMarch)) == 1);
    CHECK(shelf.open().take(consent, "one", at(kMarch + 599)) == 1);
    CHECK(shelf.open().take(consent, "two", at(kMarch + 600)) == 2);
    const auto third = shelf.open().take(consent, "three", at(kMarch + 601));
    REQUIRE_FALSE(third.has_value());
    CHECK(third.error().fault() == Fault::consent_not_accepted);
    // a key that is used again later is no repetition any more: it would make one use of many
    CHECK_FALSE(shelf.open().take(consent, "one", at(kMarch + 1'300)).has_value());
    CHECK(state_of(*shelf.open().find(shelf.snapshot, consent.id, at(kMarch)), {.at = kMarch, .skew = 30}) ==
          "used_up");
    // the next civil day
    CHECK(shelf.open().take(consent, "four", at(kMarch + 86'400)) == 3);
}

TEST_CASE("a use by which nothing was told is given back, unless another call has it too", "[consent]") {
    const Shelf shelf;
    const Book book = shelf.open();
    const auto consent = shelf.keep(book, good())->standing.said;
    CHECK(book.take(consent, "one", at(kMarch)) == 1);
    CHECK(book.take(consent, "one", at(kMarch)) == 1);
    REQUIRE(book.give_back(consent.id, 1).has_value());
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch))->uses == 1);
    REQUIRE(book.give_back(consent.id, 1).has_value());
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch))->uses == 0);
}

TEST_CASE("a revocation holds at once, through a restart, and is not undone by registering again",
          "[consent][security]") {
    const Shelf shelf;
    const auto consent = shelf.keep(shelf.open(), good())->standing.said;
    const store::Revoked word{
        .issuer = "city-consent", .consent = consent.id, .at = kMarch, .by = "issuer", .reason = "withdrawn"};
    CHECK(shelf.open().revoke(word) == true);
    CHECK(shelf.open().revoke(word) == false);
    const Book book = shelf.open();
    CHECK_FALSE(book.take(consent, "one", at(kMarch)).has_value());
    CHECK_FALSE(book.still_holds(shelf.snapshot, consent.id, "portal", at(kMarch)).has_value());
    CHECK_FALSE(shelf.keep(book, good()).has_value());
    const auto standing = book.find(shelf.snapshot, consent.id, at(kMarch));
    REQUIRE(standing.has_value());
    CHECK(state_of(*standing, {.at = kMarch, .skew = 30}) == "revoked");
    CHECK(standing->reason == "withdrawn");
}

TEST_CASE("a revocation that comes before its consent holds for it, and no other issuer's does",
          "[consent][security]") {
    const Shelf shelf;
    const Book book = shelf.open();
    REQUIRE(
        book.revoke(
                {.issuer = "another", .consent = "c-2026-000001", .at = kMarch, .by = "issuer", .reason = "withdrawn"})
            .has_value());
    CHECK(shelf.keep(book, good()).has_value());
    Record second = with("id", Record::text("c-2026-000002"));
    REQUIRE(book.revoke({.issuer = "city-consent",
                         .consent = "c-2026-000002",
                         .at = kMarch,
                         .by = "issuer",
                         .reason = "withdrawn"})
                .has_value());
    CHECK_FALSE(shelf.keep(book, second).has_value());
}

TEST_CASE("what a key signed that is known no more, or what was altered on the disk, holds no more",
          "[consent][security]") {
    Shelf shelf;
    const Book book = shelf.open();
    const auto consent = shelf.keep(book, good())->standing.said;
    REQUIRE(book.still_holds(shelf.snapshot, consent.id, "portal", at(kMarch)).has_value());
    CHECK_FALSE(book.still_holds(shelf.snapshot, consent.id, "one-window", at(kMarch)).has_value());
    CHECK_FALSE(book.still_holds(shelf.snapshot, consent.id, "portal", at(consent.valid_to)).has_value());
    auto without = shelf.issuer.snapshot();
    without.consent_issuers.clear();
    const auto gone = book.find(without, consent.id, at(kMarch));
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().fault() == Fault::consent_not_accepted);
    CHECK(book.look(without, consent.id, at(kMarch))->is_void);
    CHECK(book.all(without, at(kMarch))->front().is_void);
    auto moved = shelf.issuer.snapshot();
    moved.gateway.subject_key = Secret{std::string(32, 'x')};
    CHECK_FALSE(book.find(moved, consent.id, at(kMarch)).has_value());
}

TEST_CASE("the evidence hears of everything once, and what ended long ago is erased", "[consent]") {
    const Shelf shelf;
    const Book book = shelf.open();
    const auto consent = shelf.keep(book, good())->standing.said;
    REQUIRE(book.take(consent, "one", at(kMarch)).has_value());
    REQUIRE(book.revoke(consent.id, "security-qian", "administrator", at(kMarch)).has_value());
    CHECK_FALSE(book.revoke("c-2026-000009", "security-qian", "administrator", at(kMarch)).has_value());
    const auto notes = book.unnoted().value();
    REQUIRE(notes.size() == 2);
    CHECK_FALSE(notes[0].revoked.has_value());
    REQUIRE(notes[1].revoked.has_value());
    CHECK(notes[1].revoked->by == "security-qian");
    CHECK(notes[1].consent.consumer == "portal");
    for (const auto& note : notes) {
        REQUIRE(book.note(note).has_value());
    }
    CHECK(book.unnoted()->empty());
    REQUIRE(book.forget(at(consent.valid_to + 399 * 86'400)).has_value());
    CHECK(book.all(shelf.snapshot, at(kMarch))->size() == 1);
    REQUIRE(book.forget(at(consent.valid_to + 401 * std::int64_t{86'400})).has_value());
    CHECK(book.all(shelf.snapshot, at(kMarch))->empty());
}
