#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace datong {
class Command;
}

namespace datong::app {

/// Adds `datong init`. The command that was chosen leaves its exit code.
void add_init_tools(Command& app, int& code);
/// Adds `datong source` with its commands. The command that was chosen leaves its exit code.
void add_source_tools(Command& app, int& code);

struct SourceOptions {
    std::string config = "config/gateway.yaml";
    std::string name;  ///< "DEPARTMENT/SOURCE"
    bool json{};
};
/// Every source of the running gateway and how it is, or all about one.
[[nodiscard]] int source_list(const SourceOptions& options);
/// How the replies of sources differ from what they were; 1 when they do.
[[nodiscard]] int source_drift(const SourceOptions& options);

struct OrderOptions {
    std::string config = "config/gateway.yaml";
    std::string name;
    std::string key;    ///< PEM file of the department's private key
    std::string until;  ///< RFC 3339; empty: no end is known
    std::string lasts;  ///< "90m", "2h", "1d"; empty: see until
    bool pause{};
};
/// Signs an order with the department's own key and gives it to the running gateway.
[[nodiscard]] int source_order(const OrderOptions& options);

struct CheckOptions {
    std::string config = "config/gateway.yaml";
    std::string name;
    std::string sample;  ///< JSON: {"service", "context", "query", "about"?}; empty: the services' own, if any
};
/// Says whether one department's system can be reached, lets us in, and answers a sample question.
[[nodiscard]] int source_check(const CheckOptions& options);

struct AcceptOptions {
    std::string config = "config/gateway.yaml";
    std::string name;
    std::string cases;  ///< folder of *.json
    std::string by;     ///< who runs it
    std::string key;    ///< PEM file of the department's private key, for its counter-signature; empty: none
    std::string out = ".";
};
/// Runs the agreed cases against a source through its services' mappings and writes the signed joint-test record.
[[nodiscard]] int source_accept(const AcceptOptions& options);

/// Endings of files, and what they hold.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;
/// Writes files that belong together and says their names: STEM and the ending, or, where an earlier set has that name,
/// STEM-2, STEM-3 ... Never writes over a file. @param files  the first of them stands in every set.
[[nodiscard]] bool write_new_set(const std::string& stem, const NamedTexts& files);

struct InitOptions {
    std::string config = "config/gateway.yaml";
    std::string name;
    std::string title;
    std::string adapter;
    std::string operation = "query";
    std::string service;
    std::string sample;
    std::string items;
    std::vector<std::string> take;
    std::string person_id;
    std::string person_name;
};
/// Writes a working skeleton for a department that is not connected yet; never over a file that is there.
[[nodiscard]] int init_department(const InitOptions& options);

/// Adds `datong import` with its commands. The command that was chosen leaves its exit code.
void add_import_tools(Command& app, int& code);

struct ImportDescriptionOptions {
    std::string file;
    std::string url;  ///< instead of a file
    std::string ca;   ///< PEM file: what https trusts
    std::string service;
    std::string port;
    std::string operation;
    std::string department;
    std::string source;
    std::string out = "drafts";
};
/// Drafts a source, its services, mappings and schemas from a WSDL 1.1, or from an OpenAPI or Swagger description.
/// Never writes over a file: where one is there already, nothing is written.
[[nodiscard]] int import_wsdl(const ImportDescriptionOptions& options);
[[nodiscard]] int import_openapi(const ImportDescriptionOptions& options);

/// A document over HTTP, at most `most` bytes, within 15 seconds; redirects are not followed.
/// @param ca  PEM file: what https trusts.
/// @return Fault::bad_request for another status than 200 or no URL; faults of http::Client.
[[nodiscard]] Result<std::string> fetch_document(const std::string& url, const std::string& ca, std::size_t most);

}  // namespace datong::app
