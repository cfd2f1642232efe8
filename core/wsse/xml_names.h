#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace datong::wsse {

/// A member's name as an XML name: letters, digits, "_", "-", "." of ASCII and U+4E00 to U+9FA5 stand as they are,
/// where XML lets them begin a name; every other character, and an "_x" that could be taken for an escape, is "_xHHHH_"
/// (eight digits beyond U+FFFF). The narrow set is one that both editions of XML 1.0 read alike. Source: ISO/IEC
/// 9075-14, 9.1 (the same escape as .NET's XmlConvert).
[[nodiscard]] std::string to_xml_name(std::string_view name);

/// The member's name again. @return Fault::bad_request for an escape of no character.
[[nodiscard]] Result<std::string> from_xml_name(std::string_view name);

}  // namespace datong::wsse
