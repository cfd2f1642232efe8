#include <csignal>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "core/command_line/command_line.h"
#include "examples/tsa/server.h"

namespace {

int run(const std::string& folder, const std::string& file) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread, so that all inherit it
    const datong::tsa::Server server{{.folder = folder}};
    if (!file.empty()) {
        std::ofstream{file + ".tmp"} << "{\"DATONG_TSA_URL\": \"" << server.url() << "\", \"DATONG_TSA_ANCHOR\": \""
                                     << server.anchor().string() << "\"}\n";
        std::filesystem::rename(file + ".tmp", file);
    }
    std::cout << "时间戳服务 time-stamping authority: " << server.url() << "\n锚 anchor: " << server.anchor().string()
              << '\n'
              << std::flush;
    int which = 0;
    sigwait(&signals, &which);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    datong::Command app{"A time-stamping authority (RFC 3161) for demo and tests: openssl ts behind HTTP on loopback"};
    std::string folder;
    std::string file;
    app.add_option("--folder", folder, "where its keys and certificates are, made when missing")->required();
    app.add_option("--port-file", file, "where URL and anchor are written, as JSON");
    if (const auto over = app.parse(argc, argv)) {
        return *over;
    }
    try {
        return run(folder, file);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
