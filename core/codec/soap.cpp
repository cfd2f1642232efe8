#include "core/codec/soap.h"

#include <algorithm>
#include <unordered_map>
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

/// Puts what RPC encoding points at where it is pointed at. What is put in is counted before it is copied, elements and
/// octets, so that pointers to pointers can't multiply, and so is how deep they nest, so that they can't go round.
class Pointers {
public:
    explicit Pointers(const XmlLimits& limits) : limits_{limits} {}

    /// @param element  stays where it is.
    void know(const Record& element) {
        if (element.is_list()) {
            for (const Record& one : element.items()) {
                know(one);
            }
            return;
        }
        if (const std::string_view id = attribute(element, "@id"); is_id(id)) {
            known_.try_emplace(id, &element);  // of two the first
        }
    }

    [[nodiscard]] Status follow(Record& element) { return known_.empty() ? Status{} : follow(element, 0); }

private:
    static std::string_view attribute(const Record& element, std::string_view name) {
        const Record* value = element.find(name);
        return value != nullptr ? value->scalar() : std::string_view{};
    }
    /// Longer ones name nothing: each pointer looks its own up, and a chain of them those of others.
    static bool is_id(std::string_view text) {
        constexpr std::size_t kLongest = 1'024;
        return !text.empty() && text.size() <= kLongest;
    }
    static tl::unexpected<Error> refuse_much() { return refuse("its pointers go round, or to too much"); }

    Status follow(Record& element, int depth) {
        if (depth > limits_.max_depth || ++nodes_ > limits_.max_nodes) {
            return refuse_much();
        }
        if (target_of(element) != nullptr) {
            const Record* target = last_target_of(element);
            std::size_t nodes = nodes_;  // and those of the copy, which is walked next
            if (target == nullptr || !count(*target, nodes)) {
                return refuse_much();
            }
            Record copy = *target;
            if (copy.is_object()) {
                std::erase_if(copy.members_to_edit(), [](const Member& one) { return one.name == "@id"; });
            }
            element = std::move(copy);
        }
        if (element.is_list()) {
            for (Record& one : element.items_to_edit()) {
                if (auto followed = follow(one, depth + 1); !followed) {
                    return followed;
                }
            }
        } else if (element.is_object()) {
            for (Member& one : element.members_to_edit()) {
                if (auto followed = follow(one.value, depth + 1); !followed) {
                    return followed;
                }
            }
        }
        return {};
    }

    /// Of a chain of pointers; nullptr: it goes round, or on for too long.
    [[nodiscard]] const Record* last_target_of(const Record& element) const {
        const Record* last = &element;
        for (int steps = 0; steps <= limits_.max_depth; ++steps) {
            const Record* next = target_of(*last);
            if (next == nullptr) {
                return last;
            }
            last = next;
        }
        return nullptr;
    }

    [[nodiscard]] const Record* target_of(const Record& element) const {
        if (!element.is_object()) {
            return nullptr;
        }
        const std::string_view href = attribute(element, "@href");
        const std::string_view wanted = href.starts_with('#') ? href.substr(1) : attribute(element, "@ref");
        const auto found = is_id(wanted) ? known_.find(wanted) : known_.end();
        return found == known_.end() ? nullptr : found->second;
    }

    /// Counts what a copy of it would cost. @return false as soon as it is too much.
    bool count(const Record& element, std::size_t& nodes) {
        octets_ += element.is_scalar() ? element.scalar().size() : 0;
        if (++nodes > limits_.max_nodes || octets_ > limits_.max_bytes) {
            return false;
        }
        const auto fits = [&](const Record& one) { return count(one, nodes); };
        return std::ranges::all_of(element.items(), fits) &&
               std::ranges::all_of(element.members(), fits, &Member::value);
    }

    const XmlLimits& limits_;
    std::unordered_map<std::string_view, const Record*> known_;
    std::size_t nodes_{};
    std::size_t octets_{};  ///< of what was put in: a copy shares its texts, and who writes it does not
};

/// The first child is what was answered; RPC encoding puts further elements behind it, maybe of its name.
Status take_children(SoapMessage& message, Record& body, const XmlLimits& limits) {
    Pointers pointers{limits};
    for (Member& member : body.members_to_edit()) {
        if (member.name == "#text") {
            return refuse("text in the Body");
        }
        if (member.name.starts_with('@')) {
            continue;
        }
        if (!message.body_name.empty()) {
            pointers.know(member.value);
            continue;
        }
        message.body_name = std::move(member.name);
        if (member.value.is_list()) {
            message.body = std::move(member.value.items_to_edit().front());
            member.value.items_to_edit().erase(member.value.items_to_edit().begin());
            pointers.know(member.value);
        } else {
            message.body = std::move(member.value);
        }
    }
    return pointers.follow(message.body);
}

Status take_body(SoapMessage& message, Record& body, const XmlLimits& limits) {
    if (body.is_list()) {
        return refuse("more than one Body");
    }
    if (!body.is_object()) {
        return body.scalar().find_first_not_of(" \t\r\n") == std::string_view::npos ? Status{}
                                                                                    : refuse("text in the Body");
    }
    return take_children(message, body, limits);
}

std::string_view uri_of(std::string_view version) {
    if (version == "1.1") {
        return kSoap11;
    }
    return version == "1.2" ? kSoap12 : std::string_view{};
}

constexpr std::string_view kXsd = "http://www.w3.org/2001/XMLSchema";
constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view kEncoding11 = "http://schemas.xmlsoap.org/soap/encoding/";
constexpr std::string_view kEncoding12 = "http://www.w3.org/2003/05/soap-encoding";

Record text(std::string_view value) {
    return Record::text(std::string{value});
}

/// A scalar with its type, as RPC encoding wants it. Source: SOAP 1.1, 5.1.
Record typed(const SoapForm& form, const Member& member) {
    if (member.value.is_null()) {
        return Record::object({{"@xsi:nil", text("true")}});
    }
    if (!member.value.is_scalar()) {
        return member.value;
    }
    std::string type = "string";
    for (const auto& [name, said] : form.types) {
        type = name == member.name ? said : type;
    }
    return Record::object({{"@xsi:type", text("xsd:" + type)}, {"#text", member.value}});
}

/// <m:action xmlns:m="uri">, or <action> without a namespace; in style document <action xmlns="uri">.
Result<std::string> write_action(const SoapForm& form, const Record& content) {
    const bool encoded = form.style == SoapForm::Style::rpc_encoded;
    if (form.style == SoapForm::Style::document || (form.uri.empty() && !encoded)) {
        return write_xml(content, form.action, form.uri);
    }
    Record qualified = Record::object();
    if (!form.uri.empty()) {
        qualified.put("@xmlns:m", text(form.uri));
    }
    if (encoded) {
        qualified.put("@soap:encodingStyle", text(form.version == "1.1" ? kEncoding11 : kEncoding12));
        qualified.put("@xmlns:xsd", text(kXsd));
        qualified.put("@xmlns:xsi", text(kXsi));
    }
    if (!content.is_object() && !content.is_null()) {
        qualified.put("#text", content);
    }
    for (const Member& member : content.members()) {
        const bool is_element = encoded && !member.name.starts_with('@') && member.name != "#text";
        qualified.members_to_edit().push_back(is_element ? Member{member.name, typed(form, member)} : member);
    }
    return write_xml(qualified, (form.uri.empty() ? "" : "m:") + form.action);
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
    if (auto taken = take_body(message, *body, limits); !taken) {
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

Result<std::string> write_soap(const SoapForm& form, const Record& content, const Record& header) {
    const std::string_view envelope = uri_of(form.version);
    if (envelope.empty()) {
        return fail(Fault::internal, "SOAP has versions 1.1 and 1.2");
    }
    const auto blocks = write_header(header);
    if (!blocks) {
        return fail(blocks.error());
    }
    const auto body = write_action(form, content);
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

Result<std::string> write_soap(std::string_view version, std::string_view action, std::string_view uri,
                               const Record& content, const Record& header) {
    SoapForm form;
    form.version = version;
    form.action = action;
    form.uri = uri;
    return write_soap(form, content, header);
}

}  // namespace datong::codec
