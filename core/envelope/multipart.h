#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace datong::envelope {

struct MultipartLimits {
    std::size_t max_parts = 64;
    std::size_t max_head = 16'384;  ///< bytes of one part's header lines
};

/// One part of a MIME message, its transfer encoding undone.
struct Part {
    std::string content_id;    ///< without its angle brackets; empty: none
    std::string content_type;  ///< as received
    std::string body;
};

/// A SOAP message with attachments: MTOM or SwA.
struct Multipart {
    std::size_t root{};  ///< the part that is the envelope
    std::vector<Part> parts;
};

/// Whether a Content-Type is multipart/related.
[[nodiscard]] bool is_multipart(std::string_view content_type);

/// A parameter of a Content-Type, without its quotes; empty: none. Source: RFC 2045, 5.1.
[[nodiscard]] std::string parameter_of(std::string_view content_type, std::string_view name);

/// Takes a message apart. Bare line feeds are accepted where CRLF is right; the end must be there.
/// @return Fault::department_invalid for a message that is cut short, has too many or too long parts, no such root, or
///         a transfer encoding but 7bit, 8bit, binary and base64. Never the content.
/// Source: RFC 2046, 5.1.1; RFC 2387, 3.2.
[[nodiscard]] Result<Multipart> read_multipart(std::string_view content_type, std::string_view body,
                                               const MultipartLimits& limits = {});

}  // namespace datong::envelope
