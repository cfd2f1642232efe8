// What comes after the answer is bound by what the matter needs, as the answer is.

#include <string>

#include "core/store/awaited.h"
#include "tests/journeys/later_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::System;
using departments::Trouble;
using record::Record;
using Mood = Receiver::Mood;
using std::chrono::milliseconds;

namespace {

/// In place of the grant that shows all of the tax department's record, and lets all of it be asked: one that lets only
/// this.
void leave(Standing& slow, const char* lets) {
    const std::string grants = slow->folder() + "/config/grants/";
    const std::string all = read_file(grants + "one-window-existing-home-transfer.yaml");
    std::string narrow = all;
    const auto put = [&narrow](const std::string& what, const std::string& with) {
        REQUIRE(narrow.find(what) != std::string::npos);
        narrow.replace(narrow.find(what), what.size(), with);
    };
    put("id: one-window-existing-home-transfer", "id: one-window-narrow");
    put("[realestate-certificate, tax-clearance, fund-deposit-certificate, business-licence]", "[tax-clearance]");
    put("fields: [\"*\"]\nverify: [\"*\"]", lets);
    write_text(grants + "one-window-narrow.yaml", narrow);
    replace_in(grants + "one-window-existing-home-transfer.yaml", "tax-clearance, ", "");
}

void reload(Standing& slow) {
    const auto reloaded = slow->admin("POST", "/v1/reload");
    CAPTURE(reloaded.body);
    REQUIRE(reloaded.status == 200);
}

}  // namespace

TEST_CASE("what comes later shows no more than the matter needs, heard late or asked again",
          "[journey][later][least][security]") {
    struct Row {
        const char* needs;
        bool asked_again;
        const char* outcome;
        const char* member;  ///< of the content, and the only one
    };
    const auto row = GENERATE(values<Row>({
        {", fields: [/inArrears]", false, "found", "inArrears"},
        {", fields: [/inArrears]", true, "found", "inArrears"},
        {", subset: no-arrears", true, "match", "results"},
    }));
    CAPTURE(row.needs, row.asked_again);
    Standing slow{SlowTax{.needs = row.needs}};
    slow->city().faults().clear_all();
    const auto trouble = row.asked_again ? Trouble::down : Trouble::late;
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = trouble, .time = milliseconds{2'500}}));
    const Record answer = slow.call();
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "pending");
    slow->city().faults().clear_all();
    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    const Record told = slow.platform_address().told().front();
    CHECK(told.text_of("outcome") == row.outcome);
    const Record& content = *told.find("answer")->find("content");
    REQUIRE(content.members().size() == 1);
    CHECK(content.members().front().name.view() == row.member);
}

TEST_CASE("a record is told as far as one grant of the moment shows it, or not at all",
          "[journey][later][least][security]") {
    struct Row {
        const char* why;
        const char* asked;    ///< of its material
        const char* outcome;  ///< of the department's answer
        const char* lets;     ///< the grant that is left; empty: all stay
        const char* needs;    ///< what the matter comes to say of its material; empty: nothing new
        bool has_address;     ///< else the platform looks itself
    };
    const auto row = GENERATE(values<Row>({
        {"fields", "", "found", "fields: [/inArrears]", "", true},
        {"fields, looked at", "", "found", "fields: [/inArrears]", "", false},
        {"what is needed", "", "found", "", ", fields: [/inArrears]", true},
        {"a material that is only asked", "", "found", "", ", subset: no-arrears", true},
        {"predicates", ", verify: [{field: /inArrears, operator: equals, value: false}]", "match",
         "fields: []\nverify: [/taxpayer/name]", "", true},
    }));
    CAPTURE(row.why);
    Standing slow{SlowTax{.is_told = row.has_address, .needs = row.asked}};
    slow.platform_address().set(Mood::failing);
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
    const std::string exchange = slow.call().text_of("exchange");
    const auto material = [&] { return json_of(slow.look(exchange)).find("materials")->items()[0]; };
    REQUIRE(eventually([&] { return material().text_of("outcome") == row.outcome; }));
    REQUIRE(eventually([&] { return !row.has_address || slow.platform_address().attempts() >= 1; }));
    const std::string matter = slow->folder() + "/config/matters/existing-home-transfer.yaml";
    if (*row.needs != '\0') {
        replace_in(matter, "service: tax-clearance, about: subject",
                   std::string{"service: tax-clearance, about: subject"} + row.needs);
    }
    if (*row.lets != '\0') {
        leave(slow, row.lets);
    }
    reload(slow);
    slow.platform_address().set(Mood::good);
    CHECK(material().find("told") == nullptr);
    CHECK(material().text_of("outcome") == "not_permitted");
    if (row.has_address) {
        const std::string book = slow->folder() + "/state/datong.db.later";
        REQUIRE(eventually([&] {
            const auto rows = store::AwaitedBook::open(book).value()->open_ones(10);
            return rows && rows->size() == 1 && rows->front().state == store::Wait::undelivered;
        }));
        CHECK(store::AwaitedBook::open(book).value()->open_ones(10).value().front().body.empty());
        CHECK(slow.platform_address().effects() == 0);
    }
    slow->stop();
    CHECK(slow->verify().valid);
}

TEST_CASE("a record that is on its way while grants are narrowed is not told", "[journey][later][least][security]") {
    Standing slow{SlowTax{.question_s = 20}};
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{10'000}}));
    const Record answer = slow.call();
    CHECK(requirement_of(answer, "tax").text_of("outcome") == "pending");
    leave(slow, "fields: [/inArrears]");
    reload(slow);
    REQUIRE(slow.platform_address().attempts() == 0);  // its department still has it
    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    const Record told = slow.platform_address().told().front();
    REQUIRE(told.text_of("outcome") == "failed");
    CHECK(told.find("fault")->text_of("code") == "not_permitted");
}

TEST_CASE("a record is told under another grant that shows each of its fields", "[journey][later][least]") {
    Standing slow{SlowTax{.needs = ", fields: [/inArrears]"}};
    slow.platform_address().set(Mood::failing);
    REQUIRE(slow->city().faults().set(System::tax, {.trouble = Trouble::late, .time = milliseconds{1'500}}));
    (void)slow.call();
    REQUIRE(eventually([&] { return slow.platform_address().attempts() >= 1; }));
    leave(slow, "fields: [/inArrears]");
    reload(slow);
    slow.platform_address().set(Mood::good);
    REQUIRE(eventually([&] { return slow.platform_address().effects() == 1; }));
    CHECK(slow.platform_address().told().front().text_of("outcome") == "found");
}
