#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/http/server.h"

namespace datong::test {

/// Keys and certificates made by the openssl command line, once a run: two authorities that know nothing
/// of each other, a server (127.0.0.1 and localhost), a server of another name, a client.
struct Pki {
    std::string ca;
    std::string ca_key;
    std::string other_ca;
    std::string server;
    std::string server_key;
    std::string stranger;  ///< by `ca`, for stranger.example
    std::string stranger_key;
    std::string client;
    std::string client_key;
    std::string below;  ///< a client's by an authority below `ca`, whose certificate follows
    std::string below_key;
    std::string client_sha256;  ///< as openssl says, lower case without colons
};

const Pki& pki();

/// The certificate of `server` with another end.
std::string server_that_ends(std::chrono::system_clock::time_point end);

std::shared_ptr<const http::TlsFiles> server_files(bool client_asked, bool client_required);

}  // namespace datong::test
