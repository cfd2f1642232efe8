#include "core/codec/soap.h"

#include <string>

#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;
using codec::read_soap;
using codec::write_soap;
using record::Record;

namespace {

std::string envelope(std::string_view uri, std::string_view inner) {
    return "<e:Envelope xmlns:e=\"" + std::string{uri} + "\">" + std::string{inner} + "</e:Envelope>";
}

}  // namespace

TEST_CASE("a SOAP message is taken apart", "[codec]") {
    const auto [uri, version] =
        GENERATE(table<std::string_view, std::string>({{codec::kSoap11, "1.1"}, {codec::kSoap12, "1.2"}}));
    const auto message =
        read_soap(envelope(uri,
                           "<e:Header><h>1</h></e:Header><e:Body Id='b'><n:getBdcInfoResponse xmlns:n='urn:n'><return>"
                           "&lt;R/&gt;</return></n:getBdcInfoResponse></e:Body>"),
                  false);
    REQUIRE(message.has_value());
    CHECK(message->version == version);
    CHECK(message->body_name == "getBdcInfoResponse");
    CHECK(message->body.text_of("return") == "<R/>");
    CHECK(message->header.text_of("h") == "1");
    CHECK_FALSE(message->is_fault);
}

TEST_CASE("faults of both versions are recognised", "[codec]") {
    const auto one = read_soap(envelope(codec::kSoap11,
                                        "<e:Body><e:Fault><faultcode>soap:Server</faultcode><faultstring "
                                        "xml:lang='zh'>系统忙</faultstring></e:Fault></e:Body>"),
                               false);
    REQUIRE(one.has_value());
    CHECK(one->is_fault);
    CHECK(one->fault_code == "soap:Server");
    CHECK(one->fault_text == "系统忙");
    const auto two = read_soap(
        envelope(codec::kSoap12,
                 "<e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text xml:lang='en'>"
                 "busy</e:Text><e:Text xml:lang='zh'>忙</e:Text></e:Reason></e:Fault></e:Body>"),
        false);
    REQUIRE(two.has_value());
    CHECK(two->is_fault);
    CHECK(two->fault_code == "e:Receiver");
    CHECK(two->fault_text == "busy");
}

TEST_CASE("an empty body is a message without content", "[codec]") {
    const auto message = read_soap(envelope(codec::kSoap11, "<e:Body>\n</e:Body>"), false);
    REQUIRE(message.has_value());
    CHECK(message->body_name.empty());
    CHECK(message->header.is_null());
}

TEST_CASE("what is no SOAP envelope is refused", "[codec][security]") {
    const auto xml = GENERATE(
        as<std::string>{}, "<html><body>502</body></html>", "", "<Envelope><Body/></Envelope>",
        envelope("urn:other", "<e:Body/>"), envelope(codec::kSoap11, ""),
        envelope(codec::kSoap11, "<e:Body/><e:Body/>"), envelope(codec::kSoap11, "<e:Header/><e:Header/><e:Body/>"),
        envelope(codec::kSoap11, "<e:Body>text</e:Body>"), envelope(codec::kSoap11, "<e:Body>x<a/></e:Body>"),
        "<!DOCTYPE x>" + envelope(codec::kSoap11, "<e:Body><a/></e:Body>"));
    CAPTURE(xml);
    const auto message = read_soap(xml, false);
    REQUIRE_FALSE(message.has_value());
    CHECK(message.error().fault() == Fault::bad_request);
}

TEST_CASE("content is wrapped so that it is read again", "[codec]") {
    const auto content = codec::read_json(R"({"arg0":"<x>&","n":["1","2"]})");
    const auto header = codec::read_json(R"({"token":"t"})");
    const auto soap = write_soap("1.1", "getBdcInfo", "urn:land", *content, *header);
    REQUIRE(soap.has_value());
    CHECK_THAT(*soap, ContainsSubstring("<soap:Body><m:getBdcInfo xmlns:m=\"urn:land\"><arg0>&lt;x&gt;&amp;</arg0>"));
    const auto again = read_soap(*soap, false);
    REQUIRE(again.has_value());
    CHECK(again->body_name == "getBdcInfo");
    CHECK(again->body == *content);
    CHECK(again->header == *header);
    CHECK_THAT(*write_soap("1.2", "a", "", Record{}), ContainsSubstring("<soap:Body><a/></soap:Body>"));
    CHECK_THAT(*write_soap("1.2", "a", "u", Record::text("x")), ContainsSubstring("<m:a xmlns:m=\"u\">x</m:a>"));
    CHECK_FALSE(write_soap("1.3", "a", "", Record{}).has_value());
    CHECK_FALSE(write_soap("1.1", "a b", "", Record{}).has_value());
}
