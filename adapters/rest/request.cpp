#include "adapters/rest/request.h"

#include <algorithm>
#include <string_view>

#include "adapters/rest/condition.h"
#include "core/adapter/http_source.h"

namespace datong::adapters::rest {
namespace {

using adapter::Ask;
using adapter::Errand;
using record::Record;

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

/// Whether a condition has taken it up.
bool is_used(const Operation& operation, const std::string& name) {
    return std::ranges::any_of(operation.conditions,
                               [&](const auto& condition) { return has(condition.second.names(), name); });
}

/// Puts the conditions among the fields, and the fields they are made of out.
Result<Record> fields_of(const Operation& operation, const Ask& what, const Errand& errand) {
    if (operation.conditions.empty()) {
        return what.fields;
    }
    Record fields = Record::object();
    for (const record::Member& member : what.fields.members()) {
        if (!is_used(operation, member.name)) {
            fields.append(member.name, Record{member.value});
        }
    }
    const auto in_quotes = [&](const std::string& name) -> Result<std::string> {
        auto value = value_of(name, what, errand, charset::Charset::utf_8);
        return value ? condition_value(name, *value, operation.charset) : std::move(value);
    };
    for (const auto& [name, pattern] : operation.conditions) {
        auto condition = pattern.fill(in_quotes);
        if (!condition) {
            return fail(std::move(condition.error()));
        }
        fields.put(name, Record::text(std::move(*condition)));
    }
    return fields;
}

/// @return name=value of the fields that `wanted` says, joined by '&'.
template <class Wanted>
Result<std::string> pairs(const Operation& operation, const Ask& what, const Errand& errand, Wanted wanted) {
    std::string joined;
    for (const record::Member& member : what.fields.members()) {
        const std::string name = member.name.str();
        if (has(operation.path.names(), name) || !wanted(name)) {
            continue;
        }
        auto value = value_of(name, what, errand, operation.charset);
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

/// The fields that neither path nor query has.
Result<Record> rest_of(const Operation& operation, const Ask& what, const Errand& errand, charset::Charset charset) {
    Record rest = Record::object();
    for (const record::Member& member : what.fields.members()) {
        if (has(operation.path.names(), member.name) || has(operation.query, member.name)) {
            continue;
        }
        if (charset == charset::Charset::utf_8 || !member.value.is_text()) {
            rest.append(member.name, Record{member.value});
            continue;
        }
        auto value = value_of(member.name, what, errand, charset);
        if (!value) {
            return fail(std::move(value.error()));
        }
        rest.append(member.name, Record::text(std::move(*value)));
    }
    return rest;
}

Result<Body> body_of(const Operation& operation, const Ask& what, const Errand& errand) {
    if (operation.format == BodyFormat::form) {
        return pairs(operation, what, errand, [&](const std::string& name) { return !has(operation.query, name); })
            .map([](std::string form) { return Body{.content_type = std::string{kForm}, .bytes = std::move(form)}; });
    }
    const bool in_charset = operation.format == BodyFormat::multipart;
    const auto rest = rest_of(operation, what, errand, in_charset ? operation.charset : charset::Charset::utf_8);
    if (!rest) {
        return fail(rest.error());
    }
    switch (operation.format) {
        case BodyFormat::json:
            return json_body(*rest);
        case BodyFormat::xml:
            return xml_body(*rest, operation.root, operation.root_uri);
        case BodyFormat::multipart:
        case BodyFormat::form:
            break;
    }
    return multipart_body(*rest);
}

Status add_body(const Operation& operation, const Ask& what, const Errand& errand, codec::HttpMessage& request) {
    if (has_no_body(operation.method)) {
        return {};
    }
    std::string type = operation.content_type.empty() ? what.content_type : operation.content_type;
    request.body = what.body;
    if (what.body.empty() && !what.fields.members().empty()) {
        auto body = body_of(operation, what, errand);
        if (!body) {
            return fail(std::move(body.error()));
        }
        request.body = std::move(body->bytes);
        // a multipart's type holds its boundary
        const bool keeps_own = operation.content_type.empty() || operation.format == BodyFormat::multipart;
        type = keeps_own ? std::move(body->content_type) : type;
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

Result<codec::HttpMessage> request_for(const Operation& operation, const Ask& asked, const Errand& errand) {
    Ask what = asked;
    auto fields = fields_of(operation, asked, errand);
    if (!fields) {
        return fail(std::move(fields.error()));
    }
    what.fields = std::move(*fields);
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
