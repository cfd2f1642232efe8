#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

// libxml2's own; whoever looks into them stands in this room
struct _xmlDoc;
struct _xmlNode;

namespace datong::wsse {

/// An element of a document. Lives as long as its document.
using Element = const _xmlNode*;

struct DocumentLimits {
    std::size_t max_bytes = 8U << 20U;
    int max_depth = 64;
    int max_attributes = 64;  ///< of one element; namespace declarations count
    std::size_t max_elements = 100'000;
    int max_namespaces = 32;          ///< in scope: canonical forms look through all of them at every element
    std::size_t max_namespace = 256;  ///< octets of a namespace URI: canonical forms write it anew where it is used
};

/// While it lives libxml2 prints nothing of this thread's: its complaints show octets of the document.
class Silence {
public:
    Silence();
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence();
};

/// For what is whole at hand and was bounded where it came in, as an answer that is verified: whatever it holds may be
/// read, or a large answer would be called a bad one. An element takes four octets.
[[nodiscard]] inline DocumentLimits limits_of(std::string_view whole) {
    constexpr std::size_t kMost = 1U << 30U;  // libxml2 counts in int
    return {.max_bytes = std::min(whole.size(), kMost), .max_elements = whole.size() / 4 + 1};
}

/// A document as a tree, for signatures: they need namespaces, comments and order, which a Record does not keep.
/// Nothing in it was judged. One thread at a time.
class Document {
public:
    /// Reads a document from an untrusted peer: a document type declaration is refused as soon as it is seen, nothing
    /// is fetched, no entity is replaced.
    /// @return Fault::bad_request with the line and libxml2's number, never the content; Fault::body_too_large.
    [[nodiscard]] static Result<Document> read(std::string_view bytes, const DocumentLimits& limits = {});

    [[nodiscard]] Element root() const;
    [[nodiscard]] _xmlDoc* tree() const noexcept { return tree_.get(); }

    /// The one element whose identifier is `id`, by an attribute `Id` of whatever namespace, `ID`, `id` or `xml:id`.
    /// @return Fault::signature_invalid where there is none, and where there are two: whoever verified would not know
    ///         which of them is meant. Source: XML Signature 1.1, 4.4.3.2; WS-Security 1.1.1, 4.
    [[nodiscard]] Result<Element> by_id(std::string_view id) const;

private:
    struct Free {
        void operator()(_xmlDoc* tree) const noexcept;
    };
    std::unique_ptr<_xmlDoc, Free> tree_;
    std::vector<Element> named_;  ///< which may have an identifier, in document order
};

/// The local name, empty for nullptr.
[[nodiscard]] std::string_view name_of(Element element);
/// The namespace, empty for none.
[[nodiscard]] std::string_view uri_of(Element element);
[[nodiscard]] bool is(Element element, std::string_view uri, std::string_view name);
/// @param uri  empty: an attribute without prefix.
[[nodiscard]] std::optional<std::string> attribute_of(Element element, std::string_view name,
                                                      std::string_view uri = {});
/// The same as it stands in the tree, for what is compared and refused otherwise.
/// @return nullopt as well where the value has several pieces, as only entities of a document type make them.
[[nodiscard]] std::optional<std::string_view> attribute_in_place(Element element, std::string_view name,
                                                                 std::string_view uri = {});
struct Attribute {
    std::string_view uri;  ///< empty for none
    std::string_view name;
};
/// Its attributes without their values; namespace declarations are none.
[[nodiscard]] std::vector<Attribute> attributes_of(Element element);
/// Whether it holds text of its own that is more than white space; of its children nothing counts.
[[nodiscard]] bool has_text(Element element);
/// Whether a comment or a processing instruction stands anywhere within: canonical forms leave comments out, so one in
/// the middle of a text would show two readers two texts.
[[nodiscard]] bool holds_notes(Element element);
/// Elements below, in their order; comments, processing instructions and text are passed over.
[[nodiscard]] std::vector<Element> children_of(Element element);
/// The one child of that name. @return nullptr when there is none or more than one.
[[nodiscard]] Element only_child(Element element, std::string_view uri, std::string_view name);
/// Where it stands, for people: "/Envelope/Body", with "[2]" behind a name that its parent has before.
[[nodiscard]] std::string path_of(Element element);
/// Every element of that name below, and the element itself, in document order.
[[nodiscard]] std::vector<Element> find_all(Element from, std::string_view uri, std::string_view name);
/// The text of an element that holds nothing else: a comment or an element inside would let one reader see another
/// text than the next. @return Fault::bad_request.
[[nodiscard]] Result<std::string> text_of(Element element);

}  // namespace datong::wsse
