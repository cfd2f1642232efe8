#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/steps/family.h"
#include "core/steps/mask.h"

namespace datong::steps {
namespace {

constexpr std::int64_t kMostKept = 1000;

StepPtr make_mask(Arguments& arguments, const Surroundings&) {
    const auto first = static_cast<std::size_t>(arguments.whole("keep_first", 0, kMostKept));
    const auto last = static_cast<std::size_t>(arguments.whole("keep_last", 0, kMostKept));
    const std::u32string hidden = to_code_points(arguments.text("char"));
    if (hidden.size() != 1) {
        arguments.mistake("char", "遮掩字符只能是一个字符", "the hiding character must be one character");
        return nullptr;
    }
    return text_step([first, last, hidden = hidden.front()](const std::string& text) -> Stepped {
        return Value{masked(text, first, last, hidden)};
    });
}

/// The mapping's profile, out of masking.yaml where there is one.
MaskProfile profile_of(Arguments& arguments, const Surroundings& around) {
    const std::string file = "masking.yaml";
    const auto text = around.read_file ? around.read_file(file) : std::nullopt;
    if (!text) {
        if (around.masking != "default") {
            arguments.mistake("", "没有 mappings/masking.yaml，只有遮掩方案 default",
                              "there is no mappings/masking.yaml: the only masking profile is default");
        }
        return {};
    }
    auto profile = read_mask_profile(*text, file, around.masking);
    if (!profile) {
        arguments.add(profile.error());
        return {};
    }
    return *profile;
}

StepPtr make_mask_name(Arguments& arguments, const Surroundings& around) {
    const std::string profile = arguments.choice("profile");
    const NameMask how = profile == "first"  ? NameMask::first
                         : profile == "last" ? NameMask::last
                         : profile == "ends" ? NameMask::ends
                                             : profile_of(arguments, around).name;
    return text_step([how](const std::string& text) -> Stepped { return Value{masked_name(text, how)}; });
}

StepPtr make_mask_id(Arguments& arguments, const Surroundings& around) {
    const bool strict = arguments.choice("profile") == "strict";
    const Kept kept = strict ? Kept{1, 1} : profile_of(arguments, around).id;
    return text_step([strict, kept](const std::string& text) -> Stepped {
        return Value{strict ? masked(text, kept.first, kept.last) : masked_id(text, kept)};
    });
}

StepPtr make_mask_phone(Arguments& arguments, const Surroundings& around) {
    const Kept kept = profile_of(arguments, around).phone;
    return text_step([kept](const std::string& text) -> Stepped { return Value{masked_phone(text, kept)}; });
}

StepPtr make_mask_bank_card(Arguments& arguments, const Surroundings& around) {
    const Kept kept = profile_of(arguments, around).bank_card;
    return text_step([kept](const std::string& text) -> Stepped { return Value{masked(text, kept.first, kept.last)}; });
}

StepPtr make_mask_address(Arguments& arguments, const Surroundings& around) {
    const std::string keep = arguments.choice("keep");
    const bool county = keep == "county" || (keep == "profile" && profile_of(arguments, around).county);
    return text_step([county](const std::string& text) -> Stepped {
        return Value{county ? masked_address(text) : std::string{"****"}};
    });
}

StepPtr make_mask_email(Arguments& arguments, const Surroundings& around) {
    const std::size_t first = profile_of(arguments, around).first_of_email ? 1 : 0;
    return text_step([first](const std::string& text) -> Stepped { return Value{masked_email(text, first)}; });
}

StepPtr make_drop(Arguments&, const Surroundings&) {
    return value_step([](const Value&, const Moment&, Warnings&) -> Stepped { return Value{}; });
}

StepPtr make_pseudonymize(Arguments& arguments, const Surroundings& around) {
    const auto length = static_cast<std::size_t>(arguments.whole("len", 16, 64));
    const std::string name = arguments.text("key");
    auto key = around.find_key ? around.find_key(name) : std::nullopt;
    if (!key || key->empty()) {
        arguments.mistake("key", "本网关没有名为 '" + name + "' 的密钥", "this gateway has no key named '" + name + "'",
                          "keys stand in the gateway's configuration, never in a mapping");
        return nullptr;
    }
    const auto mac = arguments.choice("hash") == "sm3" ? crypto::hmac_sm3 : crypto::hmac_sha256;
    return text_step([length, mac, key = std::move(*key)](const std::string& text) -> Stepped {
        return Value{to_hex(mac(key.reveal(), text)).substr(0, length)};
    });
}

/// A step after which the value is of class internal.
Entry masking(std::string name, Maker maker, std::pair<std::string, std::string> help,
              std::vector<Parameter> parameters, std::vector<Example> examples) {
    Entry entry;
    entry.name = std::move(name);
    entry.in = Type::text;
    entry.out = Type::text;
    entry.masks = true;
    entry.parameters = std::move(parameters);
    entry.help_en = std::move(help.first);
    entry.help_zh = std::move(help.second);
    entry.examples = std::move(examples);
    return with_maker(std::move(entry), maker);
}

std::vector<Entry> identity_entries() {
    return {
        masking("mask_name", make_mask_name,
                {"A person's name; names of organisations are not personal and need no mask.", "姓名遮掩"},
                {{.name = "profile",
                  .kind = "choice",
                  .otherwise = "profile",
                  .help_en = "which character stays; profile: as the mapping's masking profile says",
                  .help_zh = "保留哪个字；profile：按映射选用的遮掩方案",
                  .alone = true,
                  .choices = {"profile", "first", "last", "ends"}}},
                {{"张三", "", "张*"},
                 {"张三丰", "", "张**"},
                 {"扎西·次仁", "", "扎*·**"},
                 {"张三丰", "ends", "张*丰"},
                 {"张三", "ends", "**"},
                 {"张三丰", "last", "**丰"},
                 {"张", "", "*"}}),
        masking("mask_id", make_mask_id,
                {"A resident id with the date of birth hidden; anything of another length is hidden whole.",
                 "身份证号遮掩出生日期"},
                {{.name = "profile",
                  .kind = "choice",
                  .otherwise = "default",
                  .help_en = "default: as the mapping's masking profile says; strict: one character on each end",
                  .help_zh = "default：按映射选用的遮掩方案；strict：首尾各留一位",
                  .alone = true,
                  .choices = {"default", "strict"}}},
                {{"'999901199001010010'", "", "999901********0010"},
                 {"'999901900101001'", "", "999901******001"},
                 {"'999901199001010010'", "strict", "9****************0"},
                 {"E12345678", "", "*********"}}),
        masking("mask_phone", make_mask_phone,
                {"A mobile number or land line; anything else is hidden whole.", "电话遮掩"}, {},
                {{"'13800008000'", "", "138****8000"}, {"0999-1231234", "", "0999-***1234"}, {"'12345'", "", "*****"}}),
        masking("mask_bank_card", make_mask_bank_card, {"A bank card number keeps 6 and 4 digits.", "银行卡号遮掩"}, {},
                {{"'9999990000001234'", "", "999999******1234"}, {"'9999991234'", "", "**********"}}),
        masking("mask_address", make_mask_address,
                {"An address up to its county; the rest becomes four stars.", "地址只留到区县"},
                {{.name = "keep",
                  .kind = "choice",
                  .otherwise = "profile",
                  .help_en = "what stays; profile: as the mapping's masking profile says",
                  .help_zh = "保留到哪一级；profile：按映射选用的遮掩方案",
                  .alone = true,
                  .choices = {"profile", "county"}}},
                {{"示例省示例市城关区科技路1号", "", "示例省示例市城关区****"}, {"科技路1号", "", "****"}}),
        masking("mask_email", make_mask_email,
                {"An e-mail address keeps its first character and its domain; anything else is hidden whole.",
                 "电子邮箱遮掩"},
                {}, {{"zhangsan@example.com", "", "z*******@example.com"}, {"zhangsan", "", "********"}}),
    };
}

}  // namespace

std::vector<Entry> mask_entries() {
    std::vector<Entry> all{
        masking(
            "mask", make_mask,
            {"Keeps characters on the ends; a text that is not longer than those is hidden whole. More than 10 in all "
             "lower no privacy class.",
             "保留首尾，其余遮掩；合计保留超过 10 个字符的不降低密级"},
            {{.name = "keep_first", .kind = "whole", .otherwise = "0", .help_en = "characters", .help_zh = "字符数"},
             {.name = "keep_last", .kind = "whole", .otherwise = "0", .help_en = "characters", .help_zh = "字符数"},
             {.name = "char",
              .kind = "text",
              .otherwise = "*",
              .help_en = "in place of what is hidden",
              .help_zh = "代替被遮掩的字符"}},
            {{"E12345678", "{keep_first: 1, keep_last: 4}", "E****5678"},
             {"E1234", "{keep_first: 1, keep_last: 4}", "*****"},
             {"张三", "", "**"},
             {"张三", "{char: ×}", "××"}}),
    };
    for (Entry& entry : identity_entries()) {
        all.push_back(std::move(entry));
    }
    all.push_back(masking("pseudonymize", make_pseudonymize,
                          {"The same value gives the same token (HMAC-SHA256 or HMAC-SM3, hexadecimal), which tells "
                           "nothing of it.",
                           "用密钥生成不可还原的代号（HMAC-SHA256 或 HMAC-SM3）"},
                          {{.name = "key",
                            .kind = "text",
                            .required = true,
                            .help_en = "name of the gateway's key",
                            .help_zh = "网关密钥的名称",
                            .alone = true},
                           {.name = "len",
                            .kind = "whole",
                            .otherwise = "32",
                            .help_en = "hexadecimal digits, 16 to 64",
                            .help_zh = "十六进制位数，16 至 64"},
                           {.name = "hash",
                            .kind = "choice",
                            .otherwise = "sha256",
                            .help_en = "sm3 where national algorithms are asked for (GB/T 32905)",
                            .help_zh = "要求国密算法时用 sm3（GB/T 32905）",
                            .choices = {"sha256", "sm3"}}},
                          {{"Hi There", "{key: example, len: 16}", "b0344c61d8db3853"},
                           {"Hi There", "{key: example, len: 16, hash: sm3}", "51b00d1fb49832bf"},
                           {"Hi There", "example", "b0344c61d8db38535ca8afceaf0bf12b"}}));
    Entry drop = masking("drop", make_drop, {"Nothing is left of the value: null.", "整个值丢弃，变为空"}, {},
                         {{"'999901199001010010'", "", "null"}, {"[甲, 乙]", "", "null"}});
    drop.in = Type::any;
    drop.out = Type::any;
    all.push_back(std::move(drop));
    return all;
}

}  // namespace datong::steps
