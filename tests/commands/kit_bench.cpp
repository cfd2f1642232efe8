#include "tests/commands/kit_bench.h"

#include <fstream>

#include "tests/support/catch.h"

namespace datong::commands {
namespace {

const std::string kClients = std::string{DATONG_SOURCE_DIR} + "/examples/clients/";

Kit make_kit(const std::string& name, const Installation& installation) {
    if (name == "shell") {
        return {{"bash", kClients + "shell/datong-call.sh"}, false};
    }
    if (name == "node") {
        return {{"node", kClients + "node/datong-call.mjs"}, true};
    }
    const std::string out = installation.path("java");
    const Ran compiled =
        run({"javac", "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", out, kClients + "java/Json.java",
             kClients + "java/Datong.java", kClients + "java/DatongCall.java"});
    INFO(compiled.out << compiled.err);
    REQUIRE(compiled.code == 0);
    return {{"java", "-cp", out, "DatongCall"}, true};
}

const Installation& changed(const Installation& installation, const std::function<void(const Installation&)>& change) {
    if (change) {
        change(installation);
    }
    return installation;
}

}  // namespace

Bench::Bench(const std::string& name, const std::function<void(const Installation&)>& change)
    : serving{changed(installation, change)}, kit{make_kit(name, installation)} {
    REQUIRE(serving.call().code == 0);  // writes the body, too
}

Ran Bench::call(const std::vector<std::string>& words, const std::map<std::string, std::string>& set) const {
    std::vector<std::string> all = kit.program;
    all.insert(all.end(), words.begin(), words.end());
    std::map<std::string, std::string> environment{{"DATONG_URL", serving.url()},
                                                   {"DATONG_CA", installation.path("keys/ca.pem")},
                                                   {"DATONG_TRUST", trust},
                                                   {"DATONG_KEY", installation.path("keys/one-window.key.pem")},
                                                   {"DATONG_KEYID", "one-window-2026"},
                                                   {"LC_ALL", "C.UTF-8"}};
    for (const auto& [variable, value] : set) {
        environment[variable] = value;
    }
    return run(all, environment);
}

Ran Bench::service(const std::string& name, const std::string& trusted) const {
    return call({"service", name, body}, {{"DATONG_TRUST", trusted}});
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream{path, std::ios::binary} << text;
}

}  // namespace datong::commands
