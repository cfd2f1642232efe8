#include "core/codec/xml.h"

#include <deque>
#include <memory>
#include <vector>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "core/codec/xml_builder.h"
#include "core/codec/xml_text.h"

namespace datong::codec {
namespace {

struct FreeContext {
    void operator()(xmlParserCtxt* context) const noexcept { xmlFreeParserCtxt(context); }
};
using Context = std::unique_ptr<xmlParserCtxt, FreeContext>;

/// What the parser's callbacks are given.
struct Reading {
    XmlBuilder builder;
    xmlParserCtxt* parser{};
    bool keeps_declarations{};
    std::size_t most_namespaces{};
    const char* refused{};  ///< by us
    int error{};            ///< libxml2's number of its first error
    int line{};
    std::deque<std::string> names{};      ///< of declarations: the builder wants them to stay where they are
    std::vector<std::size_t> declared{};  ///< namespaces, by the elements that are open
    std::size_t in_scope{};

    void refuse(const char* reason) {
        if (refused == nullptr && error == 0) {
            refused = reason;
            line = parser->input != nullptr ? parser->input->line : 0;
        }
        xmlStopParser(parser);
    }
};

std::string_view view_of(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

/// While entities are not replaced, the parser leaves an ampersand in an attribute's value as "&#38;";
/// every other reference is resolved.
std::string attribute_value(std::string_view raw) {
    constexpr std::string_view kAmpersand = "&#38;";
    std::string value;
    for (std::size_t at = raw.find(kAmpersand); at != std::string_view::npos; at = raw.find(kAmpersand)) {
        value.append(raw.substr(0, at)).append(1, '&');
        raw.remove_prefix(at + kAmpersand.size());
    }
    return value.append(raw);
}

void add_attributes(Reading& reading, int count, const xmlChar** attributes) {
    // five pointers each: local name, prefix, URI, begin and end of the value
    for (int i = 0; i < count; ++i, attributes += 5) {
        const std::string_view raw{reinterpret_cast<const char*>(attributes[3]),
                                   static_cast<std::size_t>(attributes[4] - attributes[3])};
        if (!reading.builder.attribute(view_of(attributes[0]), attribute_value(raw))) {
            reading.refuse(reading.builder.reason());
            return;
        }
    }
}

void add_declarations(Reading& reading, int count, const xmlChar** declarations) {
    for (int i = 0; i < count; ++i, declarations += 2) {  // prefix, or null for the default; URI
        const std::string_view prefix = view_of(declarations[0]);
        std::string& name = reading.names.emplace_back("xmlns");
        name.append(prefix.empty() ? "" : ":").append(prefix);
        if (!reading.builder.attribute(name, attribute_value(view_of(declarations[1])))) {
            reading.refuse(reading.builder.reason());
            return;
        }
    }
}

void on_start(void* user, const xmlChar* name, const xmlChar*, const xmlChar* uri, int declared,
              const xmlChar** declarations, int count, int, const xmlChar** attributes) {
    Reading& reading = *static_cast<Reading*>(user);
    reading.declared.push_back(static_cast<std::size_t>(declared));
    reading.in_scope += reading.declared.back();
    if (reading.in_scope > reading.most_namespaces) {
        reading.refuse("too many namespaces in scope");
        return;
    }
    if (!reading.builder.start(view_of(name), view_of(uri))) {
        reading.refuse(reading.builder.reason());
        return;
    }
    if (reading.keeps_declarations) {
        add_declarations(reading, declared, declarations);
    }
    add_attributes(reading, count, attributes);
}

void on_end(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
    Reading& reading = *static_cast<Reading*>(user);
    reading.builder.end();
    reading.in_scope -= reading.declared.back();
    reading.declared.pop_back();
}

void on_text(void* user, const xmlChar* text, int size) {
    static_cast<Reading*>(user)->builder.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
}

void on_document_type(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
    static_cast<Reading*>(user)->refuse("a document type declaration is not allowed");
}

#if LIBXML_VERSION >= 21200
using LibraryError = const xmlError*;
#else
using LibraryError = xmlError*;
#endif

void on_error(void* user, LibraryError error) {
    Reading& reading = *static_cast<Reading*>(user);
    if (error->level < XML_ERR_ERROR || reading.refused != nullptr || reading.error != 0) {
        return;
    }
    reading.error = error->code;
    reading.line = error->line;
    xmlStopParser(reading.parser);
}

xmlSAXHandler handler() {
    xmlSAXHandler sax{};
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
    sax.characters = on_text;
    sax.ignorableWhitespace = on_text;
    sax.cdataBlock = on_text;
    sax.internalSubset = on_document_type;
    sax.serror = on_error;
    return sax;
}

tl::unexpected<Error> refuse(const Reading& reading) {
    const std::string what = reading.refused != nullptr
                                 ? reading.refused
                                 : "not well-formed (libxml2 " + std::to_string(reading.error) + ")";
    return fail(Fault::bad_request, "XML line " + std::to_string(reading.line) + ": " + what);
}

Result<XmlRoot> parse(std::string_view text, const XmlLimits& limits) {
    const Context context{xmlCreateMemoryParserCtxt(text.data(), static_cast<int>(text.size()))};
    if (context == nullptr) {
        return fail(Fault::bad_request, "XML: empty");
    }
    Reading reading{XmlBuilder{limits}, context.get(), limits.keep_declarations, limits.max_namespaces, nullptr, 0, 0};
    // no DTD is ever loaded, no entity replaced, nothing fetched; the text is UTF-8 whatever it declares
    xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    *context->sax = handler();
    context->userData = &reading;
    xmlParseDocument(context.get());
    const bool good = context->wellFormed != 0 && context->nsWellFormed != 0;
    if (!good || reading.refused != nullptr || reading.error != 0 || !reading.builder.root()) {
        return refuse(reading);
    }
    XmlRoot root = std::move(*reading.builder.root());
    root.uri = attribute_value(root.uri);
    return root;
}

}  // namespace

Result<XmlRoot> read_xml(std::string_view text, bool is_text, const XmlLimits& limits) {
    constexpr std::size_t kMost = 1U << 30;  // the parser counts in int
    if (text.size() > limits.max_bytes || text.size() > kMost) {
        return fail(Fault::body_too_large, "XML larger than " + std::to_string(limits.max_bytes) + " bytes");
    }
    std::string owned;
    const auto utf8 = to_xml_text(text, is_text, owned);
    if (!utf8) {
        return fail(utf8.error());
    }
    if (auto safe = check_xml_markup(*utf8, limits); !safe) {
        return fail(std::move(safe.error()));
    }
    return parse(*utf8, limits);
}

}  // namespace datong::codec
