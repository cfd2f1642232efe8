#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/record/record.h"
#include "examples/clients/cpp/command_line.h"
#include "examples/clients/cpp/transport.h"
#include "examples/clients/cpp/trust.h"

namespace datong::client {

/// Fetches what stands at an address of the gateway. @return its octets, once the gateway's signature over them held.
using FetchFile = std::function<Result<std::string>(std::string target)>;

/// Keeps the files of an answer in the folder of --files: of every certificate that is good, each with the length and
/// the SHA-256 that its issuer signed, under a name of its own, and none over what is there.
/// @param answer  the native JSON, proven to be the gateway's.
/// @param words   gets a line for each, kept or not.
/// @return whether all of them are kept.
[[nodiscard]] bool keep_files(const Options& options, std::ostream& words, const record::Record& answer,
                              const Trust& trust, const FetchFile& fetch);

/// The name of a file: what it belongs to, where it stands there, and what it is: "discharge-permit.document.file.ofd".
/// @param owner  a service or a material. @param path  JSON pointer.
/// @return Fault::bad_request for a part that is not of letters, digits, "_", "-" or Chinese characters, and for a name
///         of more than 200 octets: the name comes from outside, and goes into a folder of ours.
[[nodiscard]] Result<std::string> file_name(std::string_view owner, std::string_view path, std::string_view media_type);

/// The target of a file's address. @return Fault::bad_request for what is no address of a file of a gateway's exchange.
[[nodiscard]] Result<std::string> file_target(const Endpoint& endpoint, std::string_view url);

}  // namespace datong::client
