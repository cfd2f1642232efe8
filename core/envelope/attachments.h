#pragma once

#include <string>

#include "core/envelope/multipart.h"

namespace datong::envelope {

/// The envelope of a message with attachments as one document, so that a mapping reads it like any other:
///
/// - MTOM: an xop:Include becomes the part's Base64 as the text of its parent.
/// - SwA: an empty element with `href="cid:..."`, and one whose whole text is "cid:..." (swaRef), get the part's
///   Base64 as their text.
/// - Parts that nothing points at stand behind the content of Body's first child, as
///   `<attachments><part id="..." type="...">Base64</part>...</attachments>`.
///
/// Each part stands there once: one that is pointed at twice is refused, so that an answer can't multiply.
/// @return UTF-8 without an XML declaration; Fault::department_invalid.
/// Source: XOP 1.0, 4; SOAP Messages with Attachments, 3; WS-I Attachments Profile 1.0, 4.4.
[[nodiscard]] Result<std::string> inline_attachments(const Multipart& message);

/// The same, and where the Base64 would stand is the text "cid:N", N the part's place in `message.parts`: for files too
/// large to go through a mapping.
[[nodiscard]] Result<std::string> name_attachments(const Multipart& message);

}  // namespace datong::envelope
