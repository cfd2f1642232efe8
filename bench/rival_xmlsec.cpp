#include "bench/soap_rivals.h"

#ifdef DATONG_WITH_XMLSEC

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <xmlsec/crypto.h>
#include <xmlsec/keysmngr.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#endif

namespace datong::bench {

#ifdef DATONG_WITH_XMLSEC
namespace {

template <auto free_it>
struct FreeWith {
    void operator()(auto* one) const { free_it(one); }
};
using Document = std::unique_ptr<xmlDoc, FreeWith<xmlFreeDoc>>;
using Context = std::unique_ptr<xmlSecDSigCtx, FreeWith<xmlSecDSigCtxDestroy>>;
using Key = std::shared_ptr<xmlSecKey>;

Key key_of(const std::string& pem) {
    return {xmlSecCryptoAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(pem.data()), pem.size(),
                                         xmlSecKeyDataFormatPem, nullptr, nullptr, nullptr),
            [](xmlSecKey* key) { xmlSecKeyDestroy(key); }};
}

/// xmlsec1 knows no id by itself: ours are told to it, as its command's --id-attr does.
void tell_ids(xmlDoc* document, xmlNode* at) {
    for (; at != nullptr; at = xmlNextElementSibling(at)) {
        for (xmlAttr* attribute = at->properties; attribute != nullptr; attribute = attribute->next) {
            if (xmlStrEqual(attribute->name, BAD_CAST "Id") == 1 && attribute->ns != nullptr) {
                xmlAddID(nullptr, document, attribute->children->content, attribute);
            }
        }
        tell_ids(document, xmlFirstElementChild(at));
    }
}

Document parse(const std::string& message) {
    Document document{
        xmlReadMemory(message.data(), static_cast<int>(message.size()), nullptr, nullptr, XML_PARSE_NONET)};
    if (document) {
        tell_ids(document.get(), xmlDocGetRootElement(document.get()));
    }
    return document;
}

xmlNode* signature_in(xmlDoc* document) {
    return xmlSecFindNode(xmlDocGetRootElement(document), xmlSecNodeSignature, xmlSecDSigNs);
}

bool verify(const Key& key, const std::string& message) {
    const Document document = parse(message);
    const Context context{xmlSecDSigCtxCreate(nullptr)};
    context->signKey = xmlSecKeyDuplicate(key.get());
    return xmlSecDSigCtxVerify(context.get(), signature_in(document.get())) == 0 &&
           context->status == xmlSecDSigStatusSucceeded;
}

std::string sign(const Key& key, const std::string& message) {
    const Document document = parse(message);
    const Context context{xmlSecDSigCtxCreate(nullptr)};
    context->signKey = xmlSecKeyDuplicate(key.get());
    if (xmlSecDSigCtxSign(context.get(), signature_in(document.get())) != 0) {
        return {};
    }
    xmlChar* text = nullptr;
    int size = 0;
    xmlDocDumpMemory(document.get(), &text, &size);
    std::string out{reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
    xmlFree(text);
    return out;
}

}  // namespace

XmlSec xmlsec_with(const PemPair& keys) {
    static const bool is_ready = xmlSecInit() == 0 && xmlSecCryptoAppInit(nullptr) == 0 && xmlSecCryptoInit() == 0;
    const Key secret = is_ready ? key_of(keys.private_pem) : nullptr;
    const Key open = is_ready ? key_of(keys.public_pem) : nullptr;
    if (!secret || !open) {
        return {};
    }
    return {.verify = [open](const std::string& message) { return verify(open, message); },
            .sign = [secret](const std::string& message) { return sign(secret, message); }};
}

#else

XmlSec xmlsec_with(const PemPair& /*keys*/) {
    return {};
}

#endif

}  // namespace datong::bench
