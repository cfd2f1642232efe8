#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

// libxml2's own; whoever looks into them stands in this room
struct _xmlDoc;
struct _xmlNode;

namespace datong::envelope {

/// A SOAP envelope as a tree, to put something into it that a Record can't: a header beside a body whose prefixes and
/// order must stay as they are. One thread at a time.
class Tree {
public:
    /// @param utf8  text; an encoding declaration in it is not believed.
    /// @return Fault::bad_request for what is no envelope of SOAP 1.1 or 1.2, has a DTD, or is beyond the limits of
    ///         codec::read_xml. Never the content.
    [[nodiscard]] static Result<Tree> read(std::string_view utf8);

    [[nodiscard]] std::string_view version() const noexcept { return is_12_ ? "1.2" : "1.1"; }
    [[nodiscard]] std::string_view uri() const noexcept;  ///< namespace of the envelope
    [[nodiscard]] _xmlNode* envelope() const;
    [[nodiscard]] _xmlNode* body() const;

    /// Appends a block to the Header, which is made where there is none.
    /// @param block  one element as codec::write_xml wrote it, its namespaces declared in it.
    [[nodiscard]] Status add_header(std::string_view block);

    /// Appends an element to a block of the Header. @return Fault::bad_request when there is no such block.
    [[nodiscard]] Status add_to_header(std::string_view block_uri, std::string_view block_name,
                                       std::string_view element);

    /// Gives the Body a wsu:Id.
    void name_body(std::string_view id);

    /// UTF-8 without an XML declaration.
    [[nodiscard]] std::string write() const;

private:
    struct Free {
        void operator()(_xmlDoc* tree) const noexcept;
    };
    using Owned = std::unique_ptr<_xmlDoc, Free>;
    Tree(Owned tree, bool is_12) : tree_{std::move(tree)}, is_12_{is_12} {}

    [[nodiscard]] Status append(_xmlNode* parent, std::string_view element);

    Owned tree_;
    bool is_12_{};
};

/// The local name, and the namespace (empty for none).
[[nodiscard]] std::string_view name_of(const _xmlNode* element);
[[nodiscard]] std::string_view uri_of(const _xmlNode* element);
/// The first element below; nullptr for none.
[[nodiscard]] _xmlNode* first_child(const _xmlNode* element);
[[nodiscard]] _xmlNode* next_element(const _xmlNode* element);

}  // namespace datong::envelope
