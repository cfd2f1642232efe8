#pragma once

#include <string>
#include <string_view>

namespace datong::departments {

/// A resident id (公民身份号码) of 18 characters: the 17 digits and their check character.
/// Source: GB 11643-1999 (ISO 7064 MOD 11-2).
[[nodiscard]] std::string resident_id(std::string_view first_17);

/// The 15-digit form that registers of before 1999 still hold; only for people born in the years 19xx.
[[nodiscard]] std::string short_resident_id(std::string_view id_18);

/// An organisation code (组织机构代码) of 9 characters: the 8 and their check character.
/// Source: GB 11714-1997.
[[nodiscard]] std::string organisation_code(std::string_view first_8);

/// A unified social credit code (统一社会信用代码) of 18 characters.
/// @param kind          department and type: "91" a company, "92" a sole trader, "11" an authority
/// @param division      6 digits
/// @param organisation  the first 8 characters of the organisation code, without I, O, S, V, Z
/// Source: GB 32100-2015.
[[nodiscard]] std::string credit_code(std::string_view kind, std::string_view division, std::string_view organisation);

/// An electronic certificate's identifier (电子证照标识) with dots and check character.
/// @param type    18-character credit code of the ministry and 3 digits
/// @param issuer  18-character credit code
/// @param serial  digits
/// Source: GB/T 36904-2018 (ISO 7064 MOD 37,36).
[[nodiscard]] std::string certificate_id(std::string_view type, std::string_view issuer, std::string_view serial);

}  // namespace datong::departments
