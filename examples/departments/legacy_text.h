#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace datong::departments {

/// UTF-8 to GB 18030 by the C library's iconv; characters that it can't hold become '?'.
[[nodiscard]] std::string to_gb18030(std::string_view utf8);
/// GB 18030 to UTF-8; broken octets end the text.
[[nodiscard]] std::string from_gb18030(std::string_view octets);

[[nodiscard]] std::string xml_escaped(std::string_view text);
/// With its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

/// <NAME>text</NAME>, the text escaped.
[[nodiscard]] std::string element(std::string_view name, std::string_view text);
/// Elements one behind the other.
[[nodiscard]] std::string elements(std::initializer_list<std::pair<std::string_view, std::string>> all);
/// NAME="text" with a blank in front of each, escaped.
[[nodiscard]] std::string attributes(std::initializer_list<std::pair<std::string_view, std::string>> all);
/// A SOAP 1.1 envelope around the content of its body.
[[nodiscard]] std::string soap_envelope(std::string_view body);

/// An object of members whose values are JSON already.
[[nodiscard]] std::string json_object(std::initializer_list<std::pair<std::string_view, std::string>> members);
/// An object of text members, quoted here.
[[nodiscard]] std::string json_texts(std::initializer_list<std::pair<std::string_view, std::string>> members);

[[nodiscard]] std::string to_base64(std::string_view octets);
/// Characters that are none end the text.
[[nodiscard]] std::string from_base64(std::string_view text);
/// Every octet but ASCII letters and digits as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view octets);

/// yyyymmdd as yyyy-MM-dd.
[[nodiscard]] std::string dashed_day(const std::string& day);
/// yyyymmdd as yyyy-M-d without leading zeros, between these separators: ("-", "-", "") or ("年", "月", "日").
[[nodiscard]] std::string unpadded_day(const std::string& day, std::string_view year = "-",
                                       std::string_view month = "-", std::string_view end = "");

/// name=value&... of a query string or a form, percent-decoded, '+' as blank.
[[nodiscard]] std::map<std::string, std::string, std::less<>> read_form(std::string_view text);

/// The text and number members of a flat JSON object without escapes: made for the switches.
[[nodiscard]] std::map<std::string, std::string, std::less<>> read_flat_json(std::string_view text);

/// The text of the first element of that local name, entities resolved and CDATA taken out; empty when
/// there is none. Made for the small requests of the simulators, on libxml2.
[[nodiscard]] std::string element_text(std::string_view xml, std::string_view local_name);

/// Octets padded on the right with blanks, or cut, to exactly that many.
[[nodiscard]] std::string fixed_column(std::string octets, std::size_t width);
/// A whole number with leading zeros to exactly that many octets.
[[nodiscard]] std::string fixed_number(std::int64_t value, int width);

/// yuan with two decimals: "128640.05"; as it stands in tables and files.
[[nodiscard]] std::string yuan(std::int64_t fen);
/// 万元 without needless zeros: "86.5".
[[nodiscard]] std::string ten_thousand_yuan(std::int64_t fen);

/// An id as registers compare it: blanks out, upper case, 18 characters cut to their 15-digit form when
/// the person was born in the years 19xx.
[[nodiscard]] std::string comparable_id(std::string_view id);
/// A name without blanks and separator dots.
[[nodiscard]] std::string comparable_name(std::string_view name);

}  // namespace datong::departments
