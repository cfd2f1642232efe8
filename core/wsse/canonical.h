#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/wsse/document.h"

namespace datong::wsse {

/// One of the canonical forms that signatures are made over.
struct CanonicalForm {
    enum class Kind { inclusive_1_0, inclusive_1_1, exclusive_1_0 } kind{Kind::exclusive_1_0};
    bool with_comments{};
    std::vector<std::string>
        prefixes{};  ///< of the exclusive form: treated as the inclusive one does ("#default": none)
};

/// The form that an algorithm's URI names. Source: XML Signature 1.1, 6.5; Exclusive XML Canonicalization 1.0, 4.
[[nodiscard]] std::optional<CanonicalForm> canonical_form(std::string_view uri);

/// How much of a document one element is.
struct Weight {
    std::size_t nodes{};       ///< itself and all below it: elements, texts, comments, processing instructions
    std::size_t attributes{};  ///< of all of them, with their namespace declarations
};
/// Whether it weighs no more, looked at no further than it takes to say so. What a canonical form costs is by these
/// many times what their reading cost.
[[nodiscard]] bool is_light(Element element, const Weight& most);

/// The canonical octets of one element with all below it, by libxml2's canonicaliser, or as
/// it would write them (write_exclusive).
/// @param apex     nullptr: the whole document, comments and processing instructions around the root included.
/// @param without  an element that is left out with all below it (the enveloped signature); nullptr: none.
/// @return UTF-8; Fault::bad_request where the form can't be made (a relative namespace URI).
[[nodiscard]] Result<std::string> canonicalise(const Document& document, Element apex, const CanonicalForm& form,
                                               Element without = nullptr);

}  // namespace datong::wsse
