#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/record/record.h"

namespace datong::path {

/// How a mapping reads a text: without blanks around it; nullopt for null. Empty: as it stands.
using Normalise = std::function<std::optional<std::string_view>(std::string_view)>;

/// "@name" and "#text": what an XML element has besides elements.
[[nodiscard]] bool is_attribute_or_text(std::string_view name);

/// Whether an object is an XML element of text alone, with attributes or none; text beside elements is more than that.
[[nodiscard]] bool is_text_element(const record::Record& node);

/// Whether what stands where a group of fields or a list is wanted says that there is none: null, a text that is read
/// as null, an empty list, and what old systems write for them, "null", "[]" and "{}" as texts.
[[nodiscard]] bool says_nothing(const record::Record& node, const Normalise& normalise);

/// Whether words stand where a group of fields is wanted: a text or a number that says something, with attributes
/// beside it or not. A name below them is not missing: nobody knows what would stand there.
[[nodiscard]] bool is_words(const record::Record& node, const Normalise& normalise);

}  // namespace datong::path
