#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/base/text.h"
#include "core/signing/structured_field.h"

namespace datong::signing::sf {
namespace {

constexpr std::int64_t kGreatestInteger = 999'999'999'999'999;
constexpr std::size_t kWholeDigits = 12;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_alpha(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

tl::unexpected<Error> trouble(std::string_view what) {
    return fail(Fault::bad_request, "structured field: " + std::string{what} + " can't be written");
}

/// Appends in place; every function says whether it could. Source: RFC 9651, 4.1; one function a clause.
class Writer {
public:
    Writer() {
        constexpr std::size_t kUsual = 256;
        out_.reserve(kUsual);
    }

    Status key(std::string_view name) {
        const auto belongs = [](char c) {
            return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
        };
        if (name.empty() || (!is_lower(name[0]) && name[0] != '*') || !std::all_of(name.begin(), name.end(), belongs)) {
            return trouble("a key of other characters");
        }
        out_ += name;
        return {};
    }

    Status bare(const BareItem& value) {
        return std::visit([this](const auto& one) { return put(one); }, value);
    }

    Status parameters(const Parameters& all) {
        for (const auto& [name, value] : all.entries) {
            out_ += ';';
            if (auto done = key(name); !done) {
                return done;
            }
            if (value == BareItem{true}) {
                continue;
            }
            out_ += '=';
            if (auto done = bare(value); !done) {
                return done;
            }
        }
        return {};
    }

    Status item(const Item& one) {
        if (auto done = bare(one.value); !done) {
            return done;
        }
        return parameters(one.parameters);
    }

    Status inner_list(const InnerList& all) {
        out_ += '(';
        for (const Item& one : all.items) {
            if (&one != &all.items.front()) {
                out_ += ' ';
            }
            if (auto done = item(one); !done) {
                return done;
            }
        }
        out_ += ')';
        return parameters(all.parameters);
    }

    Status member(const MemberValue& value) {
        const auto* list = std::get_if<InnerList>(&value);
        return list != nullptr ? inner_list(*list) : item(std::get<Item>(value));
    }

    Status dictionary_member(const std::string& name, const MemberValue& value) {
        if (auto done = key(name); !done) {
            return done;
        }
        const auto* alone = std::get_if<Item>(&value);
        if (alone != nullptr && alone->value == BareItem{true}) {
            return parameters(alone->parameters);
        }
        out_ += '=';
        return member(value);
    }

    void comma() {
        if (!out_.empty()) {
            out_ += ", ";
        }
    }

    Result<std::string> take(Status done) {
        if (!done) {
            return fail(std::move(done.error()));
        }
        return std::move(out_);
    }

private:
    Status put(std::int64_t value) {
        if (value > kGreatestInteger || value < -kGreatestInteger) {
            return trouble("an integer of over 15 digits");
        }
        out_ += std::to_string(value);
        return {};
    }

    Status put(const Decimal& value) {
        if (value.thousandths > kGreatestInteger || value.thousandths < -kGreatestInteger) {
            return trouble("a decimal of over 12 digits");
        }
        const std::int64_t size = std::abs(value.thousandths);
        std::string fraction = std::to_string(1000 + size % 1000).substr(1);
        fraction.erase(std::max<std::size_t>(1, fraction.find_last_not_of('0') + 1));
        out_.append(value.thousandths < 0 ? "-" : "").append(std::to_string(size / 1000)).append(".").append(fraction);
        return {};
    }

    Status put(const std::string& value) {
        if (!std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
            return trouble("a string of other characters");
        }
        out_ += '"';
        std::string_view rest = value;
        for (auto at = rest.find_first_of("\"\\"); at != std::string_view::npos; at = rest.find_first_of("\"\\")) {
            out_.append(rest.substr(0, at)).append("\\").append(rest.substr(at, 1));
            rest.remove_prefix(at + 1);
        }
        out_.append(rest).append("\"");
        return {};
    }

    Status put(const Token& value) {
        const auto belongs = [](char c) {
            return is_alpha(c) || is_digit(c) ||
                   std::string_view{"!#$%&'*+-.^_`|~:/"}.find(c) != std::string_view::npos;
        };
        const std::string& text = value.text;
        if (text.empty() || (!is_alpha(text[0]) && text[0] != '*') || !std::all_of(text.begin(), text.end(), belongs)) {
            return trouble("a token of other characters");
        }
        out_ += text;
        return {};
    }

    Status put(const Bytes& value) {
        out_.append(":").append(to_base64(value.octets)).append(":");
        return {};
    }

    Status put(bool value) {
        out_ += value ? "?1" : "?0";
        return {};
    }

    Status put(const Date& value) {
        out_ += '@';
        return put(value.seconds);
    }

    Status put(const DisplayString& value) {
        if (!is_utf8(value.utf8)) {
            return trouble("a display string that is no UTF-8");
        }
        out_ += "%\"";
        for (const char c : value.utf8) {
            if (c == '%' || c == '"' || c < ' ' || c > '~') {
                out_.append("%").append(to_hex(std::string_view{&c, 1}));
            } else {
                out_ += c;
            }
        }
        out_ += '"';
        return {};
    }

    std::string out_;
};

}  // namespace

std::optional<Decimal> to_decimal(std::string_view digits) {
    const bool negative = digits.starts_with('-');
    digits.remove_prefix(negative ? 1 : 0);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const std::string_view whole = digits.substr(0, point);
    std::string fraction{digits.substr(std::min(point + 1, digits.size()))};
    const bool all_digits =
        std::all_of(whole.begin(), whole.end(), is_digit) && std::all_of(fraction.begin(), fraction.end(), is_digit);
    if (whole.empty() || !all_digits || whole.size() > kWholeDigits) {
        return std::nullopt;
    }
    fraction.append(fraction.size() < 3 ? 3 - fraction.size() : 0, '0');
    const std::string rest = fraction.substr(3);
    auto value = static_cast<std::int64_t>(to_whole_number(std::string{whole} + fraction.substr(0, 3)).value_or(0));
    const bool over_half =
        !rest.empty() && rest[0] >= '5' && (rest[0] > '5' || rest.find_first_not_of('0', 1) != std::string::npos);
    const bool half = !rest.empty() && rest[0] == '5' && !over_half;
    value += over_half || (half && value % 2 != 0) ? 1 : 0;
    return Decimal{negative ? -value : value};
}

Result<std::string> write(const BareItem& value) {
    Writer writer;
    return writer.take(writer.bare(value));
}

Result<std::string> write(const Item& item) {
    Writer writer;
    return writer.take(writer.item(item));
}

Result<std::string> write(const InnerList& list) {
    Writer writer;
    return writer.take(writer.inner_list(list));
}

Result<std::string> write(const Parameters& parameters) {
    Writer writer;
    return writer.take(writer.parameters(parameters));
}

Result<std::string> write(const List& list) {
    Writer writer;
    for (const MemberValue& value : list) {
        writer.comma();
        if (auto done = writer.member(value); !done) {
            return fail(std::move(done.error()));
        }
    }
    return writer.take({});
}

Result<std::string> write(const Dictionary& dictionary) {
    Writer writer;
    for (const auto& [name, value] : dictionary) {
        writer.comma();
        if (auto done = writer.dictionary_member(name, value); !done) {
            return fail(std::move(done.error()));
        }
    }
    return writer.take({});
}

}  // namespace datong::signing::sf
