#include "core/wsse/document.h"

#include <cstring>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

namespace datong::wsse {
namespace {

struct FreeContext {
    void operator()(xmlParserCtxt* context) const noexcept { xmlFreeParserCtxt(context); }
};
using Context = std::unique_ptr<xmlParserCtxt, FreeContext>;

/// What the parser says of an attribute: local name, prefix, namespace, begin and end of its value. Names are interned.
constexpr int kOfOneAttribute = 5;

/// What the parser's callbacks are given, by the parser's private pointer.
struct Reading {
    const DocumentLimits& limits;
    std::size_t elements{};
    int depth{};
    const char* refused{};
    std::vector<int> declared{};  ///< namespaces, by the elements that are open
    int in_scope{};
    std::vector<Element> named{};  ///< elements that may have an identifier

    static Reading& of(void* parser) { return *static_cast<Reading*>(static_cast<xmlParserCtxt*>(parser)->_private); }
    void refuse(void* parser, const char* why) {
        refused = refused == nullptr ? why : refused;
        xmlStopParser(static_cast<xmlParserCtxt*>(parser));
    }
};

void on_doctype(void* parser, const xmlChar*, const xmlChar*, const xmlChar*) {
    Reading::of(parser).refuse(parser, "a document type declaration");
}

/// Whether every prefix is bound, and no attribute stands there twice by two prefixes of one namespace: libxml2 goes on
/// with such a document, and canonical forms of it are anybody's guess. Source: Namespaces in XML 1.0, 5 and 6.3.
/// @param values  kOfOneAttribute of each.
bool names_hold(const xmlChar* prefix, const xmlChar* uri, int attributes, const xmlChar** values) {
    bool good = prefix == nullptr || uri != nullptr;
    for (int i = 0; good && i < attributes; ++i) {
        const xmlChar** one = values + static_cast<std::ptrdiff_t>(i) * kOfOneAttribute;
        good = one[1] == nullptr || one[2] != nullptr;
        for (const xmlChar** other = values; good && one[1] != nullptr && other != one; other += kOfOneAttribute) {
            good = other[0] != one[0] || xmlStrEqual(other[2], one[2]) == 0;
        }
    }
    return good;
}

bool may_be_identifier(const xmlChar* name) {
    return name[0] == 'I' || name[0] == 'i';
}

bool is_longer(const xmlChar* text, std::size_t most) {
    return strnlen(reinterpret_cast<const char*>(text), most + 1) > most;
}

void on_start(void* parser, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri, int namespaces,
              const xmlChar** declared, int attributes, int defaulted, const xmlChar** values) {
    Reading& reading = Reading::of(parser);
    if (reading.refused != nullptr) {
        return;
    }
    if (++reading.elements > reading.limits.max_elements) {
        return reading.refuse(parser, "too many elements");
    }
    if (++reading.depth > reading.limits.max_depth) {
        return reading.refuse(parser, "too deep");
    }
    if (attributes + namespaces > reading.limits.max_attributes) {
        return reading.refuse(parser, "too many attributes");
    }
    if (!names_hold(prefix, uri, attributes, values)) {
        return reading.refuse(parser, "a prefix that is not bound, or an attribute twice");
    }
    reading.in_scope += namespaces;
    reading.declared.push_back(namespaces);
    if (reading.in_scope > reading.limits.max_namespaces) {
        return reading.refuse(parser, "too many namespaces in scope");
    }
    for (int i = 0; i < 2 * namespaces; ++i) {  // prefix and URI in turn
        if (declared[i] != nullptr && is_longer(declared[i], reading.limits.max_namespace)) {
            return reading.refuse(parser, "a namespace that is too long");
        }
    }
    xmlSAX2StartElementNs(parser, name, prefix, uri, namespaces, declared, attributes, defaulted, values);
    for (int i = 0; i < attributes; ++i) {
        if (may_be_identifier(values[static_cast<std::ptrdiff_t>(i) * kOfOneAttribute])) {
            reading.named.push_back(static_cast<xmlParserCtxt*>(parser)->node);
            return;
        }
    }
}

void on_end(void* parser, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri) {
    Reading& reading = Reading::of(parser);
    if (reading.refused == nullptr) {
        --reading.depth;
        reading.in_scope -= reading.declared.back();
        reading.declared.pop_back();
        xmlSAX2EndElementNs(parser, name, prefix, uri);
    }
}

void be_silent(void*, const char*, ...) {  // NOLINT(cert-dcl50-cpp): libxml2's form
}

#if LIBXML_VERSION >= 21200
using LibraryError = const xmlError*;
#else
using LibraryError = xmlError*;
#endif

void pass_over(void*, LibraryError) {
}

Context parser_of(Reading& reading) {
    Context parser{xmlNewParserCtxt()};
    if (parser != nullptr) {
        parser->_private = &reading;
        parser->sax->internalSubset = on_doctype;
        parser->sax->externalSubset = nullptr;
        parser->sax->resolveEntity = nullptr;
        parser->sax->startElementNs = on_start;
        parser->sax->endElementNs = on_end;
        parser->sax->error = be_silent;
        parser->sax->warning = be_silent;
        parser->sax->serror = nullptr;
    }
    return parser;
}

/// The document with blanks behind it, which say nothing: within its last 250 octets libxml2 asks at every step whether
/// there are more, which of a short document costs it a tenth of its time. Not in an encoding whose blanks are others.
/// Source: XML 1.0, 2.1 and 2.8 (Misc), Appendix F.1.
std::string with_room_behind(std::string_view bytes) {
    constexpr std::size_t kRoom = 256;
    const bool has_ascii = bytes.size() > 1 && bytes[0] == '<' && bytes[1] != '\0';
    std::string padded;
    padded.reserve(bytes.size() + kRoom);
    return padded.append(bytes).append(has_ascii ? kRoom : 0, ' ');
}

std::string_view view_of(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

std::string_view uri_of(const xmlAttr* attribute) {
    return attribute->ns == nullptr ? std::string_view{} : view_of(attribute->ns->href);
}

bool is_identifier(const xmlAttr* attribute) {
    if (!may_be_identifier(attribute->name)) {
        return false;
    }
    const std::string_view name = view_of(attribute->name);
    if (attribute->ns == nullptr) {
        return name == "Id" || name == "ID" || name == "id";
    }
    return name == "Id" || (name == "id" && view_of(attribute->ns->href) == view_of(XML_XML_NAMESPACE));
}

bool has_value(const xmlAttr* attribute, std::string_view value) {
    std::string_view rest = value;
    for (const xmlNode* part = attribute->children; part != nullptr; part = part->next) {
        const std::string_view its = view_of(part->content);
        if (!rest.starts_with(its)) {
            return false;
        }
        rest.remove_prefix(its.size());
    }
    return rest.empty();
}

std::string value_of(const xmlAttr* attribute) {
    std::string value;
    for (const xmlNode* part = attribute->children; part != nullptr; part = part->next) {
        value.append(view_of(part->content));
    }
    return value;
}

const xmlAttr* find_attribute(Element element, std::string_view name, std::string_view uri) {
    const xmlAttr* attribute = element == nullptr ? nullptr : element->properties;
    while (attribute != nullptr && (view_of(attribute->name) != name || uri_of(attribute) != uri)) {
        attribute = attribute->next;
    }
    return attribute;
}

/// The next element in document order below `top`; nullptr at the end. No recursion: a document may be deep.
const xmlNode* next_in(const xmlNode* at, const xmlNode* top) {
    const xmlNode* next = at->children;
    while (true) {
        while (next != nullptr && next->type != XML_ELEMENT_NODE) {
            next = next->next;
        }
        if (next != nullptr || at == top) {
            return next;
        }
        next = at->next;
        at = at->parent;
        if (next == nullptr && at == top) {
            return nullptr;
        }
    }
}

}  // namespace

Silence::Silence() {
    xmlSetStructuredErrorFunc(nullptr, pass_over);
}

Silence::~Silence() {
    xmlSetStructuredErrorFunc(nullptr, nullptr);
}

void Document::Free::operator()(_xmlDoc* tree) const noexcept {
    xmlFreeDoc(tree);
}

Result<Document> Document::read(std::string_view bytes, const DocumentLimits& limits) {
    if (bytes.size() > limits.max_bytes) {
        return fail(Fault::body_too_large, "xml: over " + std::to_string(limits.max_bytes) + " bytes");
    }
    constexpr std::size_t kUsualDepth = 16;
    Reading reading{.limits = limits};
    reading.declared.reserve(kUsualDepth);
    const std::string padded = with_room_behind(bytes);
    const Context parser = parser_of(reading);
    if (parser == nullptr) {
        return fail(Fault::internal, "xml: no memory");
    }
    // compact: short texts stand in their nodes, for nobody changes the tree
    constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_NOERROR | XML_PARSE_COMPACT;
    const Silence silence;
    Document document;
    document.tree_.reset(
        xmlCtxtReadMemory(parser.get(), padded.data(), static_cast<int>(padded.size()), nullptr, nullptr, kOptions));
    if (reading.refused != nullptr) {
        return fail(Fault::bad_request, std::string{"xml: "} + reading.refused);
    }
    if (document.tree_ == nullptr || parser->wellFormed == 0 || document.root() == nullptr) {
        return fail(Fault::bad_request, "xml: line " + std::to_string(parser->lastError.line) + ": not well-formed (" +
                                            std::to_string(parser->errNo) + ")");
    }
    if (parser->input == nullptr || parser->input->cur != parser->input->end) {
        return fail(Fault::bad_request, "xml: a NUL");  // which libxml2 takes for the end
    }
    document.named_ = std::move(reading.named);
    return document;
}

Element Document::root() const {
    return xmlDocGetRootElement(tree_.get());
}

Result<Element> Document::by_id(std::string_view id) const {
    Element found = nullptr;
    for (Element at : named_) {
        for (const xmlAttr* attribute = at->properties; attribute != nullptr; attribute = attribute->next) {
            const bool is_it = is_identifier(attribute) && has_value(attribute, id);
            if (is_it && found != nullptr) {
                return fail(Fault::signature_invalid, "xml signature: an identifier that two elements have");
            }
            found = is_it ? at : found;
        }
    }
    return found != nullptr ? Result<Element>{found}
                            : fail(Fault::signature_invalid, "xml signature: a reference to nothing");
}

std::string_view name_of(Element element) {
    return element == nullptr ? std::string_view{} : view_of(element->name);
}

std::string_view uri_of(Element element) {
    return element == nullptr || element->ns == nullptr ? std::string_view{} : view_of(element->ns->href);
}

bool is(Element element, std::string_view uri, std::string_view name) {
    return name_of(element) == name && uri_of(element) == uri;
}

std::optional<std::string> attribute_of(Element element, std::string_view name, std::string_view uri) {
    const xmlAttr* attribute = find_attribute(element, name, uri);
    return attribute != nullptr ? std::optional{value_of(attribute)} : std::nullopt;
}

std::optional<std::string_view> attribute_in_place(Element element, std::string_view name, std::string_view uri) {
    const xmlAttr* attribute = find_attribute(element, name, uri);
    const xmlNode* value = attribute == nullptr ? nullptr : attribute->children;
    if (attribute == nullptr || (value != nullptr && (value->type != XML_TEXT_NODE || value->next != nullptr))) {
        return std::nullopt;
    }
    return value == nullptr ? std::string_view{} : view_of(value->content);
}

std::vector<Attribute> attributes_of(Element element) {
    std::vector<Attribute> all;
    const xmlAttr* attribute = element == nullptr ? nullptr : element->properties;
    for (; attribute != nullptr; attribute = attribute->next) {
        all.push_back({.uri = uri_of(attribute), .name = view_of(attribute->name)});
    }
    return all;
}

bool has_text(Element element) {
    const xmlNode* child = element == nullptr ? nullptr : element->children;
    for (; child != nullptr; child = child->next) {
        const bool is_text = child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE;
        if (is_text && view_of(child->content).find_first_not_of(" \t\r\n") != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

bool holds_notes(Element element) {
    for (const xmlNode* at = element; at != nullptr; at = next_in(at, element)) {
        for (const xmlNode* child = at->children; child != nullptr; child = child->next) {
            if (child->type == XML_COMMENT_NODE || child->type == XML_PI_NODE) {
                return true;
            }
        }
    }
    return false;
}

std::vector<Element> children_of(Element element) {
    constexpr std::size_t kUsual = 8;
    std::vector<Element> all;
    all.reserve(kUsual);
    const xmlNode* child = element == nullptr ? nullptr : element->children;
    for (; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            all.push_back(child);
        }
    }
    return all;
}

Element only_child(Element element, std::string_view uri, std::string_view name) {
    Element found = nullptr;
    const xmlNode* child = element == nullptr ? nullptr : element->children;
    for (; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && is(child, uri, name)) {
            if (found != nullptr) {
                return nullptr;
            }
            found = child;
        }
    }
    return found;
}

std::string path_of(Element element) {
    std::string path;
    for (Element at = element; at != nullptr && at->type == XML_ELEMENT_NODE; at = at->parent) {
        std::size_t before = 1;
        for (const xmlNode* other = at->prev; other != nullptr; other = other->prev) {
            before += other->type == XML_ELEMENT_NODE && name_of(other) == name_of(at) ? 1 : 0;
        }
        const std::string index = before > 1 ? "[" + std::to_string(before) + "]" : std::string{};
        path = "/" + std::string{name_of(at)} + index + path;
    }
    return path;
}

std::vector<Element> find_all(Element from, std::string_view uri, std::string_view name) {
    std::vector<Element> all;
    for (const xmlNode* at = from; at != nullptr; at = next_in(at, from)) {
        if (is(at, uri, name)) {
            all.push_back(at);
        }
    }
    return all;
}

Result<std::string> text_of(Element element) {
    std::string text;
    const xmlNode* child = element == nullptr ? nullptr : element->children;
    for (; child != nullptr; child = child->next) {
        if (child->type != XML_TEXT_NODE && child->type != XML_CDATA_SECTION_NODE) {
            return fail(Fault::bad_request, "xml: " + std::string{name_of(element)} + " holds more than text");
        }
        text.append(view_of(child->content));
    }
    return text;
}

}  // namespace datong::wsse
