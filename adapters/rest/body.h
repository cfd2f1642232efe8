#pragma once

#include <string>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::adapters::rest {

/// What becomes of the fields where the mapping made no body.
enum class BodyFormat { form, json, xml, multipart };

struct Body {
    std::string content_type;
    std::string bytes;
};

/// JSON and XML: a name with dots ("Params.Condition") is a member of a member. UTF-8.
/// @param root  of XML, the document element's name and namespace.
/// @return Fault::internal where two names get in each other's way, request_invalid for a character that XML can't
///         hold.
[[nodiscard]] Result<Body> json_body(const record::Record& fields);
[[nodiscard]] Result<Body> xml_body(const record::Record& fields, const std::string& root, const std::string& uri);

/// multipart/form-data: a field of bytes goes as a file of its own name. The boundary is random, so no value can end
/// its part. Source: RFC 7578; WHATWG HTML, multipart/form-data encoding (names).
/// @param fields  texts already in the department's charset.
[[nodiscard]] Body multipart_body(const record::Record& fields);

}  // namespace datong::adapters::rest
