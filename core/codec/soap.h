#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// Elements that RPC encoding put behind Body's first child and points at (`href="#id"`, `ref="id"` in 1.2) are put
/// where they are pointed at. Source: SOAP 1.1, 5.4.1; SOAP 1.2 Part 2, 3.1.5.
/// @return Fault::bad_request when it is no SOAP envelope, or its pointers go round or multiply beyond the limits.
[[nodiscard]] Result<SoapMessage> read_soap(std::string_view bytes, bool is_text, const XmlLimits& limits = {});

/// How an operation and its content stand in the Body.
struct SoapForm {
    enum class Style {
        rpc,  ///< the operation's element in `uri`, its members in no namespace (rpc/literal; most Axis services)
        rpc_encoded,  ///< the same with encodingStyle, and xsi:type at every scalar member
        document,     ///< everything in `uri` (document/literal with elementFormDefault="qualified"; every .asmx)
    };
    std::string version{"1.1"};  ///< "1.1" or "1.2"
    std::string action;          ///< name of Body's child
    std::string uri;             ///< its namespace; empty: none
    Style style{Style::rpc};
    /// Of rpc_encoded: XML Schema's types of members by name, such as {"arg1", "int"}; "string" for the others.
    std::vector<std::pair<std::string, std::string>> types;
};

/// Wraps content into an envelope: Body > action > members of content. Begins with an XML declaration of UTF-8.
/// @param header  an object: each member is a block of the Header, by name.
/// @return Fault::internal for a name or version that can't be; Fault::bad_request for a character that XML can't hold.
[[nodiscard]] Result<std::string> write_soap(const SoapForm& form, const record::Record& content,
                                             const record::Record& header = {});
/// The same in the style rpc.
[[nodiscard]] Result<std::string> write_soap(std::string_view version, std::string_view action, std::string_view uri,
                                             const record::Record& content, const record::Record& header = {});

}  // namespace datong::codec
