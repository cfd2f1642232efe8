#include "tests/core/contracts/xml_judge.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <memory>

namespace datong::tests {
namespace {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* one) const {
        Free(one);
    }
};

void keep_first(void* into, xmlErrorPtr error) {
    auto& text = *static_cast<std::string*>(into);
    text = text.empty() ? "line " + std::to_string(error->line) + ": " + error->message : text;
}

// the type of the argument is const from libxml2 2.12 on
extern "C" void keep_first_error(void* into, const xmlError* error) {
    keep_first(into, const_cast<xmlErrorPtr>(error));
}

}  // namespace

std::string judged_by_schema(const std::string& xsd, const std::string& document) {
    std::string said;
    const auto on_error = reinterpret_cast<xmlStructuredErrorFunc>(keep_first_error);
    const std::unique_ptr<xmlSchemaParserCtxt, FreeWith<xmlSchemaFreeParserCtxt>> parser{
        xmlSchemaNewMemParserCtxt(xsd.data(), static_cast<int>(xsd.size()))};
    xmlSchemaSetParserStructuredErrors(parser.get(), on_error, &said);
    const std::unique_ptr<xmlSchema, FreeWith<xmlSchemaFree>> schema{xmlSchemaParse(parser.get())};
    if (schema == nullptr) {
        return "the schema: " + said;
    }
    const std::unique_ptr<xmlDoc, FreeWith<xmlFreeDoc>> tree{
        xmlReadMemory(document.data(), static_cast<int>(document.size()), nullptr, nullptr, XML_PARSE_NONET)};
    const std::unique_ptr<xmlSchemaValidCtxt, FreeWith<xmlSchemaFreeValidCtxt>> valid{
        xmlSchemaNewValidCtxt(schema.get())};
    xmlSchemaSetValidStructuredErrors(valid.get(), on_error, &said);
    const int verdict = tree == nullptr ? -1 : xmlSchemaValidateDoc(valid.get(), tree.get());
    return verdict == 0 ? said : said.empty() ? "not valid" : said;
}

}  // namespace datong::tests
