#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/codec/xml.h"
#include "core/record/record.h"

namespace datong::codec {

inline constexpr std::string_view kSoap11 = "http://schemas.xmlsoap.org/soap/envelope/";
inline constexpr std::string_view kSoap12 = "http://www.w3.org/2003/05/soap-envelope";

/// A SOAP message taken apart.
struct SoapMessage {
    std::string version;     ///< "1.1" or "1.2"
    record::Record header;   ///< content of Header, null when there is none
    std::string body_name;   ///< local name of Body's first child
    record::Record body;     ///< its content, as read_xml gives it
    bool is_fault{};         ///< the child was a Fault
    std::string fault_code;  ///< "soap:Server", as written
    std::string fault_text;  ///< faultstring or Reason/Text; may hold personal data
};

/// @return Fault::bad_request when it is no SOAP envelope.
[[nodiscard]] Result<SoapMessage> read_soap(std::string_view bytes, bool is_text, const XmlLimits& limits = {});

/// Wraps content into an envelope: Body > action (in `uri` when given) > members of content.
[[nodiscard]] Result<std::string> write_soap(std::string_view version, std::string_view action, std::string_view uri,
                                             const record::Record& content, const record::Record& header = {});

}  // namespace datong::codec
