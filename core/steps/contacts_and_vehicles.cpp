#include <algorithm>

#include "core/steps/family.h"
#include "core/steps/identifiers.h"

namespace datong::steps {
namespace {

/// The form that browsers accept, without dots at the ends or side by side, and the limits of mail itself.
/// Source: HTML Living Standard, 4.10.5.1.5; RFC 5321, 4.5.3.1.
StepPtr make_check_email(Arguments&, const Surroundings&) {
    constexpr const char* kLocal = R"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)";
    constexpr const char* kLabel = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    const std::string label = kLabel;
    auto form = Pattern::compile(std::string{kLocal} + "@" + label + "(?:\\." + label + ")+");
    if (!form) {
        return nullptr;
    }
    return text_check([form = *form](const std::string& text) {
        constexpr std::size_t kLongest = 254;
        constexpr std::size_t kLongestLocal = 64;
        const bool good = text.size() <= kLongest && text.find('@') <= kLongestLocal && form.matches_whole(text);
        return good ? std::nullopt : refusal_of("check.email", "不是电子邮箱地址", "not an e-mail address");
    });
}

StepPtr make_check_bank_card(Arguments& arguments, const Surroundings&) {
    return moment_check([luhn = arguments.choice("luhn")](const std::string& card, const Moment&,
                                                          Warnings& warnings) -> std::optional<Refusal> {
        constexpr std::size_t kShortest = 12;
        constexpr std::size_t kLongest = 19;
        const bool digits = card.find_first_not_of("0123456789") == std::string::npos;
        if (!digits || card.size() < kShortest || card.size() > kLongest) {
            return refusal_of("check.bank_card", "银行卡号应为12至19位数字", "a bank card number has 12 to 19 digits");
        }
        if (luhn_check(std::string_view{card}.substr(0, card.size() - 1)) == card.back()) {
            return std::nullopt;
        }
        auto wrong = refusal_of("check.luhn", "银行卡号校验位不符", "bank card number: check digit mismatch");
        if (luhn == "warn") {  // some banks' old cards and passbooks never had one
            warnings.push_back(std::move(*wrong));
            return std::nullopt;
        }
        return wrong;
    });
}

StepPtr make_check_vin(Arguments&, const Surroundings&) {
    return text_check([](const std::string& vin) -> std::optional<Refusal> {
        constexpr std::size_t kLength = 17;
        constexpr std::size_t kCheck = 8;
        if (vin.size() != kLength) {
            return refusal_of("vin.length", "车辆识别代号应为17位",
                              "a vehicle identification number has 17 characters");
        }
        const auto check = vin_check(vin);
        if (!check) {
            return refusal_of("vin.format", "车辆识别代号含有不允许的字符",
                              "a character that a vehicle identification number can't have");
        }
        return vin[kCheck] == *check ? std::nullopt
                                     : refusal_of("vin.checksum", "车辆识别代号校验位不符",
                                                  "vehicle identification number: check digit mismatch");
    });
}

/// Source: GA 36-2018, 中华人民共和国机动车号牌: ordinary plates, those of new energy (a letter in front of
/// or behind five digits), and those that end in a word.
StepPtr make_check_plate(Arguments&, const Surroundings&) {
    constexpr const char* kProvince = "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新]";
    auto form = Pattern::compile(std::string{kProvince} +
                                 "[A-HJ-NP-Z](?:[A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9]{4}[学警港澳挂领]|"
                                 "[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK])");
    if (!form) {
        return nullptr;
    }
    return text_check([form = *form](const std::string& text) {
        return form.matches_whole(text)
                   ? std::nullopt
                   : refusal_of("check.plate", "不是机动车号牌号码", "not the number of a vehicle's plate");
    });
}

}  // namespace

std::vector<Entry> contact_and_vehicle_entries() {
    return {
        with_maker(
            with(identifier_entry("check_email", Type::any, {"check.email"}, {"An e-mail address.", "电子邮箱地址"}),
                 {},
                 {{"zhang.san@example.com", "", "zhang.san@example.com"},
                  {"zhang..san@example.com", "", "!check.email"},
                  {"zhangsan@localhost", "", "!check.email"},
                  {"张三@example.com", "", "!check.email"}}),
            make_check_email),
        with_maker(with(identifier_entry("check_bank_card", Type::any, {"check.bank_card", "check.luhn"},
                                         {"A bank card number of 12 to 19 digits with its check digit.",
                                          "银行卡号（12至19位，Luhn 校验位）"}),
                        {{.name = "luhn",
                          .kind = "choice",
                          .otherwise = "reject",
                          .help_en = "when the check digit is wrong",
                          .help_zh = "校验位不符时",
                          .choices = {"reject", "warn"}}},
                        {{"'9999990000001236'", "", "9999990000001236"},
                         {"'9999990000001237'", "", "!check.luhn"},
                         {"'9999990000001237'", "{luhn: warn}", "9999990000001237"},
                         {"'99999900000'", "", "!check.bank_card"},
                         {"9999 9900 0000 1236", "", "!check.bank_card"}}),
                   make_check_bank_card),
        with_maker(with(identifier_entry("check_vin", Type::any, {"vin.length", "vin.format", "vin.checksum"},
                                         {"A vehicle identification number (GB 16735), capitals only.",
                                          "车辆识别代号（GB 16735），字母须大写"}),
                        {},
                        {{"1M8GDM9AXKP042788", "", "1M8GDM9AXKP042788"},
                         {"1M8GDM9A1KP042788", "", "!vin.checksum"},
                         {"1M8GDM9AXKP04278O", "", "!vin.format"},
                         {"1M8GDM9AXKP04278", "", "!vin.length"}}),
                   make_check_vin),
        with_maker(with(identifier_entry("check_plate", Type::any, {"check.plate"},
                                         {"The number of a vehicle's plate (GA 36), embassies' not among them; "
                                          "without a dot or blanks.",
                                          "机动车号牌号码（GA 36，不含使馆号牌），不带间隔点和空格"}),
                        {},
                        {{"湘A12345", "", "湘A12345"},
                         {"粤BD12345", "", "粤BD12345"},
                         {"粤B12345D", "", "粤B12345D"},
                         {"粤Z1234港", "", "粤Z1234港"},
                         {"湘I12345", "", "!check.plate"},
                         {"湘A1234", "", "!check.plate"},
                         {"湘A·12345", "", "!check.plate"}}),
                   make_check_plate),
    };
}

}  // namespace datong::steps
