#include <csignal>
#include <filesystem>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;
namespace fs = std::filesystem;

namespace {

/// `datong demo` in a folder of its own, at a terminal: it has its own process group.
class Playing {
public:
    explicit Playing(std::vector<std::string> more = {}) {
        std::vector<std::string> words{DATONG_PROGRAM, "demo",     "--folder",
                                       folder / "run", "--config", DATONG_SOURCE_DIR "/config/gateway.yaml"};
        words.insert(words.end(), more.begin(), more.end());
        child_.emplace(start(words, {}, folder / "out", folder / "err"));
    }
    [[nodiscard]] bool says(const std::string& text) const {
        return wait_until([&] { return folder.read("out").find(text) != std::string::npos; });
    }
    /// As the terminal does it: everybody in the group gets it.
    void interrupt() const { REQUIRE(kill(-child_->pid(), SIGINT) == 0); }
    [[nodiscard]] int wait() {
        REQUIRE(wait_until([&] { return !child_->running(); }));
        return child_->wait();
    }

    support::ScratchFolder folder;

private:
    std::optional<app::Child> child_;
};

}  // namespace

TEST_CASE("a demo that was ended leaves a run that verifies, and that no second one writes over", "[commands]") {
    Playing demo;
    REQUIRE(demo.says("Still serving"));
    demo.interrupt();
    CAPTURE(demo.folder.read("out"), demo.folder.read("err"));
    CHECK(demo.wait() == 0);
    CHECK_THAT(demo.folder.read("run/gateway.log"), ContainsSubstring("gateway_stopped"));

    const std::string key = demo.folder.read("run/keys/gateway.key.pem");
    const Ran again = commands::datong(
        {"demo", "--once", "--folder", demo.folder / "run", "--config", DATONG_SOURCE_DIR "/config/gateway.yaml"});
    CHECK(again.code == 2);
    CHECK_THAT(again.err, ContainsSubstring("已有上次的运行") && ContainsSubstring("name an empty folder"));
    CHECK(demo.folder.read("run/keys/gateway.key.pem") == key);
    const Ran verified =
        commands::datong({"verify", demo.folder / "run/evidence", "--keys", demo.folder / "run/keys/trust.jwks"});
    CAPTURE(verified.out, verified.err);
    CHECK(verified.code == 0);
}

TEST_CASE("what the demo shows can be typed in another terminal", "[commands]") {
    Playing demo;
    REQUIRE(demo.says("Still serving"));
    const std::string run = demo.folder / "run";
    const std::string said = demo.folder.read("out");
    for (const std::string& line :
         {"datong-call service tax-clearance --body " + run + "/calls/one-window-tax-clearance.json",
          std::string{
              "datong matter coverage existing-home-transfer --consumer one-window --live --config " DATONG_SOURCE_DIR
              "/config/gateway.yaml"}}) {
        CHECK_THAT(said, ContainsSubstring(line));
        auto typed = start({"/bin/sh", "-c", ". " + run + "/env.sh && " + line}, {}, demo.folder / "typed.out",
                           demo.folder / "typed.err");
        REQUIRE(wait_until([&] { return !typed.running(); }));
        CAPTURE(line, demo.folder.read("typed.out"), demo.folder.read("typed.err"));
        CHECK(typed.wait() == 0);
    }
    CHECK_THAT(said, ContainsSubstring(". " + run + "/env.sh"));
    demo.interrupt();
    CHECK(demo.wait() == 0);
}

TEST_CASE("Ctrl-C while the demo calls ends it there, and nothing is said to have failed", "[commands]") {
    Playing demo;
    REQUIRE(demo.says("datong-call service realestate-certificate"));
    demo.interrupt();
    CHECK(demo.wait() == 3);
    const std::string said = demo.folder.read("out");
    CAPTURE(said, demo.folder.read("err"));
    CHECK_THAT(said, ContainsSubstring("已中断"));
    CHECK(said.find("FAILED") == std::string::npos);
    CHECK(said.find("Still serving") == std::string::npos);
    CHECK_THAT(demo.folder.read("run/gateway.log"), ContainsSubstring("gateway_stopped"));
}

TEST_CASE("a demo that can't start says why, and keeps the folder", "[commands]") {
    const support::ScratchFolder folder;
    const Ran ran =
        commands::datong({"demo", "--once", "--config", folder / "nowhere/gateway.yaml"}, {{"TMPDIR", folder.path()}});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("C203") && ContainsSubstring("nowhere/gateway.yaml"));
    CHECK(ran.err.find("in time") == std::string::npos);
    int kept = 0;
    for (const auto& entry : fs::directory_iterator{folder.path()}) {
        CHECK(fs::exists(entry.path() / "gateway.out"));
        CHECK_THAT(ran.err, ContainsSubstring("kept: " + entry.path().string()));
        ++kept;
    }
    CHECK(kept == 1);
}

TEST_CASE("a demo that could not start may be started again in its folder", "[commands]") {
    const support::ScratchFolder folder;
    for (int i = 0; i < 2; ++i) {
        const Ran ran = commands::datong(
            {"demo", "--once", "--folder", folder / "run", "--config", folder / "nowhere/gateway.yaml"});
        CAPTURE(i, ran.err);
        CHECK(ran.code == 78);
        CHECK_FALSE(fs::exists(folder / "run/keys"));
    }
}

TEST_CASE("a demo that goes well ends with 0 and leaves nothing, one whose calls fail with 1 and what it wrote",
          "[commands]") {
    const support::ScratchFolder folder;
    const fs::path city = folder / "city";
    fs::create_directory(city);
    for (const char* part : {"config", "mappings"}) {
        fs::copy(std::string{DATONG_SOURCE_DIR "/"} + part, city / part, fs::copy_options::recursive);
    }
    fs::create_directory(folder / "tmp");
    const std::vector<std::string> once{"demo", "--once", "--config", city / "config/gateway.yaml"};
    const Ran good = commands::datong(once, {{"TMPDIR", folder / "tmp"}});
    CAPTURE(good.out, good.err);
    CHECK(good.code == 0);
    CHECK(fs::is_empty(folder / "tmp"));

    fs::remove(city / "config/grants/portal-fund-by-consent.yaml");
    const Ran failed = commands::datong(once, {{"TMPDIR", folder / "tmp"}});
    CAPTURE(failed.out, failed.err);
    CHECK(failed.code == 1);
    CHECK_THAT(failed.out, ContainsSubstring("失败 FAILED"));
    REQUIRE_FALSE(fs::is_empty(folder / "tmp"));
    const std::string kept = fs::directory_iterator{folder / "tmp"} -> path().string();
    CHECK_THAT(failed.err, ContainsSubstring("kept: " + kept));
    CHECK(fs::exists(kept + "/gateway.log"));
}
