#include <csignal>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "core/codec/json.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong::commands;
using Mood = datong::departments::AcceptanceDesk::Mood;
using datong::record::Record;

namespace {

/// The demo household's case for land, under this key.
std::string push_body(const std::string& key) {
    const auto demo = datong::departments::demo_person();
    const auto text = [](const std::string& value) { return Record::text(value); };
    Record subject = Record::object();
    subject.put("name", text(demo.person.name));
    subject.put("id_no", text(demo.person.id));
    Record who = Record::object();
    who.put("account", text("window-07"));
    who.put("division", text(demo.flat.division));
    Record context = Record::object();
    context.put("matter", text("existing-home-transfer"));
    context.put("purpose", text("existing-home-transfer"));
    context.put("case_number", text(demo.case_number));
    context.put("idempotency_key", text(key));
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record body = Record::object();
    body.put("context", std::move(context));
    body.put("query", Record::object());
    return datong::codec::write_json(body);
}

/// One push by `datong-call`.
Ran push(const Installation& installation, const Serving& serving, const std::string& service, const std::string& key) {
    std::ofstream{installation.path(key + ".json"), std::ios::binary} << push_body(key);
    return serving.call_with({"service", service, "--body", installation.path(key + ".json")});
}

Ran orphans(const Installation& installation) {
    return datong::commands::datong({"orphans", "--config", installation.config()}, installation.environment);
}

Ran verify(const Installation& installation) {
    return datong::commands::datong(
        {"verify", installation.path("evidence"), "--keys", installation.path("keys/trust.jwks")});
}

}  // namespace

TEST_CASE("killed after the department wrote, the gateway closes the call as unknown and settles it by asking",
          "[commands][submit]") {
    const std::string department = GENERATE(as<std::string>{}, "land", "tax", "construction", "finance");
    CAPTURE(department);
    const std::string service = "case-push-" + department;
    Installation installation;
    auto& desk = installation.city().acceptance();
    {
        Serving serving{installation};
        desk.after_write([&] { serving.signal(SIGKILL); });
        const Ran lost = push(installation, serving, service, "case-1");
        CHECK(lost.code == 1);
        CHECK(serving.wait() == 128 + SIGKILL);
        desk.after_write(nullptr);
    }
    REQUIRE(desk.written(department) == 1);
    const Ran open = orphans(installation);
    CAPTURE(open.out, open.err);
    CHECK(open.code == 1);
    CHECK_THAT(open.out, ContainsSubstring(service) && ContainsSubstring("unknown") && ContainsSubstring("case-1"));

    Serving serving{installation};
    const Ran again = push(installation, serving, service, "case-1");
    CAPTURE(again.out, again.err);
    CHECK(again.code == 0);
    CHECK_THAT(again.out, ContainsSubstring("outcome: accepted"));
    CHECK(desk.written(department) == 1);
    CHECK(serving.end() == 0);
    CHECK_THAT(installation.read("gateway.log"), ContainsSubstring("orphans_closed"));
    CHECK(orphans(installation).code == 0);
    const Ran proven = verify(installation);
    CAPTURE(proven.out, proven.err);
    CHECK(proven.code == 0);
    CHECK_THAT(proven.out, ContainsSubstring("1 closed as unknown"));
}

TEST_CASE("killed before anything was sent, the gateway sends it when it comes again", "[commands][submit]") {
    Installation installation;
    auto& desk = installation.city().acceptance();
    {
        Serving serving{installation};
        desk.at_find([&] { serving.signal(SIGKILL); });
        CHECK(push(installation, serving, "case-push-land", "case-1").code == 1);
        CHECK(serving.wait() == 128 + SIGKILL);
        desk.at_find(nullptr);
    }
    CHECK(desk.written("land") == 0);
    CHECK(orphans(installation).code == 0);  // nothing was sent, so nothing is unknown
    Serving serving{installation};
    const Ran again = push(installation, serving, "case-push-land", "case-1");
    CAPTURE(again.out, again.err);
    CHECK(again.code == 0);
    CHECK(desk.written("land") == 1);
    CHECK(serving.end() == 0);
    CHECK(verify(installation).code == 0);
}

TEST_CASE("killed at any moment, a key has at most one effect and ends with one answer", "[commands][submit][slow]") {
    Installation installation;
    auto& desk = installation.city().acceptance();
    for (int round = 0; round < 8; ++round) {
        CAPTURE(round);
        const std::string key = "round-" + std::to_string(round);
        const std::string service = round % 2 == 0 ? "case-push-tax" : "case-push-land";
        const std::string department = round % 2 == 0 ? "tax" : "land";
        const std::size_t before = desk.written(department);
        {
            Serving serving{installation};
            Ran called;
            std::thread caller{[&] { called = push(installation, serving, service, key); }};
            // the call itself takes about as long: the kill meets another step of it each time
            std::this_thread::sleep_for(std::chrono::milliseconds{20 + round * 12});
            serving.signal(SIGKILL);
            caller.join();
            CHECK(serving.wait() == 128 + SIGKILL);
        }
        Serving serving{installation};
        const Ran again = push(installation, serving, service, key);
        CAPTURE(again.out, again.err);
        CHECK(again.code == 0);
        // land finds the case of an earlier round there, and writes nothing more
        CHECK(desk.written(department) <= before + 1);
        const Ran third = push(installation, serving, service, key);
        CHECK(third.code == 0);
        CHECK(desk.written(department) <= before + 1);
        CHECK(serving.end() == 0);
        CHECK(orphans(installation).code == 0);
    }
    CHECK(desk.written("land") == 1);
    CHECK(desk.written("tax") == 4);
    CHECK(verify(installation).code == 0);
}

TEST_CASE("datong-call asks for the status of a submission, and says that the last word is still to come",
          "[commands][submit]") {
    Installation installation;
    auto& desk = installation.city().acceptance();
    Serving serving{installation};
    desk.set("land", Mood::deferring);
    const Ran first = push(installation, serving, "case-push-land", "case-1");
    CAPTURE(first.out, first.err);
    CHECK(first.code == 4);
    CHECK_THAT(first.out, ContainsSubstring("outcome: deferred") && ContainsSubstring("datong-call"));
    const auto at = first.out.find("/v1/submissions/");
    REQUIRE(at != std::string::npos);
    const std::string id = first.out.substr(at + 16, 36);
    CHECK(serving.call_with({"status", id}).code == 4);
    desk.move("land", "3");
    const Ran done = serving.call_with({"status", id});
    CAPTURE(done.out, done.err);
    CHECK(done.code == 0);
    CHECK_THAT(done.out, ContainsSubstring("outcome: done"));
    CHECK(serving.call_with({"status", "not-an-id"}).code == 2);
}

TEST_CASE("orphans of a gateway that never had a submission says that there are none", "[commands][submit]") {
    const Installation installation;
    const Ran ran = orphans(installation);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("none"));
    CHECK(datong::commands::datong({"orphans", "--config", "nowhere/gateway.yaml"}).code == 78);
}
