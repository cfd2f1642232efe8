#pragma once

#include <string>

#include "core/base/result.h"

namespace CLI {
class App;
}

namespace datong::app {

/// Adds `datong import` with its commands. The command that was chosen leaves its exit code.
void add_import_tools(CLI::App& app, int& code);

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
