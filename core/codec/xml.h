#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::codec {

/// A namespace whose elements keep a prefix in their names, whatever the document calls it.
struct XmlNamespace {
    std::string prefix;
    std::string uri;
};

struct XmlLimits {
    std::size_t max_bytes = 32U << 20;
    int max_depth = 64;
    std::size_t max_attributes = 64;  ///< an element; namespace declarations count
    std::size_t max_nodes = 100'000;
    std::size_t max_namespaces = 64;  ///< declared at once by the elements that are open: each name is looked for there
    std::span<const XmlNamespace> namespaces{};  ///< must outlive the reading; elements of others go by local name
    bool keep_declarations{};  ///< "@xmlns" and "@xmlns:p" are members too: QNames in values need them
};

/// What the document element is called, and its content as a Record.
struct XmlRoot {
    std::string name;        ///< local name
    std::string uri;         ///< namespace, empty for none
    record::Record content;  ///< see read_xml
};

/// Reads XML from an untrusted peer: no DTD, no entities, no network.
///
/// An element with only text is text (a single text, CDATA joined); an element without anything is
/// an empty text; one with attributes or children is an object: "@name" attributes (xmlns left out),
/// children by local name, "#text" for text beside attributes. A name that comes twice under one
/// parent is a list. Text mixed with children stands under "#text" (docs/mapping.md, 3.3).
/// @param text      UTF-8 text; or bytes as received.
/// @param is_text   the charset is settled: an inner encoding declaration is ignored. Otherwise it is
///                  honoured within utf-8, gbk, gb2312, gb18030 and utf-16, by our own decoder.
/// @return Fault::bad_request with line and reason, never the content; Fault::body_too_large over max_bytes.
[[nodiscard]] Result<XmlRoot> read_xml(std::string_view text, bool is_text, const XmlLimits& limits = {});

/// Writes a Record in the same shape as read_xml reads, with an XML declaration only on request.
/// Everything is escaped; null is an empty element, a list repeats its element, bytes are base64. A
/// name may have a prefix that an "@xmlns:..." member declares.
/// @return Fault::internal for a name that is no XML name or a list within a list; Fault::bad_request
///         for a character that XML 1.0 can't hold (controls but tab, CR, LF).
[[nodiscard]] Result<std::string> write_xml(const record::Record& content, std::string_view root_name,
                                            std::string_view root_uri = {}, bool declaration = false);

/// Text escaped for an element's content or for an attribute in double quotes.
/// @return Fault::bad_request for a character that XML 1.0 can't hold.
[[nodiscard]] Result<std::string> write_xml_text(std::string_view text);

}  // namespace datong::codec
