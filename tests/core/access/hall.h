#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/access/desk.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_folder.h"

namespace datong::access_tests {

using access::Act;
using access::Deed;
using access::Desk;
using access::Dossier;
using access::State;
using accounts::Actor;
using accounts::Role;

inline const Actor kApplicant{"portal-wang", {Role::consumer}, "portal", {"9999"}};
inline const Actor kMarket{"market-li", {Role::department}, "market", {"9999"}};
inline const Actor kLand{"land-zhao", {Role::department}, "land", {"9999"}};
inline const Actor kSecurity{"security-qian", {Role::security}};

/// An application that is good on 2026-03-02, a Monday.
inline std::string good_application() {
    return R"(datong: application/v1
organisation: portal
reason: 企业开办时核对登记信息
consumer: portal
services: [licence]
fields: [/name, /status]
purposes: [enterprise-enquiry]
legal_basis: {title: 企业信息公示暂行条例, number: 国务院令第654号, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
territory: ["9999"]
retention_days: 30
quota: {calls: 600, per: hour}
contacts: [数据科 0000-0000]
valid_from: 2026-03-01
valid_to: 2026-12-31
)";
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

/// A gateway with two departments, a service of each, and a consumer.
inline std::shared_ptr<catalogue::Snapshot> city(const crypto::SigningKey& key, const std::string& folder) {
    auto snapshot = std::make_shared<catalogue::Snapshot>();
    snapshot->gateway.name = "shili";
    snapshot->gateway.subject_key = Secret{"a secret of thirty-two octets...."};
    snapshot->gateway.key.id = "gateway-2026";
    snapshot->gateway.key.key = key;
    snapshot->gateway.access.folder = folder;
    for (const auto& [department, service] : {std::pair{"market", "licence"}, std::pair{"land", "ownership"}}) {
        auto owner = std::make_unique<catalogue::Department>();
        owner->id = department;
        auto one = std::make_unique<catalogue::Service>();
        one->id = service;
        one->kind = "query";
        one->department = owner.get();
        snapshot->departments[department] = std::move(owner);
        snapshot->services[service] = std::move(one);
    }
    snapshot->consumers["portal"] = std::make_unique<catalogue::Consumer>(catalogue::Consumer{.id = "portal"});
    snapshot->calendar.holidays = {{2026, 3, 6}};
    return snapshot;
}

/// A desk over that city, with what it did to the world around it.
struct Hall {
    support::ScratchFolder folder;
    support::FakeClock clock{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + std::chrono::hours{2}};
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    std::shared_ptr<catalogue::Snapshot> snapshot = city(key, folder / "grants/");
    std::vector<std::string> noted;  ///< ids of applications
    bool can_note = true;
    int reloads{};
    Desk desk = open();

    [[nodiscard]] Desk open() {
        auto store = store::Applications::open(folder / "access.db");
        REQUIRE(store);
        return Desk{std::move(*store),
                    {.clock = clock,
                     .current = [this] { return std::shared_ptr<const catalogue::Snapshot>{snapshot}; },
                     .reload =
                         [this] {
                             ++reloads;
                             return Mistakes{};
                         }}};
    }
    [[nodiscard]] Desk::Note note() {
        return [this](const Dossier& now) -> Status {
            if (!can_note) {
                return fail(Fault::evidence_unavailable, "the disk is full");
            }
            noted.push_back(now.id);
            return {};
        };
    }
    accounts::Outcome<Desk::Done> submit(const Actor& actor, const std::string& text) {
        return desk.submit(actor, text, note());
    }
    /// By somebody who has read what it says now, unless the deed says what was read.
    accounts::Outcome<Desk::Done> act(const Actor& actor, const std::string& id, Deed deed) {
        const auto now = desk.find(id);
        if (access::needs_digest(deed.act) && deed.of.empty() && now) {
            deed.of = access::digest_of(*now);
        }
        return desk.act(actor, id, deed, note());
    }
    /// The id of an application that market and security approved.
    [[nodiscard]] std::string approved() {
        const auto submitted = submit(kApplicant, good_application());
        REQUIRE(submitted);
        const std::string id = submitted->dossier.id;
        REQUIRE(act(kMarket, id, {.act = Act::approve}));
        const auto done = act(kSecurity, id, {.act = Act::approve});
        REQUIRE(done);
        REQUIRE(done->dossier.state == State::approved);
        return id;
    }
    /// What a load of the files makes while they say that this is approved.
    [[nodiscard]] std::shared_ptr<catalogue::Snapshot> loaded_with(const Dossier& dossier) const {
        Mistakes mistakes;
        auto next = city(key, folder / "grants/");
        next->grants.push_back(
            access::to_grant(dossier, access::read_application(dossier.text, "a", mistakes).value()));
        next->granted = policy::GrantIndex{next->grants};
        return next;
    }
    [[nodiscard]] std::string grant_file(const std::string& id) const { return "grants/" + id + ".yaml"; }
    [[nodiscard]] Result<catalogue::Roll> roll() const {
        return catalogue::read_roll(folder.read("grants/roll.jws"), [this](const std::string& id) {
            return catalogue::roll_key(*snapshot, id, record::to_civil(clock.now()).date);
        });
    }
};

}  // namespace datong::access_tests
