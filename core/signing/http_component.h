#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/signing/structured_field.h"

namespace datong::signing {

/// One covered component of a signature, by its identifier. Source: RFC 9421, 2.1 and 2.2.
struct Component {
    std::string name;                  ///< lower-case field name, or "@method" and the like
    std::string identifier;            ///< as serialised in the signature: "\"x\";sf"
    std::string sorted_identifier;     ///< with its parameters in order of name, to find duplicates
    std::optional<std::string> key;    ///< ;key
    std::optional<std::string> query;  ///< ;name of @query-param, encoded
    bool strict{};                     ///< ;sf
    bool bytes{};                      ///< ;bs
    bool of_request{};                 ///< ;req
};

/// @return Fault::bad_request for an unknown parameter or name, parameters that exclude each other,
///         a name that is not lower-case, or ;tr (no trailers here).
[[nodiscard]] Result<Component> read_component(const sf::Item& item);

/// The component's value in a message, one line of ASCII.
/// @return Fault::bad_request when the message does not have it.
[[nodiscard]] Result<std::string> component_value(const Component& component, const codec::HttpMessage& message);

}  // namespace datong::signing
