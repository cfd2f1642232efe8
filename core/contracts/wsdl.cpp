#include "core/contracts/wsdl.h"

#include "core/contracts/xsd.h"
#include "core/wsse/envelope.h"

namespace datong::contracts {
namespace {

std::string message(std::string_view name, std::string_view part, std::string_view element) {
    return "  <wsdl:message name=\"" + std::string{name} + "\">\n    <wsdl:part name=\"" + std::string{part} +
           "\" element=\"" + std::string{element} + "\"/>\n  </wsdl:message>\n";
}

/// One end of the operation: the body and our header.
std::string end_of(std::string_view direction, std::string_view prefix) {
    const std::string name{direction};
    const std::string soap{prefix};
    return "      <wsdl:" + name + ">\n        <" + soap +
           ":header message=\"tns:header\" part=\"header\" use=\"literal\"/>\n" + "        <" + soap +
           ":body use=\"literal\" parts=\"body\"/>\n      </wsdl:" + name + ">\n";
}

/// Files may come beside the answer, to who asks for it so. Source: MTOM Serialization Policy Assertion 1.1, 3.2.
constexpr std::string_view kPolicy =
    "  <wsp:Policy xmlns:wsp=\"http://www.w3.org/ns/ws-policy\" "
    "xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" "
    "wsu:Id=\"mtom\">\n    <wsoma:OptimizedMimeSerialization "
    "xmlns:wsoma=\"http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization\" "
    "wsp:Optional=\"true\"/>\n  </wsp:Policy>\n";
constexpr std::string_view kPolicyReference =
    "    <wsp:PolicyReference xmlns:wsp=\"http://www.w3.org/ns/ws-policy\" URI=\"#mtom\"/>\n";

std::string binding(std::string_view prefix, bool has_files) {
    const std::string soap{prefix};
    return "  <wsdl:binding name=\"" + soap + "\" type=\"tns:port\">\n" +
           std::string{has_files ? kPolicyReference : ""} + "    <" + soap +
           ":binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n"
           "    <wsdl:operation name=\"call\">\n      <" +
           soap + ":operation soapAction=\"" + std::string{kSoapAction} + "\" style=\"document\"/>\n" +
           end_of("input", prefix) + end_of("output", prefix) + "      <wsdl:fault name=\"problem\">\n        <" +
           soap +
           ":fault name=\"problem\" use=\"literal\"/>\n      </wsdl:fault>\n    </wsdl:operation>\n  </wsdl:binding>\n";
}

std::string port(std::string_view prefix, const std::string& address) {
    const std::string soap{prefix};
    return "    <wsdl:port name=\"" + soap + "\" binding=\"tns:" + soap + "\">\n      <" + soap +
           ":address location=\"" + address + "\"/>\n    </wsdl:port>\n";
}

constexpr std::string_view kPortType =
    "  <wsdl:portType name=\"port\">\n    <wsdl:operation name=\"call\">\n"
    "      <wsdl:input message=\"tns:call\"/>\n      <wsdl:output message=\"tns:answer\"/>\n"
    "      <wsdl:fault name=\"problem\" message=\"tns:problem\"/>\n    </wsdl:operation>\n  </wsdl:portType>\n";

}  // namespace

std::string wsdl_of(const Contract& contract, std::string_view base) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\"\n"
        "    xmlns:soap11=\"http://schemas.xmlsoap.org/wsdl/soap/\" "
        "xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\"\n"
        "    xmlns:dt=\"" +
        std::string{wsse::kCallUri} + "\" xmlns:pr=\"" + std::string{kProblemUri} + "\"\n" + "    xmlns:tns=\"" +
        contract.uri + "\" targetNamespace=\"" + contract.uri + "\" name=\"" + contract.id + "\">\n" +
        "  <wsdl:documentation>" + contract.id + '@' + contract.version +
        ": WS-Security 1.1.1, X.509 token, signature over Body, Timestamp and Call.</wsdl:documentation>\n";
    out += contract.has_files ? kPolicy : "";
    out += "  <wsdl:types>\n";
    out += xsd_of(contract) + xsd_of_problem() + xsd_of_header() + "  </wsdl:types>\n";
    out += message("call", "body", "tns:call") + message("answer", "body", "tns:answer") +
           message("header", "header", "dt:Call") + message("problem", "problem", "pr:problem");
    out += kPortType;
    out += binding("soap11", contract.has_files) + binding("soap12", contract.has_files);
    const std::string address = std::string{base} + contract.soap_path;
    return out + "  <wsdl:service name=\"" + contract.id + "\">\n" + port("soap11", address) + port("soap12", address) +
           "  </wsdl:service>\n</wsdl:definitions>\n";
}

}  // namespace datong::contracts
