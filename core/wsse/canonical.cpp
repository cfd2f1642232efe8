#include "core/wsse/canonical.h"

#include <array>
#include <memory>

#include <libxml/c14n.h>
#include <libxml/tree.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlerror.h>

#include "core/wsse/exclusive.h"

namespace datong::wsse {
namespace {

using Kind = CanonicalForm::Kind;

struct Named {
    std::string_view uri;
    Kind kind;
    bool with_comments;
};
constexpr std::array<Named, 6> kForms{{
    {"http://www.w3.org/2001/10/xml-exc-c14n#", Kind::exclusive_1_0, false},
    {"http://www.w3.org/2001/10/xml-exc-c14n#WithComments", Kind::exclusive_1_0, true},
    {"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", Kind::inclusive_1_0, false},
    {"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", Kind::inclusive_1_0, true},
    {"http://www.w3.org/2006/12/xml-c14n11", Kind::inclusive_1_1, false},
    {"http://www.w3.org/2006/12/xml-c14n11#WithComments", Kind::inclusive_1_1, true},
}};

/// Which part of a document is wanted.
struct Part {
    const xmlNode* apex{};
    const xmlNode* without{};
    const xmlNode* parent{};  ///< asked about last, as the parent of what was asked for: its children come in a row
    bool is_parent_in{};
};

/// Whether an element lies in the part, by its ancestors.
bool lies_in(const Part& part, const xmlNode* element) {
    bool inside = part.apex == nullptr;
    for (const xmlNode* at = element; at != nullptr; at = at->parent) {
        if (at == part.without) {
            return false;
        }
        inside = inside || at == part.apex;
        if (inside && part.without == nullptr) {
            return true;
        }
    }
    return inside;
}

/// @param parent  of namespace and attribute nodes the element they belong to.
int is_visible(void* user, xmlNode* node, xmlNode* parent) {
    Part& part = *static_cast<Part*>(user);
    const bool is_element = node != nullptr && node->type != XML_NAMESPACE_DECL && node->type != XML_ATTRIBUTE_NODE;
    if (is_element && node == part.without) {
        return 0;
    }
    if (is_element && node == part.apex) {
        return lies_in(part, node) ? 1 : 0;
    }
    const xmlNode* above = is_element ? node->parent : parent;
    if (above != part.parent || above == nullptr) {
        part.parent = above;
        part.is_parent_in = lies_in(part, above);
    }
    return part.is_parent_in ? 1 : 0;
}

int mode_of(Kind kind) {
    switch (kind) {
        case Kind::inclusive_1_0:
            return XML_C14N_1_0;
        case Kind::inclusive_1_1:
            return XML_C14N_1_1;
        case Kind::exclusive_1_0:
            return XML_C14N_EXCLUSIVE_1_0;
    }
    return XML_C14N_EXCLUSIVE_1_0;
}

/// A canonical form may be far longer than the document, for it writes a namespace anew wherever one is used.
constexpr std::size_t kMostOctets = 32U << 20U;

int append_to(void* user, const char* bytes, int size) {
    auto& out = *static_cast<std::string*>(user);
    const auto more = static_cast<std::size_t>(size);
    if (out.size() + more > kMostOctets) {
        return -1;
    }
    out.append(bytes, more);
    return size;
}

int close_nothing(void*) {
    return 0;
}

}  // namespace

std::optional<CanonicalForm> canonical_form(std::string_view uri) {
    for (const Named& named : kForms) {
        if (named.uri == uri) {
            return CanonicalForm{.kind = named.kind, .with_comments = named.with_comments};
        }
    }
    return std::nullopt;
}

bool is_light(Element element, const Weight& most) {
    Weight has;
    for (const xmlNode* at = element; at != nullptr;) {
        ++has.nodes;
        const bool is_element = at->type == XML_ELEMENT_NODE;
        for (const xmlAttr* one = is_element ? at->properties : nullptr; one != nullptr; one = one->next) {
            ++has.attributes;
        }
        for (const xmlNs* one = is_element ? at->nsDef : nullptr; one != nullptr; one = one->next) {
            ++has.attributes;
        }
        if (has.nodes > most.nodes || has.attributes > most.attributes) {
            return false;
        }
        if (is_element && at->children != nullptr) {
            at = at->children;
            continue;
        }
        while (at != element && at->next == nullptr) {
            at = at->parent;
        }
        at = at != element ? at->next : nullptr;
    }
    return true;
}

Result<std::string> canonicalise(const Document& document, Element apex, const CanonicalForm& form, Element without) {
    const bool is_usual = form.kind == Kind::exclusive_1_0 && !form.with_comments && form.prefixes.empty();
    if (auto written = is_usual && apex != nullptr ? write_exclusive(apex, without, kMostOctets) : std::nullopt) {
        return std::move(*written);
    }
    std::string out;
    xmlOutputBuffer* to = xmlOutputBufferCreateIO(append_to, close_nothing, &out, nullptr);
    if (to == nullptr) {
        return fail(Fault::internal, "c14n: no memory");
    }
    Part part{.apex = apex, .without = without};
    std::vector<std::string> names = form.prefixes;
    std::vector<xmlChar*> prefixes;
    for (std::string& name : names) {
        prefixes.push_back(reinterpret_cast<xmlChar*>(name.data()));
    }
    prefixes.push_back(nullptr);
    const bool has_prefixes = form.kind == Kind::exclusive_1_0 && !names.empty();
    const Silence silence;
    const int made = xmlC14NExecute(document.tree(), is_visible, &part, mode_of(form.kind),
                                    has_prefixes ? prefixes.data() : nullptr, form.with_comments ? 1 : 0, to);
    const int closed = xmlOutputBufferClose(to);
    if (made < 0 || closed < 0) {
        return fail(Fault::bad_request, "c14n: this document has no canonical form");
    }
    return out;
}

}  // namespace datong::wsse
