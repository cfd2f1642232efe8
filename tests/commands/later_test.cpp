// What comes after the answer to a matter, through the death of the gateway.

#include <csignal>

#include "core/codec/json.h"
#include "tests/commands/serving.h"
#include "tests/journeys/platform.h"
#include "tests/journeys/receiver.h"
#include "tests/support/catch.h"

using namespace datong::commands;
using datong::departments::System;
using datong::departments::Trouble;
using datong::journeys::eventually;
using datong::journeys::json_of;
using datong::journeys::Platform;
using datong::journeys::Receiver;
using datong::record::Record;

namespace {

constexpr const char* kMatter = "/v1/matters/existing-home-transfer/materials";

Record person(const std::string& name, const std::string& type, const std::string& number) {
    Record one = Record::object();
    one.put("name", Record::text(name));
    one.put("id_type", Record::text(type));
    one.put("id_no", Record::text(number));
    return one;
}

/// The demo household's home is transferred.
Record matter_body() {
    const auto demo = datong::departments::demo_person();
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("division", Record::text(demo.flat.division));
    Record facts = Record::object();
    facts.put("divisionCode", Record::text(demo.flat.division));
    Record context = Record::object();
    context.put("matter", Record::text("existing-home-transfer"));
    context.put("purpose", Record::text("existing-home-transfer"));
    context.put("case_number", Record::text(demo.case_number));
    context.put("subject", person(demo.person.name, "111", demo.person.id));
    context.put("applicant", person(demo.buyer.name, "111", demo.buyer.id));
    context.put("agent", person(demo.agency.name, "001", demo.agency.uscc));
    context.put("operator", std::move(who));
    context.put("facts", std::move(facts));
    Record body = Record::object();
    body.put("context", std::move(context));
    return body;
}

/// An installation whose tax department may answer later, and the platform's address.
struct Place {
    Installation installation;
    Receiver receiver{installation.path("keys")};

    Place() {
        installation.replace("config/matters/existing-home-transfer.yaml", "deadline_ms: 8000", "deadline_ms: 1000");
        installation.replace("config/services/tax-clearance.yaml", "deadline_ms: 5000",
                             "slow: {question_s: 4, ask_again_s: 1, within_s: 600}\ndeadline_ms: 5000");
        installation.replace("config/gateway.yaml", "calendar:", "callbacks: {hosts: [127.0.0.1]}\ncalendar:");
        installation.replace("config/consumers/one-window.yaml", "keys:",
                             "callback: {url: \"" + receiver.url() +
                                 "\", ca: \"${DATONG_KEYS:-keys}/ca.pem\", retry_s: 1, ends_h: 1}\nkeys:");
    }

    [[nodiscard]] Platform platform(const Serving& serving) const {
        return Platform{serving.url(), installation.path("keys"), "one-window"};
    }
    /// One call for the matter. @return its exchange, for which something is pending.
    [[nodiscard]] std::string call(const Serving& serving) const {
        const auto answer = platform(serving).call(kMatter, matter_body());
        CAPTURE(answer.body);
        REQUIRE(answer.status == 202);
        return json_of(answer).text_of("exchange");
    }
    [[nodiscard]] std::string delivery(const Serving& serving, const std::string& exchange) const {
        const auto caller = platform(serving);
        const auto looked = caller.send(caller.prepare_get("/v1/exchanges/" + exchange + "/materials"));
        const Record told = json_of(looked);
        return looked.status == 200 ? told.find("materials")->items()[0].text_of("delivery") : std::string{};
    }
    void check_evidence() const {
        const Ran proven = datong::commands::datong(
            {"verify", installation.path("evidence"), "--keys", installation.path("keys/trust.jwks")});
        CAPTURE(proven.out, proven.err);
        CHECK(proven.code == 0);
    }
};

}  // namespace

TEST_CASE("killed while a department is awaited, the gateway asks it after the restart and tells the platform once",
          "[commands][later]") {
    Place place;
    REQUIRE(place.installation.city().faults().set(System::tax, {.trouble = Trouble::hang}));
    std::string exchange;
    {
        Serving serving{place.installation};
        exchange = place.call(serving);
        serving.signal(SIGKILL);
        CHECK(serving.wait() == 128 + SIGKILL);
    }
    CHECK(place.receiver.attempts() == 0);
    place.installation.city().faults().clear_all();
    Serving serving{place.installation};
    REQUIRE(eventually([&] { return place.delivery(serving, exchange) == "told"; }));
    CHECK(place.receiver.effects() == 1);
    CHECK(place.receiver.told().front().text_of("exchange") == exchange);
    CHECK(place.receiver.told().front().text_of("outcome") == "found");
    CHECK(place.receiver.trouble().empty());
    CHECK(serving.end() == 0);
    place.check_evidence();
}

TEST_CASE("killed after the platform took it and before that was kept, it is told again and acts once",
          "[commands][later]") {
    Place place;
    REQUIRE(place.installation.city().faults().set(
        System::tax, {.trouble = Trouble::late, .time = std::chrono::milliseconds{1'500}}));
    std::string exchange;
    {
        Serving serving{place.installation};
        place.receiver.at_effect([&] { serving.signal(SIGKILL); });
        exchange = place.call(serving);
        CHECK(serving.wait() == 128 + SIGKILL);
        place.receiver.at_effect(nullptr);
    }
    CHECK(place.receiver.effects() == 1);
    Serving serving{place.installation};
    REQUIRE(eventually([&] { return place.delivery(serving, exchange) == "told"; }));
    CHECK(place.receiver.attempts() == 2);
    CHECK(place.receiver.effects() == 1);
    const auto requests = place.receiver.requests();
    CHECK(requests[0].body == requests[1].body);
    CHECK(requests[0].field("idempotency-key") == requests[1].field("idempotency-key"));
    CHECK(requests[0].field("signature") != requests[1].field("signature"));
    CHECK(place.receiver.trouble().empty());
    CHECK(serving.end() == 0);
    place.check_evidence();
}

TEST_CASE("what is awaited is listed without personal data", "[commands][later]") {
    Place place;
    const auto list = [&place] {
        return datong::commands::datong({"matter", "followups", "list", "--config", place.installation.config()},
                                        place.installation.environment);
    };
    CHECK_THAT(list().out, ContainsSubstring("none"));
    REQUIRE(place.installation.city().faults().set(System::tax, {.trouble = Trouble::hang}));
    Serving serving{place.installation};
    const std::string exchange = place.call(serving);
    const Ran open = list();
    CAPTURE(open.out, open.err);
    CHECK(open.code == 0);
    CHECK_THAT(open.out, ContainsSubstring(exchange) && ContainsSubstring("seller-clearance") &&
                             ContainsSubstring("waiting") && ContainsSubstring("existing-home-transfer"));
    CHECK(open.out.find(datong::departments::demo_person().person.id) == std::string::npos);
    CHECK(datong::commands::datong({"matter", "followups", "list", "--config", "nowhere/gateway.yaml"}).code == 78);
}

TEST_CASE("what a window took on paper is compared with what departments were asked for", "[commands][supervision]") {
    Place place;
    {
        Serving serving{place.installation};
        const auto answer = place.platform(serving).call(kMatter, matter_body());
        REQUIRE(answer.status == 200);
        CHECK(serving.end() == 0);
    }
    const std::string number = datong::departments::demo_person().case_number;
    const std::string cases = place.installation.path("cases.csv");
    const std::string taken = place.installation.path("taken.csv");
    datong::journeys::write_text(cases, "project_no,task_code,org_name,window_no,accept_date\n" + number +
                                            ",11999901MB0000019U4000715001000,land,W07,2099-01-02\n"
                                            "other-1,11999901MB0000019U4000715001000,land,W08,2099-01-02\n");
    datong::journeys::write_text(taken, "project_no,clmc,submit_mode\n" + number + ",完税证明,1\n" + number +
                                            ",营业执照,4\nother-1,《完税证明》（原件）,1\nother-1,买卖合同,1\n");
    const std::vector<std::string> words{
        "stats",  "supervision", place.installation.path("evidence"), "--cases", cases, "--taken", taken,
        "--list", "--config",    place.installation.config()};
    const Ran ran = datong::commands::datong(words, place.installation.environment);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("W07  应调未调 not asked 0  重复提交 repeated 1  确需提交 justified 0  "
                                          "免提交 spared 1"));
    CHECK_THAT(ran.out, ContainsSubstring("W08  应调未调 not asked 1  重复提交 repeated 0") &&
                            ContainsSubstring("尚未共享 not shared 1"));
    CHECK_THAT(ran.out, ContainsSubstring("重复提交 repeated\t" + number + "\t完税证明\ttax-clearance"));

    const Ran coverage = datong::commands::datong(
        {"matter", "coverage", "existing-home-transfer", "--consumer", "one-window", "--evidence",
         place.installation.path("evidence"), "--config", place.installation.config()},
        place.installation.environment);
    CAPTURE(coverage.out, coverage.err);
    CHECK(coverage.code == 0);
    CHECK_THAT(coverage.out, ContainsSubstring("of 1 次 calls: 有 found 1, 无 none 0, 未答复 silent 0"));
}

TEST_CASE("a matter drafted from an item passes the check as it is", "[commands][items]") {
    const Installation installation;
    const auto run = [&installation](std::vector<std::string> words) {
        words.insert(words.end(), {"--config", installation.config()});
        return datong::commands::datong(words, installation.environment);
    };
    CHECK(run({"items", "draft", "11999901"}).code == 1);  // nothing was imported yet
    REQUIRE(run({"items", "import", "--source", "items/item-library"}).code == 0);
    CHECK(run({"items", "draft", "no-such-code"}).code == 1);
    const Ran drafted = run({"items", "draft", "11999901MB0000019U4000715001000", "--id", "drafted-transfer"});
    CAPTURE(drafted.out, drafted.err);
    REQUIRE(drafted.code == 0);
    CHECK_THAT(drafted.out, ContainsSubstring("service: deed-tax-receipt") && ContainsSubstring("no_match: true"));
    datong::journeys::write_text(installation.path("config/matters/drafted-transfer.yaml"), drafted.out);
    const Ran checked =
        datong::commands::datong({"check", "--config", installation.config()}, installation.environment);
    CAPTURE(checked.out, checked.err);
    CHECK(checked.code == 0);
    const Ran coverage = run({"matter", "coverage", "drafted-transfer", "--consumer", "one-window"});
    CAPTURE(coverage.out, coverage.err);
    CHECK(coverage.code == 0);
}
