#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace datong::codec {

struct HttpField {
    std::string name;   ///< as received
    std::string value;  ///< without leading and trailing white space
};

/// A request (method set) or a response (status set), as plain data.
struct HttpMessage {
    std::string method;     ///< "POST"
    std::string scheme;     ///< "https" or "http"
    std::string authority;  ///< Host, as received
    std::string target;     ///< origin form: "/v1/services/x?y=z"
    int status{};
    std::vector<HttpField> fields;
    std::string body;
    /// Of an answer of ours: what is sent behind `body`, without being copied into it. Content-Length counts it.
    std::vector<std::shared_ptr<const std::string>> tail{};

    [[nodiscard]] std::size_t length() const;  ///< octets of body and tail
    /// All lines of that name (case aside) joined by ", "; nullopt when there is none.
    [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> lines(std::string_view name) const;
    void set(std::string name, std::string value);  ///< replaces every line of that name
    void add(std::string name, std::string value);
    [[nodiscard]] std::string_view path() const;   ///< target before '?'
    [[nodiscard]] std::string_view query() const;  ///< target from '?' on, "" when there is none
};

/// Percent-encodes everything but unreserved characters (RFC 3986, 2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);
/// nullopt for a broken escape.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

}  // namespace datong::codec
