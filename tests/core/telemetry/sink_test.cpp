#include "core/telemetry/sink.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

using namespace datong;
using namespace datong::telemetry;
namespace fs = std::filesystem;

namespace {

/// A folder that goes with the test.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "datong-telemetry-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string file() const { return (path_ / "datong.log").string(); }

private:
    fs::path path_;
};

std::vector<std::string> lines_of(const std::string& file) {
    std::ifstream in{file};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::unique_ptr<Sink> silent() {
    auto sink = Sink::make({.file = "-", .least = Level::info});
    REQUIRE(sink);
    return std::move(*sink);
}

}  // namespace

TEST_CASE("lines go to the file from the level on that is set", "[telemetry]") {
    const Folder folder;
    auto sink = Sink::make({.file = folder.file(), .least = Level::info});
    REQUIRE(sink);
    (*sink)->line(Level::debug, "quiet", {});
    (*sink)->line(Level::info, "first", {{"n", std::int64_t{1}}});
    (*sink)->line(Level::error, "second", {});
    const auto lines = lines_of(folder.file());  // an error is flushed at once
    REQUIRE(lines.size() == 2);
    CHECK_THAT(lines[0], ContainsSubstring(R"("level":"info","event":"first","n":1})"));
    CHECK_THAT(lines[1], ContainsSubstring(R"("level":"error","event":"second"})"));
}

TEST_CASE("warnings are not written one by one, but within a second", "[telemetry][security]") {
    const Folder folder;
    auto sink = Sink::make({.file = folder.file(), .least = Level::info});
    REQUIRE(sink);
    std::size_t warned = 0;
    bool waited = false;
    for (; !waited && warned < 10; ++warned) {  // the write of each second may come just behind a line
        (*sink)->line(Level::warn, "refused", {});
        waited = lines_of(folder.file()).size() <= warned;
    }
    CHECK(waited);
    SECTION("by itself") {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (lines_of(folder.file()).size() < warned && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
    }
    SECTION("or when it is told to") {
        (*sink)->flush();
    }
    CHECK(lines_of(folder.file()).size() == warned);
}

TEST_CASE("a text with format characters stays as it is", "[telemetry][security]") {
    const Folder folder;
    auto sink = Sink::make({.file = folder.file(), .least = Level::info});
    REQUIRE(sink);
    (*sink)->line(Level::error, "x", {{"text", "{} %v {0:999999}"}});
    const auto lines = lines_of(folder.file());
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], ContainsSubstring(R"("text":"{} %v {0:999999}")"));
}

TEST_CASE("what is queued reaches the file when the sink ends", "[telemetry]") {
    const Folder folder;
    {
        auto sink = Sink::make({.file = folder.file(), .least = Level::info});
        REQUIRE(sink);
        (*sink)->line(Level::info, "last", {});
    }
    CHECK(lines_of(folder.file()).size() == 1);
}

TEST_CASE("a file that can't be opened is an error and no exception", "[telemetry]") {
    const Folder folder;
    std::ofstream{folder.file()} << "a file and no folder";
    const auto sink = Sink::make({.file = folder.file() + "/datong.log", .least = Level::info});
    REQUIRE_FALSE(sink.has_value());
    CHECK(sink.error().fault() == Fault::internal);
}

TEST_CASE("metrics are counted by name and labels", "[telemetry]") {
    const auto sink = silent();
    sink->count("datong_test_calls_total", {{"service", "a"}});
    sink->count("datong_test_calls_total", {{"service", "a"}}, 2);
    sink->count("datong_test_calls_total", {{"service", "b"}});
    sink->gauge("datong_test_open_flag", {}, 1);
    sink->gauge("datong_test_open_flag", {}, 0);
    sink->observe("datong_test_call_seconds", {}, 0.004);
    const std::string text = sink->metrics();
    CHECK_THAT(text, ContainsSubstring("# TYPE datong_test_calls_total counter"));
    CHECK_THAT(text, ContainsSubstring("datong_test_calls_total{service=\"a\"} 3"));
    CHECK_THAT(text, ContainsSubstring("datong_test_calls_total{service=\"b\"} 1"));
    CHECK_THAT(text, ContainsSubstring("datong_test_open_flag 0"));
    CHECK_THAT(text, ContainsSubstring("datong_test_call_seconds_bucket{le=\"0.005\"} 1"));
    CHECK_THAT(text, ContainsSubstring("datong_test_call_seconds_bucket{le=\"0.0025\"} 0"));
}

TEST_CASE("a metric that Prometheus would not take is dropped", "[telemetry]") {
    const auto sink = silent();
    sink->count("bad name", {});
    sink->count("datong_test_x_total", {{"bad-label", "x"}});
    sink->count("datong_test_y_total", {}, -1);
    sink->gauge("datong_test_z_total", {}, 1);
    sink->count("datong_test_z_total", {});  // a gauge already
    const std::string text = sink->metrics();
    CHECK_THAT(text, !ContainsSubstring("bad"));
    CHECK_THAT(text, ContainsSubstring("datong_test_z_total 1"));
}

TEST_CASE("labels that are not UTF-8 do not spoil the text", "[telemetry][security]") {
    const auto sink = silent();
    sink->count("datong_test_x_total", {{"service", "\xb2\xbb"}});
    CHECK_THAT(sink->metrics(), ContainsSubstring("not utf-8"));
}

TEST_CASE("series are bounded", "[telemetry][security]") {
    const auto sink = silent();
    for (int i = 0; i < 20'100; ++i) {
        sink->count("datong_test_x_total", {{"n", std::to_string(i)}});
    }
    const std::string text = sink->metrics();
    CHECK_THAT(text, ContainsSubstring("{n=\"19999\"}"));
    CHECK_THAT(text, !ContainsSubstring("{n=\"20000\"}"));
}

TEST_CASE("many threads may use one sink", "[telemetry]") {
    const Folder folder;
    auto sink = Sink::make({.file = folder.file(), .least = Level::info});
    REQUIRE(sink);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&sink] {
            for (int i = 0; i < 250; ++i) {
                (*sink)->line(Level::info, "x", {{"i", std::int64_t{i}}});
                (*sink)->count("datong_test_x_total", {{"parity", i % 2 == 0 ? "even" : "odd"}});
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    (*sink)->flush();
    CHECK(lines_of(folder.file()).size() == 1000);
    CHECK_THAT((*sink)->metrics(), ContainsSubstring("{parity=\"odd\"} 500"));
}
