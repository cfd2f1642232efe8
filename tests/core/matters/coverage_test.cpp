#include "core/matters/coverage.h"

#include "tests/support/catch.h"

using namespace datong;
using namespace datong::matters;
using catalogue::Material;
using catalogue::Matter;
using catalogue::Necessity;
using catalogue::Requirement;
using catalogue::Service;

namespace {

/// One matter over three services; of two of them the window has a grant.
struct Hall {
    Hall() {
        for (const char* id : {"tax", "land", "fund"}) {
            auto service = std::make_unique<Service>();
            service->id = id;
            snapshot.services[id] = std::move(service);
        }
        snapshot.grants.push_back({.id = "g",
                                   .consumer = "window",
                                   .services = {"tax", "land"},
                                   .fields = {"*"},
                                   .purposes = {"transfer"},
                                   .territory = {"9999"},
                                   .valid_from = {2026, 1, 1},
                                   .valid_to = {2026, 12, 31}});
        auto matter = std::make_unique<Matter>();
        matter->id = "transfer";
        matter->purpose = "transfer";
        snapshot.matters["transfer"] = std::move(matter);
    }
    Requirement& require(const std::string& id, std::vector<std::vector<const char*>> lists) {
        Requirement requirement{.id = id};
        requirement.no_match = lists.empty();
        for (const auto& list : lists) {
            requirement.any_of.emplace_back();
            for (const char* service : list) {
                requirement.any_of.back().push_back(Material{.id = service, .service = snapshot.service(service)});
            }
        }
        auto& all = snapshot.matters["transfer"]->requirements;
        all.push_back(std::move(requirement));
        return all.back();
    }
    [[nodiscard]] MatterCoverage covered(const std::string& stopped = {}, const char* consumer = "window") {
        snapshot.granted = policy::GrantIndex{snapshot.grants};
        return coverage_of(snapshot, consumer, today, [&stopped](const Service& one) { return one.id != stopped; })
            .front();
    }
    catalogue::Snapshot snapshot;
    record::Date today{2026, 3, 2};
};

}  // namespace

TEST_CASE("a requirement is shared when the departments of one list can all be asked", "[matters]") {
    Hall hall;
    hall.require("both", {{"tax", "land"}});
    hall.require("either", {{"fund"}, {"land"}});
    hall.require("fund", {{"fund"}});
    hall.require("contract", {});
    const MatterCoverage covered = hall.covered();
    CHECK(covered.shared == 2);
    CHECK(covered.requirements[0].way == Way::shared);
    CHECK(covered.requirements[1].way == Way::shared);
    CHECK(covered.requirements[1].missing.empty());
    CHECK(covered.requirements[2].way == Way::not_granted);
    REQUIRE(covered.requirements[2].missing.size() == 1);
    CHECK(covered.requirements[2].missing.front()->id == "fund");
    CHECK(covered.requirements[3].way == Way::paper);
    CHECK(hall.covered({}, "another").shared == 0);
}

TEST_CASE("stopping a department changes the number", "[matters]") {
    Hall hall;
    hall.require("both", {{"tax", "land"}});
    hall.require("land", {{"land"}});
    CHECK(hall.covered().shared == 2);
    const MatterCoverage without_tax = hall.covered("tax");
    CHECK(without_tax.shared == 1);
    CHECK(without_tax.requirements[0].way == Way::stopped);
    CHECK(without_tax.requirements[0].missing.front()->id == "tax");
    CHECK(hall.covered("land").shared == 0);
}

TEST_CASE("a purpose that no grant has is not granted, and what need not be brought is not on paper", "[matters]") {
    Hall hall;
    hall.require("later", {{"fund"}}).necessity = Necessity::may_follow;
    hall.require("never", {}).necessity = Necessity::not_needed;
    CHECK(hall.covered().requirements[0].way == Way::follows);
    CHECK(hall.covered().requirements[1].way == Way::unneeded);
    hall.require("tax", {{"tax"}});
    CHECK(hall.covered().requirements[2].way == Way::shared);
    hall.snapshot.grants.front().purposes = {"another"};
    CHECK(hall.covered().requirements[2].way == Way::not_granted);
}

TEST_CASE("a matter that pushes cases has no coverage", "[matters]") {
    Hall hall;
    hall.snapshot.matters["transfer"]->submits = true;
    CHECK(coverage_of(hall.snapshot, "window", hall.today, [](const Service&) { return true; }).empty());
}

TEST_CASE("what a grant lets be had counts only while that grant is in force", "[matters]") {
    Hall hall;
    hall.require("tax", {{"tax"}});
    REQUIRE(hall.covered().requirements[0].way == Way::shared);
    SECTION("until its last day") {
        hall.today = {2026, 12, 31};
        CHECK(hall.covered().requirements[0].way == Way::shared);
        hall.today = {2027, 1, 1};
    }
    SECTION("from its first") {
        hall.today = {2026, 1, 1};
        CHECK(hall.covered().requirements[0].way == Way::shared);
        hall.today = {2025, 12, 31};
    }
    SECTION("until it is revoked, before any reload") {
        *hall.snapshot.grants.front().approval.withdrawn = true;
    }
    const MatterCoverage covered = hall.covered();
    CHECK(covered.requirements[0].way == Way::not_granted);
    CHECK(covered.shared == 0);
    // another grant that is in force does
    hall.snapshot.grants.push_back({.id = "h",
                                    .consumer = "window",
                                    .services = {"tax"},
                                    .fields = {"*"},
                                    .purposes = {"transfer"},
                                    .territory = {"9999"},
                                    .valid_from = {2025, 1, 1},
                                    .valid_to = {2027, 12, 31}});
    CHECK(hall.covered().requirements[0].way == Way::shared);
}

TEST_CASE("coverage says shared for nothing that a call would be refused", "[matters]") {
    Hall hall;
    hall.require("tax", {{"tax"}});
    Material& material = hall.snapshot.matters["transfer"]->requirements[0].any_of[0][0];
    hall.snapshot.grants.reserve(2);
    policy::Grant& grant = hall.snapshot.grants.front();
    const catalogue::Subset shown{.id = "owner", .fields = {"/owner"}, .needed = {"/owner"}};
    const catalogue::Subset asked{
        .id = "clear",
        .verify = {{.predicate = {.field = "/arrears", .op = policy::Relation::exists, .value = {}}}},
        .needed = {"/arrears"}};
    const auto way = [&hall] { return hall.covered().requirements[0].way; };
    SECTION("fields of which the grant shows none") {
        grant.fields = {"/number"};
        CHECK(way() == Way::shared);
        material.fields = {"/owner"};
        CHECK(way() == Way::not_granted);
        grant.fields = {"/owner"};
        CHECK(way() == Way::shared);
        grant.fields = {};
        CHECK(way() == Way::not_granted);
    }
    SECTION("predicates that the grant does not let be asked") {
        material.verify = {{.field = "/arrears", .op = policy::Relation::exists, .value = {}}};
        CHECK(way() == Way::not_granted);
        grant.verify = {"/status"};
        CHECK(way() == Way::not_granted);
        policy::Grant other = grant;
        other.verify = {"/arrears"};
        hall.snapshot.grants.push_back(other);
        CHECK(way() == Way::shared);
        hall.snapshot.grants.pop_back();
        grant.verify = {"/arrears"};
        CHECK(way() == Way::shared);
    }
    SECTION("a subset that is shown") {
        material.subset = &shown;
        CHECK(way() == Way::shared);
        grant.fields = {"/number"};
        CHECK(way() == Way::not_granted);
        grant.fields = {};
        grant.subsets = {"owner"};
        grant.of_subsets = {{"tax", {"/owner"}}};
        CHECK(way() == Way::shared);
        grant.subsets = {"another"};
        CHECK(way() == Way::not_granted);
    }
    SECTION("a subset that is asked") {
        material.subset = &asked;
        CHECK(way() == Way::not_granted);
        grant.verify = {"*"};
        CHECK(way() == Way::shared);
    }
    SECTION("a grant for nowhere") {
        grant.territory = {};
        CHECK(way() == Way::not_granted);
    }
}

TEST_CASE("a grant that was taken back is told no more, before any reload, and one that begins later is", "[matters]") {
    Hall hall;
    hall.snapshot.granted = policy::GrantIndex{hall.snapshot.grants};
    hall.today = {2025, 12, 31};
    CHECK(hall.snapshot.is_granted("window", "tax", hall.today));
    CHECK(hall.snapshot.grants_of("window", hall.today).size() == 1);
    *hall.snapshot.grants.front().approval.withdrawn = true;
    CHECK_FALSE(hall.snapshot.is_granted("window", "tax", hall.today));
    CHECK(hall.snapshot.grants_of("window", hall.today).empty());
}
