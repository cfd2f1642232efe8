#include "core/consent/book.h"

#include <atomic>
#include <thread>

#include "core/store/statement.h"

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
    REQUIRE(book.give_back(consent.id, "one").has_value());
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch))->uses == 1);
    REQUIRE(book.give_back(consent.id, "one").has_value());
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch))->uses == 0);
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch))->left == 2);
    REQUIRE(book.give_back(consent.id, "one").has_value());  // nobody has it any more
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch))->uses == 0);
    // a use of yesterday that comes back gives today nothing
    CHECK(book.take(consent, "two", at(kMarch)) == 2);
    CHECK(book.take(consent, "three", at(kMarch + 86'400)) == 3);
    REQUIRE(book.give_back(consent.id, "two").has_value());
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch + 86'400))->left == 1);
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

TEST_CASE("the issuer's word of a revocation is kept as it was signed, and goes with its consent", "[consent]") {
    const Shelf shelf;
    const auto consent = shelf.keep(shelf.open(), good())->standing.said;
    Record word = Record::object();
    word.put("consent", Record::text(consent.id));
    word.put("gateway", Record::text("shili"));
    word.put("at", Record::text("2026-03-01T09:00:00+08:00"));
    word.put("reason", Record::text("withdrawn"));
    const std::string jws = shelf.issuer.sign(word, kRevocationType);
    const auto said = read_revocation(jws, shelf.snapshot).value();
    const store::Revoked revoked{.issuer = said.issuer,
                                 .consent = said.consent,
                                 .at = kMarch,
                                 .by = "issuer",
                                 .reason = said.reason,
                                 .digest = said.digest,
                                 .said = said.at,
                                 .statement = jws};
    SECTION("and is shown again, through a restart, also where the consent is void") {
        REQUIRE(shelf.open().revoke(revoked) == true);
        CHECK(shelf.open().find(shelf.snapshot, consent.id, at(kMarch))->revocation == jws);
        CHECK(to_record(*shelf.open().find(shelf.snapshot, consent.id, at(kMarch)), {.at = kMarch, .skew = 30})
                  .text_of("revocation") == jws);
        catalogue::Snapshot without = shelf.issuer.snapshot();
        without.consent_issuers.clear();
        const auto shown = shelf.open().look(without, consent.id, at(kMarch));
        REQUIRE(shown->is_void);
        CHECK(shown->revocation == jws);
        CHECK(read_revocation(shown->revocation, shelf.snapshot)->digest == said.digest);
    }
    SECTION("not where an administrator revoked it before: it holds by that") {
        REQUIRE(shelf.open().revoke(consent.id, "security-qian", "administrator", at(kMarch)).has_value());
        CHECK(shelf.open().revoke(revoked) == false);
        CHECK(shelf.open().find(shelf.snapshot, consent.id, at(kMarch))->revocation.empty());
    }
    SECTION("until it is erased with the consent") {
        const Book book = shelf.open();
        REQUIRE(book.revoke(revoked) == true);
        REQUIRE(book.forget(at(consent.valid_to + 401 * std::int64_t{86'400})).has_value());
        const auto database = store::Database::open(shelf.folder / "consents.db", {.version = 1, .tables = ""}).value();
        store::Statement count{database.get(), "SELECT COUNT(*) FROM revocation"};
        REQUIRE(count.next());
        CHECK(count.number(0) == 0);
    }
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

TEST_CASE("a consent of a far year is told with that year", "[consent]") {
    Standing standing{.left = 1};
    standing.said.valid_from = kMarch;
    standing.said.valid_to = 253'370'736'000;
    const Record told = to_record(standing, {.at = kMarch, .skew = 30});
    CHECK(told.text_of("valid_to") == "9999-01-01T00:00:00.000+08:00");
    CHECK(told.text_of("state") == "in_force");
}

TEST_CASE("two calls never share the last use of a consent", "[consent][security]") {
    const Shelf shelf;
    const Book book = shelf.open();
    const auto consent = shelf.keep(book, good())->standing.said;  // two uses a day
    std::atomic<int> taken{0};
    std::vector<std::jthread> calls;
    calls.reserve(8);
    for (int i = 0; i < 8; ++i) {
        calls.emplace_back([&, i] { taken += book.take(consent, "call-" + std::to_string(i), at(kMarch)) ? 1 : 0; });
    }
    calls.clear();
    CHECK(taken == 2);
    CHECK(book.find(shelf.snapshot, consent.id, at(kMarch))->left == 0);
}

TEST_CASE("a consent that is signed anew takes the place of one whose key is gone", "[consent]") {
    Shelf shelf;
    const Book book = shelf.open();
    const auto first = shelf.keep(book, good())->standing.said;
    REQUIRE(book.take(first, "one", at(kMarch)).has_value());
    const auto notes = book.unnoted().value();
    for (const auto& note : notes) {
        REQUIRE(book.note(note).has_value());
    }
    shelf.issuer.key = new_key();
    shelf.issuer.keyid = "city-consent-2027";
    shelf.snapshot = shelf.issuer.snapshot();
    CHECK_FALSE(book.find(shelf.snapshot, first.id, at(kMarch)).has_value());
    const auto again = shelf.keep(book, good());
    REQUIRE(again.has_value());
    CHECK_FALSE(again->is_new);
    CHECK(again->standing.said.digest != first.digest);
    CHECK(again->standing.uses == 1);
    CHECK(book.still_holds(shelf.snapshot, first.id, "portal", at(kMarch)).has_value());
    REQUIRE(book.unnoted()->size() == 1);
    CHECK(book.unnoted()->front().consent.digest == again->standing.said.digest);
    // and not what says something else
    CHECK_FALSE(shelf.keep(book, with("keep_days", Record::integer(60))).has_value());
}

TEST_CASE("what was told by a consent is given again only while it may be kept", "[consent][security]") {
    const Shelf shelf;
    const Book book = shelf.open();
    const auto consent = shelf.keep(book, good())->standing.said;  // kept for 30 days
    const auto may = [&](const std::string& id, std::int64_t now) {
        return book.may_have_again(shelf.snapshot, id, "portal", at(kMarch), at(now)).has_value();
    };
    CHECK(may(consent.id, kMarch + 1));
    CHECK(may(consent.id, kMarch + 30 * 86'400 - 1));
    CHECK_FALSE(may(consent.id, kMarch + 30 * 86'400));
    CHECK_FALSE(book.may_have_again(shelf.snapshot, consent.id, "one-window", at(kMarch), at(kMarch)).has_value());
    Record view = with("mode", Record::text("view"));
    view.put("id", Record::text("c-2026-000002"));
    std::erase_if(view.members_to_edit(), [](const auto& member) { return member.name == "keep_days"; });
    REQUIRE(shelf.keep(book, view).has_value());
    CHECK_FALSE(may("c-2026-000002", kMarch + 1));
    REQUIRE(book.revoke(consent.id, "security-qian", "administrator", at(kMarch)).has_value());
    CHECK_FALSE(may(consent.id, kMarch + 1));
}

TEST_CASE("a consent that was altered on the disk holds no more", "[consent][security]") {
    const Shelf shelf;
    const Book book = shelf.open();
    const auto consent = shelf.keep(book, good())->standing.said;
    const auto database = store::Database::open(shelf.folder / "consents.db", {.version = 1, .tables = ""});
    REQUIRE(database.has_value());
    const auto found_after = [&](const std::string& change, const std::string& undo) {
        REQUIRE(database->execute("UPDATE consent SET " + change).has_value());
        const bool found = book.find(shelf.snapshot, consent.id, at(kMarch)).has_value();
        REQUIRE(database->execute("UPDATE consent SET " + undo).has_value());
        REQUIRE(book.find(shelf.snapshot, consent.id, at(kMarch)).has_value());
        return found;
    };
    CHECK_FALSE(found_after("issuer = 'another'", "issuer = 'city-consent'"));  // no revocation would be found
    CHECK_FALSE(found_after("consumer = 'one-window'", "consumer = 'portal'"));
    CHECK_FALSE(found_after("until = until + 1", "until = until - 1"));
    CHECK_FALSE(found_after("id = 'c-2026-000002'", "id = 'c-2026-000001'"));
    // one bit of what is sealed
    store::Statement select{database->get(), "SELECT sealed FROM consent"};
    REQUIRE(select.next());
    std::string sealed = select.text(0);
    REQUIRE(sealed.size() > 100);
    sealed[sealed.size() / 2] = static_cast<char>(sealed[sealed.size() / 2] ^ 1);
    store::Statement update{database->get(), "UPDATE consent SET sealed = ?"};
    REQUIRE(select.again().status().has_value());
    REQUIRE(update.bind_octets(sealed).run().has_value());
    CHECK_FALSE(book.find(shelf.snapshot, consent.id, at(kMarch)).has_value());
}

TEST_CASE("what a key signed that is known no more holds no more", "[consent][security]") {
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
    CHECK(book.all(without, {.is_any = true}, at(kMarch))->consents.front().is_void);
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
    CHECK(book.all(shelf.snapshot, {.is_any = true}, at(kMarch))->consents.size() == 1);
    REQUIRE(book.forget(at(consent.valid_to + 401 * std::int64_t{86'400})).has_value());
    CHECK(book.all(shelf.snapshot, {.is_any = true}, at(kMarch))->consents.empty());
}
