#include "core/codec/soap.h"

#include <utility>

namespace datong::codec {
namespace {

using record::Member;
using record::Record;

tl::unexpected<Error> refuse(std::string reason) {
    return fail(Fault::bad_request, "SOAP: " + std::move(reason));
}

/// An element with attributes is an object with "#text".
std::string text_of(const Record* value) {
    if (value == nullptr) {
        return {};
    }
    if (value->is_list()) {
        return value->items().empty() ? std::string{} : text_of(&value->items().front());
    }
    return value->is_object() ? value->text_of("#text") : std::string{value->scalar()};
}

void read_fault(SoapMessage& message) {
    const Record& fault = message.body;
    message.is_fault = true;
    if (message.version == "1.1") {
        message.fault_code = text_of(fault.find("faultcode"));
        message.fault_text = text_of(fault.find("faultstring"));
        return;
    }
    message.fault_code = text_of(fault.find_path({"Code", "Value"}));
    message.fault_text = text_of(fault.find_path({"Reason", "Text"}));
}

Status take_body(SoapMessage& message, Record& body) {
    if (body.is_list()) {
        return refuse("more than one Body");
    }
    if (!body.is_object()) {
        return body.scalar().find_first_not_of(" \t\r\n") == std::string_view::npos ? Status{}
                                                                                    : refuse("text in the Body");
    }
    for (Member& member : body.members_to_edit()) {
        if (member.name == "#text") {
            return refuse("text in the Body");
        }
        if (!member.name.starts_with('@') && message.body_name.empty()) {
            // RPC encoding puts further elements behind the first one, maybe of its name
            message.body_name = std::move(member.name);
            message.body =
                member.value.is_list() ? std::move(member.value.items_to_edit().front()) : std::move(member.value);
        }
    }
    return {};
}

std::string_view uri_of(std::string_view version) {
    if (version == "1.1") {
        return kSoap11;
    }
    return version == "1.2" ? kSoap12 : std::string_view{};
}

/// <m:action xmlns:m="uri">, or <action> without a namespace.
Result<std::string> write_action(std::string_view action, std::string_view uri, const Record& content) {
    if (uri.empty()) {
        return write_xml(content, action);
    }
    Record qualified = Record::object();
    qualified.put("@xmlns:m", Record::text(std::string{uri}));
    if (!content.is_object() && !content.is_null()) {
        qualified.put("#text", content);
    }
    for (const Member& member : content.members()) {
        qualified.members_to_edit().push_back(member);
    }
    return write_xml(qualified, "m:" + std::string{action});
}

Result<std::string> write_header(const Record& header) {
    std::string out;
    for (const Member& member : header.members()) {
        const Record::List one{member.value};
        for (const Record& block : member.value.is_list() ? member.value.items() : one) {
            auto written = write_xml(block, member.name);
            if (!written) {
                return written;
            }
            out += *written;
        }
    }
    return out;
}

}  // namespace

Result<SoapMessage> read_soap(std::string_view bytes, bool is_text, const XmlLimits& limits) {
    auto root = read_xml(bytes, is_text, limits);
    if (!root) {
        return fail(std::move(root.error()).within("SOAP"));
    }
    if (root->name != "Envelope" || (root->uri != kSoap11 && root->uri != kSoap12)) {
        return refuse("no envelope of version 1.1 or 1.2");
    }
    Record* body = root->content.find("Body");
    if (body == nullptr) {
        return refuse("no Body");
    }
    SoapMessage message;
    message.version = root->uri == kSoap11 ? "1.1" : "1.2";
    if (auto taken = take_body(message, *body); !taken) {
        return fail(std::move(taken.error()));
    }
    if (Record* header = root->content.find("Header"); header != nullptr) {
        if (header->is_list()) {
            return refuse("more than one Header");
        }
        message.header = header->is_object() ? std::move(*header) : Record::object();
    }
    if (message.body_name == "Fault") {
        read_fault(message);
    }
    return message;
}

Result<std::string> write_soap(std::string_view version, std::string_view action, std::string_view uri,
                               const Record& content, const Record& header) {
    const std::string_view envelope = uri_of(version);
    if (envelope.empty()) {
        return fail(Fault::internal, "SOAP has versions 1.1 and 1.2");
    }
    const auto blocks = write_header(header);
    if (!blocks) {
        return fail(blocks.error());
    }
    const auto body = write_action(action, uri, content);
    if (!body) {
        return fail(body.error());
    }
    std::string out{"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\""};
    out.append(envelope).append("\">");
    if (!blocks->empty()) {
        out.append("<soap:Header>").append(*blocks).append("</soap:Header>");
    }
    return out.append("<soap:Body>").append(*body).append("</soap:Body></soap:Envelope>");
}

}  // namespace datong::codec
