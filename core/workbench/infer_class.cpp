#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/workbench/infer.h"

namespace datong::workbench {
namespace {

/// Parts of field names in lower case: English, and the initials of pinyin that departments use.
constexpr std::array<std::string_view, 19> kNumberNames{
    "idno",  "id_no",  "idcard", "id_card", "idnum", "cardno", "card_no",  "sfz",  "zjh",   "zjbh",
    "gmsfh", "mobile", "phone",  "telno",   "sjh",   "lxdh",   "bankcard", "yhkh", "证件号"};
constexpr std::array<std::string_view, 7> kNumberWords{"dh", "tel", "sj", "身份证", "手机", "电话", "银行账号"};
constexpr std::array<std::string_view, 14> kPersonNames{"name", "xingming", "qlr",  "lerep",     "birth",
                                                        "csrq", "csny",     "addr", "zhuzhi",    "txdz",
                                                        "姓名", "住址",     "出生", "法定代表人"};
constexpr std::array<std::string_view, 5> kPersonWords{"xm", "zz", "dz", "fddbr", "zl"};

/// The commonest surnames; about nine people in ten have one of them.
constexpr std::u32string_view kSurnames =
    U"王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    U"陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤扎次洛丹格白普旦";

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool looks_like_resident_id(std::string_view text) {
    if (text.size() == 20 && is_digits(text.substr(18))) {
        text.remove_suffix(2);  // a disability card's number is the id number with kind and degree (残疾人证号)
    }
    const bool long_one = text.size() == 18 && is_digits(text.substr(0, 17)) &&
                          (is_digits(text.substr(17)) || text[17] == 'X' || text[17] == 'x');
    const std::size_t month = long_one ? 10 : 8;
    if (!long_one && !(text.size() == 15 && is_digits(text))) {
        return false;
    }
    return text.substr(month, 2) >= "01" && text.substr(month, 2) <= "12" && text.substr(month + 2, 2) >= "01" &&
           text.substr(month + 2, 2) <= "31";
}

bool looks_like_mobile(std::string_view text) {
    return text.size() == 11 && is_digits(text) && text[0] == '1' && text[1] >= '3';
}

/// Luhn's check over 16 to 19 digits. Source: ISO/IEC 7812-1, annex B.
bool looks_like_bank_card(std::string_view text) {
    if (text.size() < 16 || text.size() > 19 || !is_digits(text)) {
        return false;
    }
    int sum = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int digit = text[text.size() - 1 - i] - '0';
        const int doubled = i % 2 == 1 ? digit * 2 : digit;
        sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return sum % 10 == 0;
}

bool looks_like_name(std::string_view text) {
    const std::u32string chars = to_code_points(text);
    const auto is_han = [](char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || c == U'·' || c == U'*'; };
    return chars.size() >= 2 && chars.size() <= 4 && std::all_of(chars.begin(), chars.end(), is_han) &&
           kSurnames.find(chars.front()) != std::u32string_view::npos;
}

bool looks_like_address(std::string_view text) {
    const bool long_enough = count_chars(text) >= 8;
    const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    return long_enough && has("号") && (has("路") || has("街") || has("巷") || has("村") || has("室") || has("道"));
}

template <class Looks>
bool mostly(const std::vector<std::string>& texts, Looks looks) {
    const auto good = std::count_if(texts.begin(), texts.end(), looks);
    return good > 0 && static_cast<std::size_t>(good) * 2 >= texts.size();
}

template <class Parts, class Words>
bool named(const std::string& name, const Parts& parts, const Words& words) {
    return std::any_of(parts.begin(), parts.end(), [&](auto one) { return name.find(one) != std::string::npos; }) ||
           std::find(words.begin(), words.end(), name) != words.end();
}

}  // namespace

Guess guess_class(std::string_view name, const std::vector<std::string>& texts) {
    const std::string lower = ascii_lower(name);
    // one value that looks so is enough: what is masked too much harms nobody
    const auto any = [&](auto looks) { return std::any_of(texts.begin(), texts.end(), looks); };
    if (any(looks_like_resident_id)) {
        return {"sensitive", "推测: 像身份证号 guess: looks like a resident id"};
    }
    if (any(looks_like_mobile)) {
        return {"sensitive", "推测: 像手机号 guess: looks like a mobile number"};
    }
    if (any(looks_like_bank_card)) {
        return {"sensitive", "推测: 像银行卡号 guess: looks like a bank card"};
    }
    if (named(lower, kNumberNames, kNumberWords)) {
        return {"sensitive", "推测: 字段名像证件号或电话 guess: named like an id or phone number"};
    }
    if (named(lower, kPersonNames, kPersonWords)) {
        return {"personal", "推测: 字段名像人名、住址或生日 guess: named like a name, address or birth date"};
    }
    if (mostly(texts, looks_like_name)) {
        return {"personal", "推测: 像人名 guess: looks like a name"};
    }
    if (any(looks_like_address)) {
        return {"personal", "推测: 像住址 guess: looks like an address"};
    }
    return {};
}

}  // namespace datong::workbench
