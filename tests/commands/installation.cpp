#include "tests/commands/installation.h"

#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/app/demo_keys.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kWait{30};

}  // namespace

bool wait_until(const std::function<bool()>& ready) {
    const auto until = std::chrono::steady_clock::now() + kWait;
    while (!ready()) {
        if (std::chrono::steady_clock::now() > until) {
            return ready();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

app::Child start(const std::vector<std::string>& words, const std::map<std::string, std::string>& set,
                 const std::string& out, const std::string& err) {
    // the shell only splits the two outputs; exec leaves the program itself under this process id
    std::vector<std::string> all{"/bin/sh", "-c", R"(err=$1; shift; exec "$@" 2>>"$err" </dev/null)", "sh", err};
    all.insert(all.end(), words.begin(), words.end());
    auto child = app::Child::start(all, set, out);
    if (!child) {
        throw std::runtime_error{child.error().detail()};
    }
    return std::move(*child);
}

Ran run(const std::vector<std::string>& words, const std::map<std::string, std::string>& set) {
    const support::ScratchFolder folder;
    app::Child child = start(words, set, folder / "out", folder / "err");
    if (!wait_until([&child] { return !child.running(); })) {
        throw std::runtime_error{words.front() + " does not end"};
    }
    return {.code = child.wait(), .out = folder.read("out"), .err = folder.read("err")};
}

Ran datong(std::vector<std::string> words, const std::map<std::string, std::string>& set) {
    words.insert(words.begin(), DATONG_PROGRAM);
    return run(words, set);
}

Installation::Installation() : city_{{.folder = folder_ / "departments"}} {
    environment = city_.environment();
    environment["DATONG_KEYS"] = path("keys");
    environment["DATONG_EVIDENCE"] = path("evidence");
    environment["DATONG_PORT"] = "0";
    environment["DATONG_ADMIN_PORT"] = "0";
    fs::create_directories(path("evidence"));
    fs::copy(DATONG_SOURCE_DIR "/config", path("config"), fs::copy_options::recursive);
    fs::copy(DATONG_SOURCE_DIR "/mappings", path("mappings"), fs::copy_options::recursive);
    fs::create_directories(path("suppliers"));
    fs::copy(DATONG_DBF, path("suppliers"));
    const std::string plugin = "suppliers/" + fs::path{DATONG_DBF}.filename().string();
    environment["DATONG_DBF_PLUGIN"] = path(plugin);
    environment["DATONG_DBF_SHA256"] = to_hex(crypto::sha256(read(plugin)));
    if (auto made = app::make_demo_keys(path("keys")); !made) {
        throw std::runtime_error{made.error().detail()};
    }
}

void Installation::replace(const std::string& below, const std::string& what, const std::string& with) const {
    std::string text = read(below);
    const auto at = text.find(what);
    if (at == std::string::npos) {
        throw std::runtime_error{"no '" + what + "' in " + below};
    }
    folder_.write(below, text.replace(at, what.size(), with));
}

}  // namespace datong::commands
