#pragma once

#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/profiles/place.h"

namespace datong::profiles {

/// Where a token that a platform lent stands in a request: in the body's JSON or XML, in the JSON inside a form's
/// field ("gxData={...}"), in a form's field, in the query, or in a header. It signs nothing: whoever sees one call
/// can make others.
enum class TokenPlace { json, xml, form_json, form, query, header };

struct TokenSpot {
    TokenPlace where{TokenPlace::json};
    Place place;       ///< of json, xml and form_json
    std::string name;  ///< of the form's field (form, form_json), the query's or the header
};

/// Puts the token there by the format's own writer, so that no token can change anything else.
/// @return Fault::internal where the body is not of the format, or could not be written again as it was (XML with
///         namespaces inside); department_invalid for a token that can't stand there.
[[nodiscard]] Status put_token(codec::HttpMessage& request, const TokenSpot& spot, const Secret& token);

/// @return the token at a place of the token call's answer; Fault::department_invalid when there is none.
[[nodiscard]] Result<Secret> read_token(std::string_view body, const Place& place);

}  // namespace datong::profiles
