#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/record/date.h"
#include "core/steps/family.h"

namespace datong::steps {

// Check characters and layouts of the national identifiers. Functions named *_mistake give the refusal, or
// nullopt for a good identifier. Letters count as capitals only.

/// The last character of an 18-digit resident id, of its first 17 digits; nullopt unless they are digits.
/// Source: GB 11643-1999, 公民身份号码; ISO 7064 MOD 11-2.
[[nodiscard]] std::optional<char> resident_id_check(std::string_view first_17);
/// What must be so of every resident id without a look at tables: length, digits, date of birth, check
/// character. Rules id.length, id.format, id.birthdate, id.checksum.
/// @param accept15  numbers of before 1999 too, whose date of birth lies in 19yy.
[[nodiscard]] std::optional<Refusal> resident_id_mistake(std::string_view id, bool accept15);
/// Of a resident id without mistake.
[[nodiscard]] tl::expected<record::Date, Refusal> resident_id_birthdate(std::string_view id);
/// The 18 digits of a number of 15; rules id.length, id.format, id.birthdate, and id.century for the
/// sequences 996 to 999 that marked people of over a hundred. 18 digits pass.
[[nodiscard]] tl::expected<std::string, Refusal> upgraded_resident_id(std::string_view id);

/// The 18th character of a unified social credit code, of its first 17; nullopt outside the alphabet.
/// Source: GB 32100-2015, 法人和其他组织统一社会信用代码编码规则.
[[nodiscard]] std::optional<char> uscc_check(std::string_view first_17);
/// Rules uscc.length, uscc.format, uscc.checksum.
[[nodiscard]] std::optional<Refusal> uscc_mistake(std::string_view code);

/// The 9th character of an organisation code, of its first 8. Source: GB 11714-1997, 全国组织机构代码编制规则.
[[nodiscard]] std::optional<char> org_code_check(std::string_view first_8);
/// @param code  9 characters, or 8, a hyphen and one. Rules org_code.length, org_code.format, org_code.checksum.
[[nodiscard]] std::optional<Refusal> org_code_mistake(std::string_view code);

/// The check character over digits and capitals. Source: ISO 7064 MOD 37,36.
[[nodiscard]] std::optional<char> mod_37_36_check(std::string_view text);
/// The check digit over digits. Source: ISO 7064 MOD 11,10 (GS 15, 工商行政管理注册号).
[[nodiscard]] std::optional<char> mod_11_10_check(std::string_view digits);

/// The check digit over digits, which stands behind them. Source: ISO/IEC 7812-1, annex B.
[[nodiscard]] std::optional<char> luhn_check(std::string_view digits);
/// The 9th character of a vehicle identification number, of all 17; nullopt for another length and for
/// characters that it can't have (I, O, Q, small letters). Source: GB 16735-2019, annex A.
[[nodiscard]] std::optional<char> vin_check(std::string_view vin);

/// An electronic licence's identifier: 1.2.156.3005.2.TYPE.ISSUER.SERIAL.VERSION.CHECK. Rules certificate.format,
/// certificate.checksum; how long type and issuer are is the caller's to judge.
/// Source: GB/T 36904-2018, 电子证照 标识规范; ISO 7064 MOD 37,36 over type to version without the dots.
[[nodiscard]] std::optional<Refusal> licence_id_mistake(std::string_view id);

/// Length and layout of a real-estate unit code, whatever its parts say: unit.length, unit.format.
/// Source: GB/T 37346-2019, 不动产单元设定与代码编制规则.
[[nodiscard]] std::optional<Refusal> unit_layout_mistake(std::string_view code);

/// Which division codes are taken without a table: six digits below one of the 34 provinces, or 9999xx in
/// installations for tests. Source: GB/T 2260, 中华人民共和国行政区划代码.
[[nodiscard]] bool is_division_shape(std::string_view code, bool test_division);

/// Which division codes count: those of a code table, or without one those of the right shape. The reserved
/// 99xxxx count only in installations for tests, whatever the table says; 9999xx need no row there.
struct Divisions {
    std::shared_ptr<const Table> table;
    bool test_division{};

    [[nodiscard]] bool was_ever(const std::string& code) const;
    [[nodiscard]] bool is_valid(const std::string& code, const record::Date& at) const;
    /// On any day of the year: tables of divisions often know years only.
    [[nodiscard]] bool was_valid_in(const std::string& code, int year) const;
    /// Of an organisation: national ones stand under 100000.
    [[nodiscard]] bool may_hold_organisation(const std::string& code) const;
};
/// Of the parameter `table`, else of the mapping's table `divisions`, else by shape.
[[nodiscard]] Divisions divisions_of(Arguments& arguments, const Surroundings& around);
[[nodiscard]] Parameter division_table_parameter();
/// Of the parameter `table`, else by shape: authorities register organisations under codes that no list of
/// divisions has (310141, 510109), so that the mapping's own table is no measure for them.
[[nodiscard]] Divisions registering_divisions_of(Arguments& arguments, const Surroundings& around);
[[nodiscard]] Parameter registering_table_parameter();

[[nodiscard]] std::optional<Refusal> refusal_of(std::string_view rule, std::string_view zh, std::string_view en);

/// The head of an identifier step's entry; the inverse of a check is the identity.
[[nodiscard]] Entry identifier_entry(std::string name, Type out, std::vector<std::string> rules,
                                     std::pair<std::string, std::string> help_en_zh);

}  // namespace datong::steps
