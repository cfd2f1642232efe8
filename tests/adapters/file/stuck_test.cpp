// Files that can't be moved to where they should go.
#include "adapters/file/drop_folder.h"
#include "tests/adapters/file/matching.h"

using namespace datong;
using namespace datong::drop;
using adapters::file::DropFolder;
using adapters::file::Entry;
using adapters::file::Letter;
using adapters::file::Look;
using adapters::file::Place;
using support::AdapterBench;

namespace {

/// How a place fares: what it is asked for takes its time, and `late` may take nothing.
struct Fares {
    int asked = 0;
    std::chrono::milliseconds each{};
    bool takes_late = false;
};

/// This machine's folders, as far away as a test wants them.
class FarPlace final : public Place {
public:
    explicit FarPlace(Fares& fares) : fares_{fares} {}
    Result<bool> put(const std::string& path, std::string_view octets, Deadline deadline) override {
        return asked().put(path, octets, deadline);
    }
    Result<bool> move(const std::string& from, const std::string& to, Deadline deadline) override {
        if (to.find("/late/") != std::string::npos && !fares_.takes_late) {
            asked();
            return fail(Fault::department_down, "the disk is full");
        }
        return asked().move(from, to, deadline);
    }
    Result<std::optional<Look>> look(const std::string& path, Deadline deadline) override {
        return asked().look(path, deadline);
    }
    Result<std::optional<std::string>> read(const std::string& path, std::size_t most, Deadline deadline) override {
        return asked().read(path, most, deadline);
    }
    Result<bool> remove(const std::string& path, Deadline deadline) override { return asked().remove(path, deadline); }
    Result<std::vector<Entry>> list(const std::string& folder, std::size_t most, Deadline deadline) override {
        return asked().list(folder, most, deadline);
    }
    Status check(const std::string& folder, Deadline deadline) override { return asked().check(folder, deadline); }

private:
    Place& asked() {
        ++fares_.asked;
        std::this_thread::sleep_for(fares_.each);
        return *here_;
    }

    Fares& fares_;
    std::unique_ptr<Place> here_ = adapters::file::make_local_place();
};

}  // namespace

TEST_CASE("late replies that can't be put aside cost a call its share of time, however many they are",
          "[adapters][file]") {
    const bool is_by_name = GENERATE(true, false);
    CAPTURE(is_by_name);
    constexpr int kStuck = 40;
    Fixture fixture;
    Fares fares;
    const SystemClock clock;
    DropFolder folder{{.folders = {.out = fixture.scratch / "out",
                                   .in = fixture.scratch / "in",
                                   .done = fixture.scratch / "done",
                                   .late = fixture.scratch / "late"},
                       .late = 60s,
                       .max_reply = 1'000},
                      [&](Deadline) { return std::make_unique<FarPlace>(fares); },
                      clock};
    const auto soon = [] { return std::chrono::steady_clock::now() + 60s; };
    std::vector<Letter> letters;
    for (int number = 100; number < 100 + kStuck; ++number) {
        const std::string id = std::to_string(number);
        letters.push_back({.request = "REQ_" + id,
                           .reply = is_by_name ? "REP_" + id : "REP_*",
                           .holds = is_by_name ? "" : '<' + id + '>'});
        REQUIRE(folder.send(letters.back(), "<ask/>", soon()).has_value());
        fs::remove(fixture.scratch / ("out/REQ_" + id));  // fetched
        folder.abandon(letters.back());
    }
    const auto cost_of_a_sweep = [&] {
        const int before = fares.asked;
        static_cast<void>(folder.check(soon()));
        return fares.asked - before;
    };
    const int with_none = cost_of_a_sweep();
    for (const Letter& letter : letters) {
        fixture.side.lay("REP_" + letter.request.substr(4), '<' + letter.request.substr(4) + '>');
    }
    CHECK_FALSE(folder.check(soon()).has_value());
    fares.each = 10ms;
    for (int sweep = 0; sweep < 2; ++sweep) {
        CHECK(cost_of_a_sweep() < with_none + kStuck);  // one operation a file is not what it takes
    }
    CHECK(fixture.side.names("in").size() == kStuck);
    fares = {.asked = 0, .each = {}, .takes_late = true};
    for (int sweep = 0; sweep <= kStuck; ++sweep) {  // with what they hold it is one after the other
        static_cast<void>(folder.check(soon()));
    }
    CHECK(fixture.side.names("in").empty());
    CHECK(fixture.side.names("late").size() == kStuck);
    CHECK(folder.check(soon()).has_value());
}

TEST_CASE("a late reply that could not be put aside at first is put aside in the end", "[adapters][file]") {
    std::string settings = kByName;
    settings.replace(settings.find("late: late"), 10, "late: late\nlate_ms: 50");
    Fixture fixture;
    const auto made = fixture.make(settings);
    {
        Clerk clerk{fixture.scratch,
                    [&](const std::string& request) { fs::remove(fixture.scratch / ("out/" + request)); }};
        CHECK_FALSE(fixture.bench.ask(*made, question(), 100ms).has_value());
    }
    fixture.bench.settle();
    const auto given_up = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - given_up < 60ms) {  // it comes later than it may
        std::this_thread::yield();
    }
    fs::remove(fixture.scratch / "late");
    fixture.side.lay("REP_" + kExchange + ".xml", "late");
    Clerk clerk{fixture.scratch,
                [&](const std::string& request) { fixture.side.reply(request, holding(id_of(request))); }};
    const auto began = std::chrono::steady_clock::now();
    for (int number = 0; std::chrono::steady_clock::now() - began < 1500ms; ++number) {  // over a sweep, once a second
        auto errand = AdapterBench::errand(5s);
        errand.exchange += "-m" + std::to_string(number);
        REQUIRE(fixture.bench.run(made->ask(question(), errand)).has_value());
    }
    static_cast<void>(fixture.scratch.make("late"));
    CHECK(fixture.bench.probe(*made).has_value());
    CHECK(fixture.side.names("late").size() == 1);
    CHECK_FALSE(fixture.scratch.has("in/REP_" + kExchange + ".xml"));
}

TEST_CASE("a late reply that can't be put aside keeps no other call from its own", "[adapters][file]") {
    struct Row {
        const char* why;
        std::string settings;
        std::function<void(const Fixture&)> comes;
    };
    std::string removing = kByName;  // in place of moving
    removing.replace(removing.find("late: late"), 10, "late_ms: 300");
    const auto row = GENERATE_COPY(values<Row>({
        {"a folder of its name", removing,
         [](const Fixture& it) { fs::create_directory(it.scratch / ("in/REP_" + kExchange + ".xml")); }},
        {"nowhere to put it", kByName,
         [](const Fixture& it) {
             fs::remove(it.scratch / "late");
             it.side.lay("REP_" + kExchange + ".xml", "late");
         }},
        {"nowhere to put one that is known by what it holds", kByValue,
         [](const Fixture& it) {
             fs::remove(it.scratch / "late");
             it.side.lay("REP_1.xml", holding(kExchange));
         }},
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
    CHECK_FALSE(fixture.bench.probe(*made).has_value());  // for as long as it lies there
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
