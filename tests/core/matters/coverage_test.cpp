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
                                   .purposes = {"transfer"},
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
    [[nodiscard]] MatterCoverage covered(const std::string& stopped = {}, const char* consumer = "window") const {
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
                                    .purposes = {"transfer"},
                                    .valid_from = {2025, 1, 1},
                                    .valid_to = {2027, 12, 31}});
    CHECK(hall.covered().requirements[0].way == Way::shared);
}
