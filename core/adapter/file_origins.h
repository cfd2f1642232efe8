#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/adapter/settings.h"
#include "core/http/client.h"

namespace datong::adapter {

/// A URL taken apart.
struct HttpAddress {
    std::string origin;  ///< "https://host:port"
    std::string host;    ///< without the brackets of an IPv6 address
    std::string port;    ///< the scheme's own where the URL has none
    std::string path;    ///< without a slash at its end; empty: none
};
/// @param url  a scheme and something behind it.
[[nodiscard]] HttpAddress take_apart(const std::string& url);

/// Where a source's files may be fetched that its replies name by address: a reply comes from outside, and must not
/// send the gateway to any host or path that its administrator did not write down. May be used from many loops.
class FileOrigins {
public:
    /// `files_at`: addresses below which files may be fetched.
    [[nodiscard]] static Setting setting();
    /// @param like  how the source's own host is spoken to: files are fetched under the same trust.
    [[nodiscard]] static FileOrigins make(const Settings& settings, const http::ClientSettings& like,
                                          const HttpAddress& own, Mistakes& mistakes);

    [[nodiscard]] bool is_empty() const { return allowed_.empty(); }

    /// Where a file is fetched.
    struct Place {
        http::Client* client{};  ///< nullptr: the source's own host, whose client is the source's
        std::string target;      ///< path and query
    };
    /// @param address  "https://host:port/path?query", or "/path?query" of the source's own host; anything else, and
    /// what
    ///                 no entry allows, is Fault::not_permitted. The address is in no error: it may name a person.
    [[nodiscard]] Result<Place> find(const std::string& address, const HttpAddress& own) const;

private:
    struct Allowed {
        HttpAddress below;
        std::shared_ptr<http::Client> client;  ///< nullptr: the source's own host
    };
    std::vector<Allowed> allowed_;
};

}  // namespace datong::adapter
