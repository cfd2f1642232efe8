#pragma once

#include <string>
#include <string_view>

#include "core/catalogue/model.h"
#include "core/record/record.h"

namespace datong::contracts {

/// What a caller may send and will get, in JSON Schema 2020-12 without references: the one definition of which the
/// OpenAPI document, the XSD and the WSDL are made, and by which the SOAP door reads. Nothing of the department's
/// system stands in it: no address, source, operation or mapping.
struct Contract {
    std::string id;       ///< of the service or matter
    std::string version;  ///< "1.0.0"
    std::string title;
    std::string title_en;
    std::string path;       ///< of the native door: "/v1/services/ID"
    std::string soap_path;  ///< of the SOAP door: "/soap/ID"
    std::string uri;        ///< namespace of its XML: "urn:datong:service:ID:MAJOR"
    record::Record call;    ///< schema of a call's body
    record::Record
        answer;  ///< schema of an answer; fields of `content` may be missing, for grants hide what they don't cover
    bool may_wait{};   ///< an answer may come before its last word: 202, and `Location` says where that will be
    bool has_files{};  ///< files may come by address, or beside a SOAP answer (MTOM)
};

[[nodiscard]] Contract contract_of(const catalogue::Service& service);
/// Contract::uri alone.
[[nodiscard]] std::string uri_of(const catalogue::Service& service);
[[nodiscard]] std::string uri_of(const catalogue::Matter& matter);
/// Contract::call alone, for who only reads calls.
[[nodiscard]] record::Record call_schema(const catalogue::Service& service);
[[nodiscard]] Contract contract_of(const catalogue::Matter& matter);

/// How far a submission is: a contract of the SOAP door alone, for REST asks by GET.
[[nodiscard]] Contract contract_of_submissions();

/// Schema of a problem, and the namespace of its XML form.
[[nodiscard]] const record::Record& problem_schema();
inline constexpr std::string_view kProblemUri = "urn:datong:problem:1";

/// SOAPAction of SOAP 1.1 and action of 1.2, alike for all: what is called is told by Body, which is signed.
inline constexpr std::string_view kSoapAction = "urn:datong:call";

/// The elements that a body holds in XML.
inline constexpr std::string_view kCall = "call";
inline constexpr std::string_view kAnswer = "answer";
inline constexpr std::string_view kProblem = "problem";

}  // namespace datong::contracts
