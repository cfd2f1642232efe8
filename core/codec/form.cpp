#include "core/codec/form.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/codec/http_message.h"

namespace datong::codec {
namespace {

using record::Member;
using record::Record;

constexpr std::size_t kMaxFields = 10'000;

bool stands_for_itself(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '*' || c == '-' ||
           c == '.' || c == '_';
}

void append_escaped(std::string& out, std::string_view octets) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : octets) {
        if (stands_for_itself(c)) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        }
    }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty()) {
        out += '&';
    }
    append_escaped(out, name);
    out += '=';
    append_escaped(out, value);
}

std::optional<std::string> unescape(std::string_view part) {
    std::string spaced{part};
    std::ranges::replace(spaced, '+', ' ');
    return percent_decode(spaced);
}

}  // namespace

std::string write_form(const std::vector<FormField>& fields) {
    std::string out;
    for (const FormField& field : fields) {
        append_field(out, field.name, field.value);
    }
    return out;
}

Result<std::string> write_form(const Record& object) {
    if (!object.is_object()) {
        return fail(Fault::internal, "a form is written from an object");
    }
    std::string out;
    for (const Member& member : object.members()) {
        const bool is_list = member.value.is_list();
        const Record::List one(is_list ? 0 : 1, member.value);
        for (const Record& item : is_list ? member.value.items() : one) {
            if (!item.is_scalar()) {
                return fail(Fault::internal, "a form's field wants a scalar");
            }
            append_field(out, member.name, item.scalar());
        }
    }
    return out;
}

Result<std::vector<FormField>> read_form(std::string_view text) {
    auto fields = read_form_octets(text);
    for (std::size_t i = 0; fields && i < fields->size(); ++i) {
        if (!is_utf8((*fields)[i].name) || !is_utf8((*fields)[i].value)) {
            return fail(Fault::bad_request, "form: field " + std::to_string(i + 1) + " is not UTF-8");
        }
    }
    return fields;
}

Result<std::vector<FormField>> read_form_octets(std::string_view text) {
    std::vector<FormField> fields;
    for (const std::string_view part : split(text, '&')) {
        if (part.empty()) {
            continue;
        }
        if (fields.size() == kMaxFields) {
            return fail(Fault::bad_request, "form: too many fields");
        }
        const std::size_t equals = std::min(part.find('='), part.size());
        auto name = unescape(part.substr(0, equals));
        auto value = unescape(part.substr(std::min(equals + 1, part.size())));
        if (!name || !value) {
            return fail(Fault::bad_request,
                        "form: field " + std::to_string(fields.size() + 1) + " has a broken escape");
        }
        fields.push_back({std::move(*name), std::move(*value)});
    }
    return fields;
}

}  // namespace datong::codec
