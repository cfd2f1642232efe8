#include "core/envelope/tree.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlsave.h>

#include "core/codec/soap.h"
#include "core/codec/xml.h"

namespace datong::envelope {
namespace {

struct FreeBuffer {
    void operator()(xmlBuffer* buffer) const noexcept { xmlBufferFree(buffer); }
};

std::string_view view_of(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

const xmlChar* xml(const char* text) {
    return reinterpret_cast<const xmlChar*>(text);
}

xmlNode* next_of(xmlNode* node) {
    while (node != nullptr && node->type != XML_ELEMENT_NODE) {
        node = node->next;
    }
    return node;
}

/// What codec::read_xml has let through (no DTD, bounded), as a tree.
xmlDoc* parse(std::string_view text) {
    constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    return xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", kOptions);
}

tl::unexpected<Error> refuse(const char* reason) {
    return fail(Fault::bad_request, std::string{"envelope: "} + reason);
}

}  // namespace

void Tree::Free::operator()(_xmlDoc* tree) const noexcept {
    xmlFreeDoc(tree);
}

std::string_view name_of(const _xmlNode* element) {
    return element == nullptr ? std::string_view{} : view_of(element->name);
}

std::string_view uri_of(const _xmlNode* element) {
    return element == nullptr || element->ns == nullptr ? std::string_view{} : view_of(element->ns->href);
}

_xmlNode* first_child(const _xmlNode* element) {
    return element == nullptr ? nullptr : next_of(element->children);
}

_xmlNode* next_element(const _xmlNode* element) {
    return element == nullptr ? nullptr : next_of(element->next);
}

Result<Tree> Tree::read(std::string_view utf8) {
    const auto judged = codec::read_xml(utf8, true);  // its limits, before a tree costs more than a reading
    if (!judged) {
        return fail(judged.error());
    }
    if (judged->name != "Envelope" || (judged->uri != codec::kSoap11 && judged->uri != codec::kSoap12)) {
        return refuse("none of version 1.1 or 1.2");
    }
    Owned tree{parse(utf8)};
    if (tree == nullptr) {
        return refuse("not well-formed");
    }
    Tree made{std::move(tree), judged->uri == codec::kSoap12};
    if (made.body() == nullptr) {
        return refuse("no Body");
    }
    return made;
}

std::string_view Tree::uri() const noexcept {
    return is_12_ ? codec::kSoap12 : codec::kSoap11;
}

_xmlNode* Tree::envelope() const {
    return xmlDocGetRootElement(tree_.get());
}

_xmlNode* Tree::body() const {
    for (xmlNode* child = first_child(envelope()); child != nullptr; child = next_element(child)) {
        if (name_of(child) == "Body" && uri_of(child) == uri()) {
            return child;
        }
    }
    return nullptr;
}

Status Tree::add_header(std::string_view block) {
    xmlNode* header = first_child(envelope());
    if (name_of(header) != "Header" || uri_of(header) != uri()) {
        xmlNode* first = envelope()->children;
        header = xmlNewDocNode(tree_.get(), envelope()->ns, xml("Header"), nullptr);
        first != nullptr ? xmlAddPrevSibling(first, header) : xmlAddChild(envelope(), header);
    }
    return append(header, block);
}

Status Tree::append(_xmlNode* parent, std::string_view element) {
    const Owned source{parse(element)};
    xmlNode* root = source != nullptr ? xmlDocGetRootElement(source.get()) : nullptr;
    xmlNode* copy = root != nullptr ? xmlDocCopyNode(root, tree_.get(), 1) : nullptr;
    if (copy == nullptr || xmlAddChild(parent, copy) == nullptr) {
        return refuse("a header block can't be put in");
    }
    return {};
}

Status Tree::add_to_header(std::string_view block_uri, std::string_view block_name, std::string_view element) {
    for (xmlNode* block = first_child(first_child(envelope())); block != nullptr; block = next_element(block)) {
        if (name_of(block) == block_name && uri_of(block) == block_uri) {
            return append(block, element);
        }
    }
    return refuse("no such header block");
}

void Tree::name_body(std::string_view id) {
    constexpr const char* kWsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    xmlNs* space = xmlNewNs(body(), xml(kWsu), xml("wsu"));
    space = space != nullptr ? space : xmlSearchNsByHref(tree_.get(), body(), xml(kWsu));
    xmlSetNsProp(body(), space, xml("Id"), xml(std::string{id}.c_str()));
}

std::string Tree::write() const {
    const std::unique_ptr<xmlBuffer, FreeBuffer> buffer{xmlBufferCreate()};
    xmlSaveCtxt* saving = xmlSaveToBuffer(buffer.get(), "UTF-8", XML_SAVE_NO_DECL | XML_SAVE_AS_XML);
    xmlSaveDoc(saving, tree_.get());
    xmlSaveClose(saving);
    std::string out{view_of(xmlBufferContent(buffer.get()))};
    while (out.ends_with('\n')) {
        out.pop_back();
    }
    return out;
}

}  // namespace datong::envelope
