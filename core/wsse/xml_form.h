#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"
#include "core/wsse/document.h"

namespace datong::wsse {

/// The XML form of a Record (docs/soap.md): one element a member, in one namespace, in the record's order; a list holds
/// `item` elements. What is neither a text nor an object with members says so by the attribute `type` (number, boolean,
/// list, object), null by xsi:nil, and a text that XML can't hold stands as JSON under type="json". So the record comes
/// back as it was, a number with its digits, whoever reads it and without any schema.
/// @param name  of the element, a member's name.
/// @return canonical XML (exclusive form), the namespace declared on the element as the default one.
[[nodiscard]] std::string write_xml_form(const record::Record& value, std::string_view name, std::string_view uri);

/// Where a leaf of bytes is left empty, and the leaf's own octets.
struct EmptyLeaf {
    std::size_t at{};
    std::string octets;
};
/// The same with every leaf of bytes left empty.
/// @param empty  gets them, in their order.
[[nodiscard]] std::string write_xml_form_with_holes(const record::Record& value, std::string_view name,
                                                    std::string_view uri, std::vector<EmptyLeaf>& empty);

/// Reads it again. Where an element has no `type`, the schema says what it is, so that a caller whose tools know the
/// XSD need not write any; where that says nothing either, an element with children is an object, any other a text.
/// @param schema  JSON Schema of the element (`properties`, `items`, `type`); null: none.
/// @return Fault::bad_request naming the place by JSON pointer, never a value: an element of another namespace, twice
///         the same member, text beside elements, an attribute that is not ours.
[[nodiscard]] Result<record::Record> read_xml_form(Element element, std::string_view uri, const record::Record& schema);

}  // namespace datong::wsse
