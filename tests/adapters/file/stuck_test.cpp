// Files that can't be moved to where they should go.
#include "tests/adapters/file/matching.h"

using namespace datong;
using namespace datong::drop;
using support::AdapterBench;

TEST_CASE("a late reply that can't be put aside keeps no other call from its own", "[adapters][file]") {
    struct Row {
        const char* why;
        std::string settings;
        std::function<void(const Fixture&)> comes;
        bool is_given_up;  ///< when it might no longer come
    };
    std::string removing = kByName;  // in place of moving
    removing.replace(removing.find("late: late"), 10, "late_ms: 300");
    const auto row = GENERATE_COPY(values<Row>({
        {"a folder of its name", removing,
         [](const Fixture& it) { fs::create_directory(it.scratch / ("in/REP_" + kExchange + ".xml")); }, true},
        {"nowhere to put it", kByName,
         [](const Fixture& it) {
             fs::remove(it.scratch / "late");
             it.side.lay("REP_" + kExchange + ".xml", "late");
         },
         false},
        {"nowhere to put one that is known by what it holds", kByValue,
         [](const Fixture& it) {
             fs::remove(it.scratch / "late");
             it.side.lay("REP_1.xml", holding(kExchange));
         },
         false},
    }));
    CAPTURE(row.why);
    Fixture fixture;
    const auto made = fixture.make(row.settings);
    {
        Clerk clerk{fixture.scratch,
                    [&](const std::string& request) { fs::remove(fixture.scratch / ("out/" + request)); }};
        CHECK_FALSE(fixture.bench.ask(*made, question(), 100ms).has_value());
    }
    fixture.bench.settle();
    row.comes(fixture);
    const auto told = fixture.bench.probe(*made);
    REQUIRE_FALSE(told.has_value());  // whoever checks the source hears of it
    CHECK(told.error().fault() == Fault::department_down);
    Clerk clerk{fixture.scratch,
                [&](const std::string& request) { fixture.side.reply(request, holding(id_of(request))); }};
    const auto began = std::chrono::steady_clock::now();
    for (int number = 0; std::chrono::steady_clock::now() - began < 1500ms; ++number) {  // over a sweep, once a second
        auto errand = AdapterBench::errand(5s);
        errand.exchange += "-m" + std::to_string(number);
        const auto reply = fixture.bench.run(made->ask(question(), errand));
        REQUIRE(reply.has_value());
        CHECK(reply->body == holding(errand.exchange));
    }
    CHECK(fixture.side.names("in").size() == 1);
    CHECK(fixture.bench.probe(*made).has_value() == row.is_given_up);
}

TEST_CASE("replies of one name are filed away however many there are", "[adapters][file]") {
    struct Row {
        const char* why;
        std::string settings;
        std::string operation;
        std::string name;
        std::size_t there;  ///< NAME, NAME.1 and so on
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"known by its name", kByName, "named", "REP_42.xml", 1'001},
        {"known by what it holds", kByValue, "query", "REP_result.xml", 1'001},
        {"of a name as long as may be", kByValue, "query", "REP_" + std::string(247, 'x') + ".xml", 1},
    }));
    CAPTURE(row.why);
    Fixture fixture;
    const auto made = fixture.make(row.settings);
    for (std::size_t number = 0; number < row.there; ++number) {
        fixture.scratch.write("done/" + row.name + (number == 0 ? "" : '.' + std::to_string(number)), "old");
    }
    Clerk clerk{fixture.scratch, [&](const std::string& request) {
                    fs::remove(fixture.scratch / ("out/" + request));
                    fixture.scratch.write("in/part.tmp", holding(id_of(request)));
                    fs::rename(fixture.scratch / "in/part.tmp", fixture.scratch / ("in/" + row.name));
                }};
    for (std::size_t number = 1; number <= 3; ++number) {
        adapter::Ask ask = question(row.operation);
        ask.fields.put("ID", record::Record::text("42"));
        const auto reply = fixture.bench.ask(*made, std::move(ask));
        CAPTURE(reply ? std::string{} : reply.error().detail());
        REQUIRE(reply.has_value());
        CHECK(fixture.side.names("done").size() == row.there + number);
        CHECK(fixture.side.names("in").empty());
    }
}

TEST_CASE("a reply that looks like one that was filed away is read all the same", "[adapters][file]") {
    Fixture fixture;
    const auto made = fixture.make(kByValue);
    for (const std::string number : {"1", "2"}) {
        auto errand = AdapterBench::errand(2s);
        errand.exchange += "-m" + number;
        fixture.side.lay("REP_result.xml", holding(errand.exchange));
        fs::last_write_time(fixture.scratch / "in/REP_result.xml", fs::file_time_type{});  // servers tell seconds
        const auto reply = fixture.bench.run(made->ask(question(), errand));
        CAPTURE(number);
        REQUIRE(reply.has_value());
        CHECK(reply->body == holding(errand.exchange));
    }
}
