#include "core/wsse/xml_form.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/wsse/envelope.h"
#include "core/wsse/xml_names.h"

namespace datong::wsse {
namespace {

using record::Record;

constexpr std::string_view kInstance = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view kItem = "item";

/// Whether XML 1.0 can hold the text. Source: XML 1.0, 2.2.
bool fits_xml(std::string_view utf8) {
    const bool has_control = std::any_of(utf8.begin(), utf8.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
    return !has_control && utf8.find("\xEF\xBF\xBE") == std::string_view::npos &&
           utf8.find("\xEF\xBF\xBF") == std::string_view::npos;
}

/// A text as JSON that XML can hold. JSON writes U+FFFE and U+FFFF as they are; XML 1.0 has neither.
std::string as_json(const Record& text) {
    constexpr std::string_view kEnd = "\xEF\xBF";  // of the plane: two of what begins so are no characters
    const std::string json = codec::write_json(text);
    std::string out;
    std::size_t from = 0;
    for (std::size_t at = json.find(kEnd); at != std::string::npos; at = json.find(kEnd, at + kEnd.size())) {
        const std::string_view one = std::string_view{json}.substr(at, 3);
        if (!fits_xml(one)) {
            out.append(json, from, at - from).append(one.back() == '\xBE' ? "\\ufffe" : "\\uffff");
            from = at + one.size();
        }
    }
    return out.append(json, from);
}

class Writer {
public:
    /// @param empty  nullptr: bytes are written as Base64.
    explicit Writer(std::string_view uri, std::vector<EmptyLeaf>* empty = nullptr) : uri_{uri}, empty_{empty} {}

    void write(const Record& value, const std::string& name) {
        switch (value.kind()) {
            case Record::Kind::null:
                open(name, R"( xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true")");
                break;
            case Record::Kind::boolean:
                leaf(name, R"( type="boolean")", value.scalar());
                break;
            case Record::Kind::number:
                leaf(name, R"( type="number")", value.scalar());
                break;
            case Record::Kind::bytes:
                write_bytes(value, name);
                break;
            case Record::Kind::text:
                write_text(value, name);
                break;
            case Record::Kind::object:
                open(name, value.members().empty() ? R"( type="object")" : "");
                for (const record::Member& member : value.members()) {
                    write(member.value, to_xml_name(member.name.view()));
                }
                break;
            case Record::Kind::list:
                open(name, R"( type="list")");
                for (const Record& item : value.items()) {
                    write(item, std::string{kItem});
                }
                break;
        }
        out_.append("</").append(name).append(">");
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void open(std::string_view name, std::string_view attributes) {
        out_.append("<").append(name);
        if (out_.size() == name.size() + 1) {  // the root
            out_.append(" xmlns=\"").append(uri_).append("\"");
        }
        out_.append(attributes).append(">");
    }
    void leaf(std::string_view name, std::string_view attributes, std::string_view text) {
        open(name, attributes);
        append_canonical_text(out_, text);
    }
    void write_bytes(const Record& value, std::string_view name) {
        leaf(name, {}, empty_ == nullptr ? to_base64(value.scalar()) : std::string{});
        if (empty_ != nullptr) {
            empty_->push_back({.at = out_.size(), .octets = std::string{value.scalar()}});
        }
    }
    void write_text(const Record& value, std::string_view name) {
        fits_xml(value.scalar()) ? leaf(name, {}, value.scalar()) : leaf(name, R"( type="json")", as_json(value));
    }

    std::string_view uri_;
    std::vector<EmptyLeaf>* empty_;
    std::string out_;
};

tl::unexpected<Error> refuse(const std::string& pointer, std::string_view why) {
    return fail(Fault::bad_request, "xml: " + (pointer.empty() ? "/" : pointer) + ' ' + std::string{why});
}

/// The type that a schema gives; of several that are not null the first. Empty: none.
std::string_view type_in(const Record* schema) {
    const Record* type = schema == nullptr ? nullptr : schema->find("type");
    if (type == nullptr) {
        return {};
    }
    for (const Record& one : type->items()) {
        if (one.scalar() != "null") {
            return one.scalar();
        }
    }
    return type->scalar();
}

/// The words of JSON Schema in those of the attribute.
std::string_view word_of(std::string_view schema_type) {
    return schema_type == "array" ? "list" : schema_type == "integer" ? "number" : schema_type;
}

const Record* schema_of_member(const Record* schema, std::string_view name) {
    const Record* properties = schema == nullptr ? nullptr : schema->find("properties");
    return properties == nullptr ? nullptr : properties->find(name);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kWhite = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kWhite);
    return begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

class Reader {
public:
    explicit Reader(std::string_view uri) : uri_{uri} {}

    Result<Record> read(Element element, const Record* schema, const std::string& pointer) {
        const auto type = type_of(element, schema, pointer);
        if (!type) {
            return fail(type.error());
        }
        if (*type == "object") {
            return read_object(element, schema, pointer);
        }
        if (*type == "list") {
            return read_list(element, schema, pointer);
        }
        const auto text = text_of(element);
        if (!text) {
            return refuse(pointer, "holds more than text");
        }
        return read_leaf(*text, *type, pointer);
    }

private:
    Result<std::string> type_of(Element element, const Record* schema, const std::string& pointer) {
        for (const Attribute& one : attributes_of(element)) {
            const bool is_ours = one.uri.empty() && one.name == "type";
            if (!is_ours && one.uri != kInstance) {
                return refuse(pointer, "has an attribute that is not known");
            }
        }
        if (const auto nil = attribute_of(element, "nil", kInstance); nil == "true" || nil == "1") {
            return std::string{"null"};
        }
        if (auto said = attribute_of(element, "type")) {
            constexpr std::array<std::string_view, 6> kTypes{"text", "number", "boolean", "list", "object", "json"};
            if (std::find(kTypes.begin(), kTypes.end(), *said) == kTypes.end()) {
                return refuse(pointer, "has a type that is none of text, number, boolean, list, object and json");
            }
            return std::move(*said);
        }
        const std::string_view known = word_of(type_in(schema));
        if (!known.empty()) {
            return std::string{known};
        }
        return std::string{children_of(element).empty() ? "text" : "object"};
    }

    Result<Record> read_object(Element element, const Record* schema, const std::string& pointer) {
        Record object = Record::object();
        if (has_text(element)) {
            return refuse(pointer, "holds text beside its members");
        }
        for (Element child : children_of(element)) {
            auto name = from_xml_name(name_of(child));
            if (!name || uri_of(child) != uri_) {
                return refuse(pointer,
                              name ? "holds an element of another namespace" : "has a name that can't be read");
            }
            constexpr std::size_t kMostMembers = 1'000;  // each is looked for among those before it
            if (object.members().size() >= kMostMembers) {
                return refuse(pointer, "has too many members");
            }
            if (object.find(*name) != nullptr) {
                return refuse(pointer, "holds a member twice");
            }
            const Record* inner = schema_of_member(schema, *name);
            // a name that the contract does not know may be anything, so it is not repeated
            auto value = read(child, inner, pointer + '/' + (inner != nullptr ? *name : "?"));
            if (!value) {
                return value;
            }
            object.append(record::Text{*name}, std::move(*value));
        }
        return object;
    }

    Result<Record> read_list(Element element, const Record* schema, const std::string& pointer) {
        Record list = Record::list();
        if (has_text(element)) {
            return refuse(pointer, "holds text beside its items");
        }
        for (Element child : children_of(element)) {
            if (!is(child, uri_, kItem)) {
                return refuse(pointer, "is a list and holds items only");
            }
            auto value = read(child, schema == nullptr ? nullptr : schema->find("items"),
                              pointer + '/' + std::to_string(list.items().size()));
            if (!value) {
                return value;
            }
            list.add(std::move(*value));
        }
        return list;
    }

    static Result<Record> read_leaf(const std::string& text, const std::string& type, const std::string& pointer) {
        if (type == "null") {
            return text.empty() ? Result<Record>{Record{}} : refuse(pointer, "is nil and holds text");
        }
        if (type == "boolean") {
            const std::string_view word = trimmed(text);
            const bool truth = word == "true" || word == "1";
            return truth || word == "false" || word == "0" ? Result<Record>{Record::boolean(truth)}
                                                           : refuse(pointer, "is neither true nor false");
        }
        if (type == "number" || type == "json") {
            auto value = codec::read_json(type == "number" ? trimmed(text) : std::string_view{text});
            const bool fits = value && (type == "number" ? value->is_number() : value->is_text());
            return fits ? std::move(value) : refuse(pointer, "is no JSON " + type);
        }
        return Record::text(record::Text{text});
    }

    std::string_view uri_;
};

}  // namespace

std::string write_xml_form(const Record& value, std::string_view name, std::string_view uri) {
    Writer writer{uri};
    writer.write(value, to_xml_name(name));
    return writer.take();
}

std::string write_xml_form_with_holes(const Record& value, std::string_view name, std::string_view uri,
                                      std::vector<EmptyLeaf>& empty) {
    Writer writer{uri, &empty};
    writer.write(value, to_xml_name(name));
    return writer.take();
}

Result<Record> read_xml_form(Element element, std::string_view uri, const Record& schema) {
    if (uri_of(element) != uri) {
        return refuse({}, "is of another namespace");
    }
    return Reader{uri}.read(element, schema.is_null() ? nullptr : &schema, {});
}

}  // namespace datong::wsse
