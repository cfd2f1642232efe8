#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

#include "core/codec/json.h"
#include "examples/clients/cpp/run.h"
#include "tests/examples/client_cpp/fake_gateway.h"
#include "tests/examples/client_cpp/loopback.h"

namespace datong::tests {

/// A folder of one test's files, gone with it.
class Folder {
public:
    Folder() { std::filesystem::create_directories(path_); }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string put(const std::string& name, const std::string& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
        return (path_ / name).string();
    }

private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("datong-client-" + std::to_string(::getpid()));
};

/// A gateway on a loopback port and a consumer's files beside it.
struct Scene {
    Scene() {
        options.command = client::Command::service;
        options.url = "http://" + server.authority();
        options.key = folder.put("key.pem", gateway.consumer_key.to_pem()->reveal());
        options.keyid = "one-window-2026";
        options.trust = folder.put("trust.jwks", codec::write_json(gateway.jwks()));
        options.name = "realestate-certificate";
        options.body = "-";
        options.timeout_s = 10;
    }

    int go(const std::string& input = R"({"context":{"subject":{"id_no":"999901198001010016"}},"query":{}})") {
        std::istringstream in{input};
        std::ostringstream out_stream;
        std::ostringstream err_stream;
        const int code = client::run(options, {in, out_stream, err_stream});
        out = out_stream.str();
        err = err_stream.str();
        return code;
    }

    Folder folder;
    FakeGateway gateway;
    Loopback server{[this](const std::string& wire) { return gateway.answer(wire); }};
    client::Options options;
    std::string out;
    std::string err;
};

}  // namespace datong::tests
