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
