#include "adapters/rest/request.h"

#include <algorithm>
#include <string_view>

#include "core/adapter/http_source.h"

namespace datong::adapters::rest {
namespace {

using adapter::Ask;
using adapter::Errand;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool has_no_body(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "DELETE";
}

/// A field's value in the department's charset; "exchange" is the exchange's id.
Result<std::string> value_of(const std::string& name, const Ask& what, const Errand& errand, charset::Charset charset) {
    const record::Record* field = what.fields.find(name);
    if (field == nullptr && name == "exchange") {
        return errand.exchange;
    }
    if (field == nullptr || !field->is_scalar()) {
        return fail(Fault::request_invalid, "field " + name + " is missing or no single value");
    }
    std::string value{field->scalar()};
    if (field->is_bytes() || charset == charset::Charset::utf_8) {
        return value;
    }
    auto encoded = charset::encode(value, charset);
    if (!encoded) {
        return fail(Fault::request_invalid, "field " + name + " has a character that the charset can't hold");
    }
    return std::move(*encoded);
}

/// @return name=value of the fields that `wanted` says, joined by '&'.
template <class Wanted>
Result<std::string> pairs(const Operation& operation, const Ask& what, const Errand& errand, Wanted wanted) {
    std::string joined;
    for (const record::Member& member : what.fields.members()) {
        if (has(operation.path.names(), member.name) || !wanted(member.name)) {
            continue;
        }
        auto value = value_of(member.name, what, errand, operation.charset);
        if (!value) {
            return fail(std::move(value.error()));
        }
        joined += joined.empty() ? "" : "&";
        joined += codec::percent_encode(member.name) + '=' + codec::percent_encode(*value);
    }
    return joined;
}

Result<std::string> target_for(const Operation& operation, const Ask& what, const Errand& errand) {
    const auto in_path = [&](const std::string& name) -> Result<std::string> {
        auto value = value_of(name, what, errand, operation.charset);
        if (value && value->empty()) {
            return fail(Fault::request_invalid, "field " + name + " is empty, but stands in the path");
        }
        return value.map([](const std::string& text) { return codec::percent_encode(text); });
    };
    auto path = operation.path.fill(in_path);
    if (!path) {
        return fail(std::move(path.error()));
    }
    if (!adapter::is_path(*path)) {
        return fail(Fault::request_invalid, "the fields make a path with dot segments");
    }
    const bool all = has_no_body(operation.method);
    auto query =
        pairs(operation, what, errand, [&](const std::string& name) { return all || has(operation.query, name); });
    if (!query) {
        return fail(std::move(query.error()));
    }
    return *path + (query->empty() ? "" : '?' + *query);
}

/// Visible ASCII stays, other text is percent-encoded: a header has no charset. Control characters
/// would end the line.
Result<std::string> header_text(const std::string& name, const std::string& value) {
    if (!adapter::is_header_value(value)) {
        return fail(Fault::request_invalid, "field " + name + " can't stand in a header");
    }
    std::string made;
    for (const char c : value) {
        const bool is_visible = c >= 0x20 && c < 0x7F;
        made += is_visible ? std::string{c} : codec::percent_encode(std::string_view{&c, 1});
    }
    return made;
}

Status add_headers(const Operation& operation, const Ask& what, const Errand& errand, codec::HttpMessage& request) {
    for (const auto& [header, pattern] : operation.headers) {
        const auto in_header = [&](const std::string& name) -> Result<std::string> {
            auto value = value_of(name, what, errand, charset::Charset::utf_8);
            return value ? header_text(name, *value) : std::move(value);
        };
        auto value = pattern.fill(in_header);
        if (!value) {
            return fail(std::move(value.error()));
        }
        request.set(header, std::move(*value));
    }
    return {};
}

Status add_body(const Operation& operation, const Ask& what, const Errand& errand, codec::HttpMessage& request) {
    if (has_no_body(operation.method)) {
        return {};
    }
    std::string type = operation.content_type.empty() ? what.content_type : operation.content_type;
    request.body = what.body;
    if (what.body.empty() && !what.fields.members().empty()) {
        auto form =
            pairs(operation, what, errand, [&](const std::string& name) { return !has(operation.query, name); });
        if (!form) {
            return fail(std::move(form.error()));
        }
        request.body = std::move(*form);
        type = operation.content_type.empty() ? std::string{kForm} : type;
    }
    if (!adapter::is_header_value(type)) {
        return fail(Fault::internal, "the content type can't stand in a header");
    }
    if (!type.empty()) {
        request.set("Content-Type", std::move(type));
    }
    return {};
}

}  // namespace

Result<codec::HttpMessage> request_for(const Operation& operation, const Ask& what, const Errand& errand) {
    codec::HttpMessage request;
    request.method = operation.method;
    auto target = target_for(operation, what, errand);
    if (!target) {
        return fail(std::move(target.error()));
    }
    request.target = std::move(*target);
    if (!operation.accept.empty()) {
        request.set("Accept", operation.accept);
    }
    if (auto added = add_headers(operation, what, errand, request); !added) {
        return fail(std::move(added.error()));
    }
    if (auto added = add_body(operation, what, errand, request); !added) {
        return fail(std::move(added.error()));
    }
    return request;
}

}  // namespace datong::adapters::rest
