#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace datong::bench {

/// What all of them are told beside the record: who the issuing authority is, and the day.
inline constexpr std::string_view kAuthority = "11999901MB0000019U";
inline constexpr std::string_view kToday = "2024-05-01";

/// The land record's SOAP answer as the unified certificate in JSON, in the members' order of the mapping;
/// nullopt where the record is refused.
using Translate = std::function<std::optional<std::string>(std::string_view soap)>;

/// Hand-written C++ on our parsers and writers: every rule of mappings/land/realestate-certificate.yaml, but
/// no error is explained and the whole record is refused.
[[nodiscard]] std::optional<std::string> land_by_hand(std::string_view soap);

/// libxslt with a stylesheet: the SOAP answer and what stands in it are parsed by libxml2, the stylesheet
/// makes JSON as text. An empty function where libxslt is not in the build or the stylesheet is wrong.
[[nodiscard]] Translate land_by_xslt(const std::string& stylesheet);

}  // namespace datong::bench
