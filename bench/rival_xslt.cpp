#include "bench/rivals.h"

#ifdef DATONG_WITH_XSLT

#include <memory>

#include <libxml/parser.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#endif

namespace datong::bench {

#ifdef DATONG_WITH_XSLT
namespace {

template <auto free_it>
struct FreeWith {
    void operator()(auto* one) const { free_it(one); }
};
using Document = std::unique_ptr<xmlDoc, FreeWith<xmlFreeDoc>>;
using Stylesheet = std::unique_ptr<xsltStylesheet, FreeWith<xsltFreeStylesheet>>;

struct FreeText {
    void operator()(xmlChar* text) const { xmlFree(text); }
};
using Text = std::unique_ptr<xmlChar, FreeText>;

Document parse(std::string_view xml, const char* encoding) {
    return Document{xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, encoding,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR)};
}

/// The text of the element `return`: a document of its own.
Text inner_document(const xmlDoc* soap) {
    const xmlNode* at = xmlDocGetRootElement(soap);
    while (at != nullptr && xmlStrEqual(at->name, BAD_CAST "return") == 0) {
        at = xmlFirstElementChild(const_cast<xmlNode*>(at));  // libxml2's prototype is older than const
    }
    return Text{at != nullptr ? xmlNodeGetContent(at) : nullptr};
}

std::optional<std::string> transform(xsltStylesheet& stylesheet, std::string_view soap) {
    const Document outer = parse(soap, nullptr);
    const Text inner = outer ? inner_document(outer.get()) : nullptr;
    if (inner == nullptr) {
        return std::nullopt;
    }
    const Document record = parse(reinterpret_cast<const char*>(inner.get()), "UTF-8");
    const std::string authority = '\'' + std::string{kAuthority} + '\'';
    const std::string today = '\'' + std::string{kToday} + '\'';
    const char* parameters[] = {"department", authority.c_str(), "today", today.c_str(), nullptr};
    const Document made{record ? xsltApplyStylesheet(&stylesheet, record.get(), parameters) : nullptr};
    xmlChar* text = nullptr;
    int size = 0;
    if (!made || xsltSaveResultToString(&text, &size, made.get(), &stylesheet) != 0) {
        return std::nullopt;
    }
    const Text owned{text};
    return std::string{reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

}  // namespace

Translate land_by_xslt(const std::string& stylesheet) {
    const std::shared_ptr<xsltStylesheet> compiled{
        Stylesheet{xsltParseStylesheetFile(reinterpret_cast<const xmlChar*>(stylesheet.c_str()))}};
    if (compiled == nullptr) {
        return {};
    }
    return [compiled](std::string_view soap) { return transform(*compiled, soap); };
}

#else

Translate land_by_xslt(const std::string&) {
    return {};
}

#endif

}  // namespace datong::bench
