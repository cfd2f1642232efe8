#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/codec/xml.h"

namespace datong::codec {

/// The document as UTF-8 text. The charset of bytes is told by a byte order mark, the pattern of "<?"
/// or the encoding declaration, within utf-8, gbk, gb2312, gb18030 and utf-16.
/// @param owned  where a decoded copy stands; what is UTF-8 already is not copied.
/// @return a view of `text` or of `owned`, without byte order mark. Source: XML 1.0, appendix F.1.
[[nodiscard]] Result<std::string_view> to_xml_text(std::string_view text, bool is_text, std::string& owned);

/// Refuses, before the parser sees it, what must not cost it anything: a document type declaration, a
/// NUL, and a tag with more attributes than allowed (namespace declarations count), for the parser
/// compares each with each.
[[nodiscard]] Status check_xml_markup(std::string_view text, const XmlLimits& limits);

}  // namespace datong::codec
