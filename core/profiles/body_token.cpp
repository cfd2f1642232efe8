#include "core/profiles/body_token.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"

namespace datong::profiles {
namespace {

using record::Record;

constexpr std::size_t kLongestToken = 64U << 10;

tl::unexpected<Error> not_of(const char* format) {
    return fail(Fault::internal, std::string{"the request's body is no "} + format + " that a token can be put into");
}

Result<std::string> with_token_in_json(std::string_view json, const Place& place, const Secret& token) {
    auto message = codec::read_json(json);
    if (!message) {
        return not_of("JSON");
    }
    if (auto put = place.put(*message, Record::text(token.reveal())); !put) {
        return fail(std::move(put.error()));
    }
    return codec::write_json(*message);
}

/// What read_xml gives has lost inner namespaces and comments: such a body is refused, never changed silently.
Result<std::string> with_token_in_xml(const std::string& xml, const Place& place, const Secret& token) {
    auto root = codec::read_xml(xml, true);
    if (!root) {
        return not_of("XML");
    }
    const bool is_declared = xml.starts_with("<?xml");
    const auto again = codec::write_xml(root->content, root->name, root->uri, is_declared);
    if (!again || *again != xml) {
        return not_of("plain XML");
    }
    if (auto put = place.put(root->content, Record::text(token.reveal())); !put) {
        return fail(std::move(put.error()));
    }
    auto written = codec::write_xml(root->content, root->name, root->uri, is_declared);
    return written ? std::move(written) : fail(Fault::department_invalid, "the token can't stand in XML");
}

/// Works on octets: the other fields keep their charset.
Status put_into_form(codec::HttpMessage& request, const TokenSpot& spot, const Secret& token) {
    auto fields = codec::read_form_octets(request.body);
    if (!fields) {
        return not_of("form");
    }
    auto field = std::ranges::find(*fields, spot.name, &codec::FormField::name);
    if (spot.where == TokenPlace::form_json) {
        if (field == fields->end()) {
            return fail(Fault::internal, "the request's form has no field " + spot.name + " for the token");
        }
        auto json = with_token_in_json(field->value, spot.place, token);
        if (!json) {
            return fail(std::move(json.error()));
        }
        field->value = std::move(*json);
    } else if (field == fields->end()) {
        fields->push_back({spot.name, token.reveal()});
    } else {
        field->value = token.reveal();
    }
    request.body = codec::write_form(*fields);
    return {};
}

Status put_into_header(codec::HttpMessage& request, const TokenSpot& spot, const Secret& token) {
    const std::string& text = token.reveal();
    if (!std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; })) {
        return fail(Fault::department_invalid, "the token can't stand in a header");
    }
    request.set(spot.name, text);
    return {};
}

Status put_body(codec::HttpMessage& request, Result<std::string> body) {
    if (!body) {
        return fail(std::move(body.error()));
    }
    request.body = std::move(*body);
    return {};
}

}  // namespace

Status put_token(codec::HttpMessage& request, const TokenSpot& spot, const Secret& token) {
    switch (spot.where) {
        case TokenPlace::json:
            return put_body(request, with_token_in_json(request.body, spot.place, token));
        case TokenPlace::xml:
            return put_body(request, with_token_in_xml(request.body, spot.place, token));
        case TokenPlace::form_json:
        case TokenPlace::form:
            return put_into_form(request, spot, token);
        case TokenPlace::header:
            return put_into_header(request, spot, token);
        case TokenPlace::query:
            break;
    }
    request.target += request.query().empty() ? '?' : '&';
    request.target += codec::percent_encode(spot.name) + '=' + codec::percent_encode(token.reveal());
    return {};
}

Result<Secret> read_token(std::string_view body, const Place& place) {
    const auto answer = read_message(body);
    const Record* token = answer ? place.find(*answer) : nullptr;
    if (token == nullptr || !token->is_scalar() || token->scalar().empty() || token->scalar().size() > kLongestToken ||
        !is_utf8(token->scalar())) {
        return fail(Fault::department_invalid, "the token call's answer holds no token where it should");
    }
    return Secret{std::string{token->scalar()}};
}

}  // namespace datong::profiles
