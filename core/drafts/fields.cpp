#include "core/drafts/fields.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "core/base/text.h"
#include "core/record/date.h"
#include "core/workbench/infer.h"

namespace datong::drafts {
namespace {

using record::Record;

constexpr int kDeepest = 4;

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool looks_like_resident_id(std::string_view text) {
    constexpr std::size_t kSize = 18;
    return text.size() == kSize && is_digits(text.substr(0, 17)) &&
           (is_digits(text.substr(17)) || text[17] == 'X' || text[17] == 'x') &&
           record::parse_iso_date(std::string{text.substr(6, 4)} + '-' + std::string{text.substr(10, 2)} + '-' +
                                  std::string{text.substr(12, 2)})
               .has_value();
}

bool looks_like_uscc(std::string_view text) {
    constexpr std::size_t kSize = 18;
    const auto is_code = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    return text.size() == kSize && std::ranges::all_of(text, is_code) && is_digits(text.substr(2, 6)) &&
           !looks_like_resident_id(text) && std::ranges::any_of(text, [](char c) { return c >= 'A'; });
}

/// The form of a date by its look; empty for none.
std::string date_form_of(std::string_view text) {
    const std::string digits{text};
    const auto is_day = [](const std::string& year, const std::string& month, const std::string& day) {
        return year >= "1900" && year < "2200" && record::parse_iso_date(year + '-' + month + '-' + day).has_value();
    };
    if (text.size() == 8 && is_digits(text) && is_day(digits.substr(0, 4), digits.substr(4, 2), digits.substr(6, 2))) {
        return "yyyyMMdd";
    }
    if (text.size() == 14 && is_digits(text) && is_day(digits.substr(0, 4), digits.substr(4, 2), digits.substr(6, 2))) {
        return "yyyyMMddHHmmss";
    }
    if (text.size() >= 10 && text[4] == '-' && text[7] == '-' &&
        is_day(digits.substr(0, 4), digits.substr(5, 2), digits.substr(8, 2))) {
        return text.size() == 10                                         ? "yyyy-MM-dd"
               : text.size() == 19 && text[10] == ' ' && text[13] == ':' ? "yyyy-MM-dd HH:mm:ss"
                                                                         : "";
    }
    return {};
}

/// Digits that a consumer's double does not hold, as the keys of Java systems have: they are a name, not a number.
bool is_too_long_a_number(std::string_view text) {
    constexpr std::ptrdiff_t kMostDigits = 15;
    return std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; }) > kMostDigits;
}

/// Whether a value looks like a code whose table the department must still give.
bool looks_like_code(std::string_view name, std::string_view value) {
    const std::string lower = ascii_lower(name);
    const bool is_short = !value.empty() && value.size() <= 2 && std::ranges::all_of(value, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    });
    const bool is_named = lower.ends_with("lb") || lower.ends_with("lx") || lower.ends_with("zt") ||
                          lower.ends_with("dm") || lower.ends_with("dj") || lower.ends_with("zl") ||
                          lower.ends_with("xb") || lower.ends_with("type") || lower.ends_with("code") ||
                          lower.ends_with("status") || lower.ends_with("state") || lower.ends_with("flag");
    return is_short && is_named;
}

/// Whether a name can stand in a path, and in the settings, where ${NAME} is a variable of the environment.
bool is_path(const record::Member& member) {
    const std::string_view name = member.name.view();
    return !name.empty() && name.find_first_of(".[]'\"* #@:") == std::string_view::npos &&
           name.find("${") == std::string_view::npos;
}

class Gathering {
public:
    explicit Gathering(const std::vector<Item>& items) : items_{items} {}

    void object(const Record& record, const std::string& prefix, int depth) {
        for (const record::Member& member : record.members()) {
            one(member, prefix, depth);
        }
    }

    Fields made;

private:
    void one(const record::Member& member, const std::string& prefix, int depth) {
        const std::string path = prefix + member.name;
        if (!is_path(member) || depth > kDeepest) {
            made.skipped.push_back(path);
        } else if (member.value.is_object()) {
            object(member.value, path + '.', depth + 1);
        } else if (member.value.is_list()) {
            list(member, path);
        } else {
            made.fields.push_back(field(member.name, path, member.value, targets_));
        }
    }

    void list(const record::Member& member, const std::string& path) {
        const auto& items = member.value.items();
        if (items.empty() || !items.front().is_object()) {
            made.skipped.push_back(path);
            return;
        }
        FieldList list{.path = path, .target = target_of(member.name, targets_), .fields = {}};
        std::set<std::string> targets;
        for (const record::Member& inner : items.front().members()) {
            if (is_path(inner) && (inner.value.is_scalar() || inner.value.is_null())) {
                list.fields.push_back(field(inner.name, inner.name, inner.value, targets));
            } else {
                made.skipped.push_back(path + '.' + inner.name);
            }
        }
        made.lists.push_back(std::move(list));
    }

    Field field(const std::string& name, const std::string& path, const Record& value, std::set<std::string>& targets) {
        const auto known = std::ranges::find(items_, name, &Item::name);
        Field made_field;
        made_field.path = path;
        made_field.target = target_of(name, targets);
        made_field.label = known != items_.end() ? known->label : name;
        made_field.value = std::string{value.scalar()};
        made_field.required = known != items_.end() && known->required;
        const bool has_point = value.scalar().find('.') != std::string_view::npos;
        made_field.type = value.is_boolean()                                           ? "boolean"
                          : !value.is_number() || is_too_long_a_number(value.scalar()) ? "text"
                          : has_point                                                  ? "decimal"
                                                                                       : "integer";
        made_field.class_name = workbench::guess_class(name, {made_field.value, made_field.label}).class_name;
        if (made_field.class_name.empty() && known != items_.end()) {
            made_field.class_name = workbench::guess_class(made_field.label, {made_field.value}).class_name;
        }
        made_field.looks_like_id = looks_like_resident_id(made_field.value) || looks_like_uscc(made_field.value);
        if (made_field.looks_like_id) {
            made_field.class_name = "sensitive";
        }
        const bool may_be_date = known == items_.end() || known->type == Item::Type::date;
        made_field.date_form = value.is_text() && may_be_date ? date_form_of(made_field.value) : std::string{};
        add_codes(made_field, name, value, known != items_.end() ? &*known : nullptr);
        return made_field;
    }

    void add_codes(Field& field, const std::string& name, const Record& value, const Item* known) {
        if (known != nullptr && !known->codes.empty()) {
            field.codes = known->codes;
        } else if (known == nullptr && value.is_text() && field.class_name.empty() &&
                   looks_like_code(name, field.value)) {
            field.codes = {{field.value, "待部门补全"}};
        }
        if (!field.codes.empty()) {
            field.table = field.target;
        }
    }

    /// A name in the unified record: letters and digits, each once.
    static std::string target_of(const std::string& name, std::set<std::string>& taken) {
        std::string plain;
        bool upper_next = false;
        for (const char c : name) {
            const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            const bool is_digit = c >= '0' && c <= '9';
            if (!is_letter && !(is_digit && !plain.empty())) {
                upper_next = !plain.empty();
                continue;
            }
            plain += upper_next && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            upper_next = false;
        }
        const bool is_shouted = std::ranges::none_of(plain, [](char c) { return c >= 'a' && c <= 'z'; });
        plain = plain.empty() ? "field" : is_shouted ? ascii_lower(plain) : plain;
        plain.front() = ascii_lower(plain.substr(0, 1)).front();
        std::string unique = plain;
        for (int i = 2; !taken.insert(unique).second; ++i) {
            unique = plain + std::to_string(i);
        }
        return unique;
    }

    const std::vector<Item>& items_;
    std::set<std::string> targets_{"certificateTypeName"};
};

}  // namespace

Fields fields_of(const Record& record, const std::vector<Item>& items) {
    Gathering gathering{items};
    gathering.object(record, "", 0);
    return std::move(gathering.made);
}

Record synthetic_record(const std::vector<Item>& items) {
    Record record = Record::object();
    for (const Item& item : items) {
        const std::string looks = item.label + ' ' + ascii_lower(item.name);
        const auto has = [&looks](std::initializer_list<std::string_view> words) {
            return std::ranges::any_of(words,
                                       [&](std::string_view one) { return looks.find(one) != std::string::npos; });
        };
        std::string value = "示例";
        if (!item.codes.empty()) {
            value = item.codes.front().first;
        } else if (item.type == Item::Type::date) {
            value = item.length == 10   ? "2026-03-01"
                    : item.length >= 19 ? "2026-03-01 09:00:00"
                    : item.length == 14 ? "20260301090000"
                                        : "20260301";
        } else if (item.type == Item::Type::whole) {
            value = "1";
        } else if (item.type == Item::Type::decimal) {
            value = "1.00";
        } else if (has({"信用代码", "uscc", "xydm"})) {
            value = "91999901MA6T000124";
        } else if (has({"身份证", "证件号", "公民身份", "sfz", "zjh", "idno", "gmsfh"})) {
            value = "999901199001010010";
        } else if (has({"姓名", "xm", "name", "申请人", "权利人", "负责人"})) {
            value = "示例甲";
        } else if (has({"电话", "手机", "phone", "mobile", "lxdh"})) {
            value = "13800138000";
        } else if (has({"地址", "住所", "address", "坐落"})) {
            value = "示例市示范区样例路18号";
        }
        record.put(item.name, Record::text(value));
    }
    return record;
}

bool is_real_id(std::string_view text) {
    return (looks_like_resident_id(text) && !text.starts_with("9999")) ||
           (looks_like_uscc(text) && text.substr(2, 4) != "9999");
}

}  // namespace datong::drafts
