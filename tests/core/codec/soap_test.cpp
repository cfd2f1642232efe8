#include "core/codec/soap.h"

#include <chrono>
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

TEST_CASE("what RPC encoding points at stands where it is pointed at", "[codec]") {
    // as Axis 1.4 answers a bean and an array of beans
    const auto message =
        read_soap(envelope(codec::kSoap11,
                           "<e:Body><n:queryResponse xmlns:n='urn:n'><queryReturn href='#id0'/></n:queryResponse>"
                           "<multiRef id='id0'><qlr href='#id1'/><mj>88.50</mj></multiRef>"
                           "<multiRef id='id1'><item href='#id2'/><item href='#id2'/></multiRef>"
                           "<multiRef id='id2'><xm>示例甲</xm></multiRef></e:Body>"),
                  false);
    REQUIRE(message.has_value());
    CHECK(codec::write_json(message->body) ==
          R"({"queryReturn":{"qlr":{"item":[{"xm":"示例甲"},{"xm":"示例甲"}]},"mj":"88.50"}})");
    const auto missing = read_soap(
        envelope(codec::kSoap11, "<e:Body><r><a href='#no'/></r><multiRef id='id0'>x</multiRef></e:Body>"), false);
    REQUIRE(missing.has_value());
    CHECK(codec::write_json(missing->body) == R"({"a":{"@href":"#no"}})");
}

TEST_CASE("pointers that go round or multiply are refused", "[codec][security]") {
    std::string bomb = "<e:Body><r><a href='#i0'/></r>";
    for (int i = 0; i < 12; ++i) {
        bomb += "<m id='i" + std::to_string(i) + "'>";
        for (int k = 0; k < 10; ++k) {
            bomb += "<a href='#i" + std::to_string(i + 1) + "'/>";
        }
        bomb += "</m>";
    }
    const auto body = GENERATE_COPY(
        values<std::string>({"<e:Body><r><a href='#i'/></r><m id='i'><a href='#i'/></m></e:Body>",
                             "<e:Body><r href='#i'/><m id='i' href='#i'/></e:Body>", bomb + "</e:Body>"}));
    const auto message = read_soap(envelope(codec::kSoap11, body), false);
    REQUIRE_FALSE(message.has_value());
    CHECK(message.error().fault() == Fault::bad_request);
}

namespace {

/// Whether an envelope's pointers cost no more than some readings of it: seconds would judge the machine.
bool is_cheap(const std::string& xml, bool is_refused) {
    const auto timed = [](const auto& work) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        return std::chrono::steady_clock::now() - begin;
    };
    const auto once = timed([&] { CHECK(codec::read_xml(xml, false).has_value()); });
    const auto all = timed([&] { CHECK(read_soap(xml, false).has_value() != is_refused); });
    constexpr int kReadings = 12;
    return all < once * kReadings + std::chrono::milliseconds{20};
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

}  // namespace

TEST_CASE("many ids and many pointers cost no more than their reading", "[codec][security]") {
    constexpr int kMany = 24'000;
    std::string ids;
    std::string pointers;
    for (int i = 0; i < kMany; ++i) {
        ids += "<m id='i" + std::to_string(i) + "'>1</m>";
        pointers += "<a href='#i" + std::to_string(kMany - 1 - i) + "'/>";
    }
    const auto in_body = [&](const std::string& answer) {
        return envelope(codec::kSoap11, "<e:Body><r>" + answer + "</r>" + ids + "</e:Body>");
    };
    CHECK(is_cheap(in_body(repeated("<a b='1'/>", kMany)), false));
    CHECK(is_cheap(in_body(repeated("<a href='#j12345'/>", kMany)), false));
    CHECK(is_cheap(in_body(pointers), false));
}

TEST_CASE("a chain of pointers is followed before anything is copied", "[codec][security]") {
    constexpr int kSteps = 60;
    std::string chain;
    for (int i = 0; i < kSteps; ++i) {
        chain += "<m id='i" + std::to_string(i) + "' href='#i" + std::to_string(i + 1) + "'>" +
                 repeated("<x>1</x>", 1'000) + "</m>";
    }
    chain += "<m id='i60'><y>2</y></m>";
    const auto read = [&](int pointers) {
        return envelope(codec::kSoap11,
                        "<e:Body><r>" + repeated("<a href='#i0'/>", pointers) + "</r>" + chain + "</e:Body>");
    };
    CHECK(codec::write_json(read_soap(read(2), false)->body) == R"({"a":[{"y":"2"},{"y":"2"}]})");
    CHECK(is_cheap(read(10'000), false));
}

TEST_CASE("what pointers put in is counted before it is there", "[codec][security]") {
    const auto read = [](int pointers, const std::string& target) {
        return envelope(codec::kSoap11, "<e:Body><r>" + repeated("<a href='#i'/>", pointers) + "</r><m id='i'>" +
                                            target + "</m></e:Body>");
    };
    CHECK(is_cheap(read(1, repeated("<x/>", 40'000)), false));
    CHECK(is_cheap(read(20'000, repeated("<x/>", 40'000)), true));
    const std::string text(1U << 20U, 'x');
    CHECK(read_soap(read(30, text), false).has_value());
    CHECK_FALSE(read_soap(read(40, text), false).has_value());
}

TEST_CASE("of two elements with one id the first is meant, and an endless id means none", "[codec]") {
    const auto read = [](const std::string& body) {
        return codec::write_json(read_soap(envelope(codec::kSoap11, "<e:Body>" + body + "</e:Body>"), false)->body);
    };
    CHECK(read("<r><a href='#i'/></r><m id='i'><x>1</x></m><m id='i'><x>2</x></m>") == R"({"a":{"x":"1"}})");
    const std::string id(2'000, 'i');
    CHECK(read("<r><a href='#" + id + "'/></r><m id='" + id + "'>1</m>") == R"({"a":{"@href":"#)" + id + R"("}})");
}

TEST_CASE("an operation is written in the style that its service reads", "[codec]") {
    using Style = codec::SoapForm::Style;
    const auto content = codec::read_json(R"({"arg0":"甲<","n":2,"none":null,"in":{"x":"1"}})");
    struct Row {
        const char* why;
        Style style;
        const char* uri;
        const char* body;
    };
    const auto row = GENERATE(values<Row>({
        {"rpc/literal", Style::rpc, "urn:x",
         R"(<m:get xmlns:m="urn:x"><arg0>甲&lt;</arg0><n>2</n><none/><in><x>1</x></in></m:get>)"},
        {"document/literal", Style::document, "urn:x",
         R"(<get xmlns="urn:x"><arg0>甲&lt;</arg0><n>2</n><none/><in><x>1</x></in></get>)"},
        {"rpc/encoded", Style::rpc_encoded, "urn:x",
         R"(<m:get xmlns:m="urn:x" soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" )"
         R"(xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">)"
         R"(<arg0 xsi:type="xsd:string">甲&lt;</arg0><n xsi:type="xsd:int">2</n><none xsi:nil="true"/><in><x>1</x></in></m:get>)"},
    }));
    CAPTURE(row.why);
    codec::SoapForm form;
    form.action = "get";
    form.uri = row.uri;
    form.style = row.style;
    form.types = {{"n", "int"}};
    const auto soap = write_soap(form, *content);
    REQUIRE(soap.has_value());
    CHECK_THAT(*soap, ContainsSubstring(std::string{"<soap:Body>"} + row.body + "</soap:Body>"));
    const auto read = read_soap(*soap, false);
    REQUIRE(read.has_value());
    CHECK(read->body_name == "get");
}

TEST_CASE("namespace declarations are members only where they are asked for", "[codec]") {
    const std::string xml = "<a xmlns='urn:d' xmlns:p='urn:p' b='p:c'><p:d xmlns:p='urn:q'/></a>";
    CHECK(codec::write_json(codec::read_xml(xml, true)->content) == R"({"@b":"p:c","d":""})");
    const auto kept = codec::read_xml(xml, true, {.keep_declarations = true});
    REQUIRE(kept.has_value());
    CHECK(codec::write_json(kept->content) ==
          R"({"@xmlns":"urn:d","@xmlns:p":"urn:p","@b":"p:c","d":{"@xmlns:p":"urn:q"}})");
}
