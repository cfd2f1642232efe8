#pragma once

#include <string>
#include <variant>

namespace datong::client {

/// Exit codes, as scripts see them.
enum ExitCode : int {
    kGood = 0,     ///< answered, and everything verified
    kWanting = 1,  ///< a fault was answered, something did not verify, or there was no answer
    kUsage = 2,    ///< the command line
    kPending = 4,  ///< all that is there verifies, and something is pending, deferred or unknown: ask later
    kConfig = 78,  ///< a file that can't be read or used (EX_CONFIG)
};

enum class Command {
    service,
    matter,
    status,
    keys,
    verify,
    services,
    matters,
    grants,
    openapi,
    wsdl,
    register_consent,
    consent,
    revoke_consent,
};

/// What the command line says; names of files are not opened yet.
struct Options {
    Command command{};
    std::string url;
    std::string ca;
    std::string key;
    std::string keyid;
    std::string cert;
    std::string cert_key;
    std::string trust;
    int timeout_s = 30;
    std::string files;  ///< folder that the files of an answer are kept in; empty: they are not fetched
    bool json{};
    bool content{};
    std::string name;    ///< of the service or the matter; of a status the submission's id, of a consent its id
    std::string body;    ///< file, "-" for standard input
    bool soap{};         ///< service, matter and status: by signed SOAP 1.2
    int major = 1;       ///< of the version that is called over SOAP
    bool of_matter{};    ///< openapi and wsdl: NAME is a matter's
    std::string answer;  ///< file, "-" for standard input
};

/// @return the options, or the exit code after help or a complaint was printed.
[[nodiscard]] std::variant<Options, int> read_command_line(int argc, const char* const* argv);

}  // namespace datong::client
