#include "core/steps/identifiers.h"

#include <algorithm>
#include <array>

namespace datong::steps {
namespace {

constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::string_view kTestDivision = "9999";  // reserved for tests: no province
constexpr std::string_view kBase36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<int> value_in(std::string_view alphabet, char c) {
    const auto at = alphabet.find(c);
    return at != std::string_view::npos ? std::optional{static_cast<int>(at)} : std::nullopt;
}

/// The weighted sum of the characters' values in an alphabet; nullopt for a character that is not in it.
template <std::size_t N>
std::optional<int> weighted_sum(std::string_view text, std::string_view alphabet, const std::array<int, N>& weights) {
    if (text.size() != N) {
        return std::nullopt;
    }
    int sum = 0;
    for (std::size_t at = 0; at < N; ++at) {
        const auto value = value_in(alphabet, text[at]);
        if (!value) {
            return std::nullopt;
        }
        sum += *value * weights[at];
    }
    return sum;
}

int number(std::string_view digits) {
    int value = 0;
    for (const char c : digits) {
        value = value * 10 + (c - '0');
    }
    return value;
}

/// @param digits  18 or 15 digits (the last of 18 may be X).
record::Date birthdate_of(std::string_view digits) {
    const bool old = digits.size() == 15;
    const int year = old ? 1900 + number(digits.substr(6, 2)) : number(digits.substr(6, 4));
    const std::string_view rest = digits.substr(old ? 8 : 10, 4);
    return {year, number(rest.substr(0, 2)), number(rest.substr(2, 2))};
}

Refusal refusal(std::string_view rule, std::string_view zh, std::string_view en) {
    return {std::string{rule}, std::string{zh}, std::string{en}};
}

/// Whether a number of 15 marks somebody who was over a hundred when it was given.
bool is_of_a_centenarian(std::string_view id) {
    constexpr std::string_view kFirstOfCentenarians = "996";
    return id.size() == 15 && id.substr(12) >= kFirstOfCentenarians;
}

Refusal unknown_century() {
    return refusal("id.century", "顺序码996至999表示百岁老人，世纪不明",
                   "sequences 996 to 999 marked centenarians: the century can't be told");
}

Refusal wrong_birthdate() {
    return refusal("id.birthdate", "公民身份号码中的出生日期不存在", "no such date of birth in the resident id");
}

/// ISO 7064, hybrid systems MOD M+1,M.
std::optional<char> hybrid_check(std::string_view text, std::string_view alphabet) {
    const int modulus = static_cast<int>(alphabet.size());
    int product = modulus;
    for (const char c : text) {
        const auto value = value_in(alphabet, c);
        if (!value) {
            return std::nullopt;
        }
        const int sum = (product + *value) % modulus;
        product = (sum == 0 ? modulus : sum) * 2 % (modulus + 1);
    }
    return alphabet[static_cast<std::size_t>((modulus + 1 - product) % modulus)];
}

}  // namespace

std::optional<char> resident_id_check(std::string_view first_17) {
    constexpr std::array<int, 17> kWeights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    const auto sum = weighted_sum(first_17, "0123456789", kWeights);
    return sum ? std::optional{"10X98765432"[*sum % 11]} : std::nullopt;
}

std::optional<Refusal> resident_id_mistake(std::string_view id, bool accept15) {
    const bool old = accept15 && id.size() == 15;
    if (id.size() != 18 && !old) {
        return refusal("id.length", "公民身份号码应为18位", "a resident id has 18 characters");
    }
    const std::string_view digits = old ? id : id.substr(0, 17);
    const bool last_is_good = old || is_digit(id.back()) || id.back() == 'X';
    if (!all_digits(digits) || !last_is_good) {
        return refusal("id.format", "公民身份号码应为数字，末位可为大写 X",
                       "a resident id has digits, and X at the end");
    }
    if (!record::is_valid(birthdate_of(id))) {
        return wrong_birthdate();
    }
    if (!old && id.back() != resident_id_check(digits)) {
        return refusal("id.checksum", "公民身份号码校验码不符", "resident id check digit mismatch");
    }
    return std::nullopt;
}

tl::expected<record::Date, Refusal> resident_id_birthdate(std::string_view id) {
    if (is_of_a_centenarian(id)) {
        return tl::unexpected<Refusal>{unknown_century()};
    }
    return birthdate_of(id);
}

tl::expected<std::string, Refusal> upgraded_resident_id(std::string_view id) {
    if (id.size() == 18) {
        return std::string{id};
    }
    if (id.size() != 15) {
        return tl::unexpected<Refusal>{
            refusal("id.length", "公民身份号码应为15或18位", "15 or 18 characters were expected")};
    }
    if (!all_digits(id)) {
        return tl::unexpected<Refusal>{
            refusal("id.format", "15位公民身份号码应全为数字", "an id of 15 has digits only")};
    }
    if (is_of_a_centenarian(id)) {
        return tl::unexpected<Refusal>{unknown_century()};
    }
    if (!record::is_valid(birthdate_of(id))) {
        return tl::unexpected<Refusal>{wrong_birthdate()};
    }
    std::string out{id.substr(0, 6)};
    out.append("19").append(id.substr(6));
    return out + resident_id_check(out).value_or('?');
}

std::optional<char> uscc_check(std::string_view first_17) {
    constexpr std::array<int, 17> kWeights{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    const auto sum = weighted_sum(first_17, kUsccAlphabet, kWeights);
    return sum ? std::optional{kUsccAlphabet[static_cast<std::size_t>((31 - *sum % 31) % 31)]} : std::nullopt;
}

std::optional<Refusal> uscc_mistake(std::string_view code) {
    if (code.size() != 18) {
        return refusal("uscc.length", "统一社会信用代码应为18位", "a social credit code has 18 characters");
    }
    const bool alphabet =
        std::all_of(code.begin(), code.end(), [](char c) { return kUsccAlphabet.find(c) != std::string_view::npos; });
    if (!alphabet || !all_digits(code.substr(2, 6))) {
        return refusal("uscc.format", "统一社会信用代码含有不允许的字符",
                       "a character that a social credit code can't have");
    }
    if (code.back() != uscc_check(code.substr(0, 17))) {
        return refusal("uscc.checksum", "统一社会信用代码校验码不符", "social credit code check character mismatch");
    }
    return std::nullopt;
}

std::optional<char> org_code_check(std::string_view first_8) {
    constexpr std::array<int, 8> kWeights{3, 7, 9, 10, 5, 8, 4, 2};
    const auto sum = weighted_sum(first_8, kBase36, kWeights);
    return sum ? std::optional{"0X987654321"[*sum % 11]} : std::nullopt;
}

std::optional<Refusal> org_code_mistake(std::string_view code) {
    const bool hyphen = code.size() == 10 && code[8] == '-';
    if (code.size() != 9 && !hyphen) {
        return refusal("org_code.length", "组织机构代码应为9位", "an organisation code has 9 characters");
    }
    const auto check = org_code_check(code.substr(0, 8));
    if (!check || (!is_digit(code.back()) && code.back() != 'X')) {
        return refusal("org_code.format", "组织机构代码含有不允许的字符",
                       "a character that an organisation code can't have");
    }
    if (code.back() != *check) {
        return refusal("org_code.checksum", "组织机构代码校验码不符", "organisation code check character mismatch");
    }
    return std::nullopt;
}

std::optional<char> mod_37_36_check(std::string_view text) {
    return hybrid_check(text, kBase36);
}

std::optional<char> mod_11_10_check(std::string_view digits) {
    return hybrid_check(digits, kBase36.substr(0, 10));
}

std::optional<char> luhn_check(std::string_view digits) {
    int sum = 0;
    bool doubled = true;
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, doubled = !doubled) {
        if (!is_digit(*at)) {
            return std::nullopt;
        }
        const int value = (*at - '0') * (doubled ? 2 : 1);
        sum += value / 10 + value % 10;
    }
    return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::optional<char> vin_check(std::string_view vin) {
    constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";
    constexpr std::string_view kValues = "12345678123457923456789";
    constexpr std::array<int, 17> kWeights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
    std::string digits;
    for (const char c : vin) {
        const auto at = kLetters.find(c);
        if (!is_digit(c) && at == std::string_view::npos) {
            return std::nullopt;
        }
        digits += is_digit(c) ? c : kValues[at];
    }
    const auto sum = weighted_sum(digits, "0123456789", kWeights);
    return sum ? std::optional{"0123456789X"[*sum % 11]} : std::nullopt;
}

bool is_division_shape(std::string_view code, bool test_division) {
    constexpr std::array kProvinces{11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42,
                                    43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82};
    if (code.size() != 6 || !all_digits(code)) {
        return false;
    }
    const int province = (code[0] - '0') * 10 + (code[1] - '0');
    return std::ranges::find(kProvinces, province) != kProvinces.end() ||
           (test_division && code.starts_with(kTestDivision));
}

std::optional<Refusal> refusal_of(std::string_view rule, std::string_view zh, std::string_view en) {
    return refusal(rule, zh, en);
}

Entry identifier_entry(std::string name, Type out, std::vector<std::string> rules,
                       std::pair<std::string, std::string> help_en_zh) {
    Entry entry;
    entry.name = std::move(name);
    entry.in = Type::text;
    entry.out = out;
    entry.inverse = entry.name.starts_with("check_") ? "identity" : "";
    entry.rules = std::move(rules);
    entry.help_en = std::move(help_en_zh.first);
    entry.help_zh = std::move(help_en_zh.second);
    return entry;
}

}  // namespace datong::steps
