#include "core/codec/soap.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Small;

namespace {

/// A reply as a .NET 2.0 .asmx service writes a DataSet.
std::string data_set(const std::string& inside) {
    return "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>"
           "<QueryResponse xmlns=\"http://tempuri.org/\"><QueryResult>"
           "<xs:schema id=\"NewDataSet\" xmlns=\"\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"/>"
           "<diffgr:diffgram xmlns:msdata=\"urn:schemas-microsoft-com:xml-msdata\" "
           "xmlns:diffgr=\"urn:schemas-microsoft-com:xml-diffgram-v1\">" +
           inside + "</diffgr:diffgram></QueryResult></QueryResponse></soap:Body></soap:Envelope>";
}

std::string row(const std::string& name) {
    return "<Table diffgr:id=\"Table1\" msdata:rowOrder=\"0\"><权利人>" + name + "</权利人><面积>88.5</面积></Table>";
}

Small reading(const std::string& layers) {
    Small small{
        .head = "source:\n  format: xml\n  schema: set.yaml\n  unwrap: [soap, " + layers + "]\n",
        .rows = "fields: []\nlists:\n  - {to: l, from: Table, fields: [{to: x, from: 权利人}, {to: y, from: 面积}]}\n"};
    small.files.put("set.yaml",
                    "datong: source/v1\nid: set\nversion: 1.0.0\nfields:\n  - {path: Table, type: list}\n"
                    "  - {path: Table.权利人, type: text, class: personal}\n  - {path: Table.面积, type: text}\n");
    return small;
}

}  // namespace

TEST_CASE("a .NET DataSet is a list of rows, however many came", "[mapping]") {
    Small small = reading("{take: QueryResult}, {diffgram: Table}");
    CHECK(small.gives(data_set("<NewDataSet xmlns=\"\">" + row("示例甲") + row("示例乙") + "</NewDataSet>")) ==
          R"({"l":[{"x":"示例甲","y":"88.5"},{"x":"示例乙","y":"88.5"}]})");
    CHECK(small.gives(data_set("<NewDataSet xmlns=\"\">" + row("示例甲") + "</NewDataSet><diffgr:before/>")) ==
          R"({"l":[{"x":"示例甲","y":"88.5"}]})");
}

TEST_CASE("a DataSet without rows is 'no record' only where the mapping says so", "[mapping]") {
    const std::string nothing = GENERATE(as<std::string>{}, "", "<NewDataSet xmlns=\"\"/>");
    CHECK(reading("{take: QueryResult}, {diffgram: Table}").gives(data_set(nothing)) == "invalid:  rows.empty");
    CHECK(reading("{take: QueryResult}, {diffgram: Table, empty: not_found}").gives(data_set(nothing)) == "not_found");
}

TEST_CASE("a DataSet with errors, and what is none, are refused", "[mapping]") {
    const auto inside = GENERATE(as<std::string>{}, "<NewDataSet/><diffgr:errors><Table/></diffgr:errors>",
                                 "<One><a/></One><Two><a/></Two>", "<One><a/></One><One><a/></One>",
                                 "<Error>busy</Error>", "<NewDataSet><Table2><a>1</a></Table2></NewDataSet>",
                                 "<NewDataSet><table><a>1</a></table></NewDataSet>", "<NewDataSet>busy</NewDataSet>",
                                 "busy", "<NewDataSet/><Error>busy</Error>");
    CHECK(reading("{take: QueryResult}, {diffgram: Table, empty: not_found}").gives(data_set(inside)) ==
          "malformed:  unwrap.diffgram");
}

TEST_CASE("what is no DataSet is no statement that there are no rows", "[mapping]") {
    struct Row {
        std::string document;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"<NewDataSet/>", "not_found"},
        {"<NewDataSet xmlns=\"\"> </NewDataSet>", "not_found"},
        {"<DataSet><xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><a/></xs:schema><NewDataSet/></DataSet>",
         "not_found"},
        {"<DataSet><diffgram/></DataSet>", "not_found"},
        {"<DataSet><diffgram><before><Table/></before></diffgram></DataSet>", "not_found"},
        {"<Error>system busy</Error>", "malformed:  unwrap.diffgram"},
        {"<Error><Code>9</Code></Error>", "malformed:  unwrap.diffgram"},
        {"<R><Message>system busy</Message></R>", "malformed:  unwrap.diffgram"},
        {"<html><body>502</body></html>", "malformed:  unwrap.html"},
        {"<DataSet><diffgram/><Error>busy</Error></DataSet>", "malformed:  unwrap.diffgram"},
        {"<NewDataSet><Tabel><x>1</x></Tabel></NewDataSet>", "malformed:  unwrap.diffgram"},
    }));
    CAPTURE(row.document);
    Small small = reading("");
    small.head =
        "source:\n  format: xml\n  schema: set.yaml\n  unwrap: [parse_xml, {diffgram: Table, empty: not_found}]\n";
    CHECK(small.gives(row.document) == row.wanted);
}

TEST_CASE("a result code with attributes is one, as RPC encoding writes it", "[mapping]") {
    Small small{.head = "source: {format: xml, unwrap: [soap, {outcome: {code: code, ok: \"0\", not_found: \"1\"}}]}\n",
                .rows = "fields: [{to: a, from: a}]\n"};
    const auto reply = [](const std::string& code) {
        return "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:i=\"u:i\"><e:Body><q>" + code +
               "<a i:type=\"string\">x</a></q></e:Body></e:Envelope>";
    };
    CHECK(small.gives(reply("<code>0</code>")) == R"({"a":"x"})");
    CHECK(small.gives(reply("<code i:type=\"int\"> 0 </code>")) == R"({"a":"x"})");
    CHECK(small.gives(reply("<code i:type=\"int\">1</code>")) == "not_found");
    CHECK(small.gives(reply("<code i:type=\"int\">9</code>")) == "rejected:  outcome.unlisted");
    CHECK(small.gives(reply("<code i:nil=\"true\"/>")) == "malformed:  outcome.missing");
    CHECK(small.gives(reply("<code>0<error>busy</error></code>")) == "malformed:  outcome.missing");
    CHECK(small.gives(reply("<code i:type=\"int\">0</code><code i:type=\"int\">0</code>")) ==
          "malformed:  outcome.missing");
}

TEST_CASE("the layers diffgram and soap name what is wrong with them", "[mapping]") {
    CHECK(errors(reading("diffgram").compile().mistakes) == "M301 small.yaml:7:18 -> {diffgram: Table}");
    CHECK(errors(reading("{diffgram: Table, emptty: not_found}").compile().mistakes) ==
          "M105 small.yaml:7:36 -> empty");
    Small small;
    small.files.put("ask.yaml",
                    "datong: source/v1\nid: ask\nversion: 1.0.0\nfields: [{path: A, type: text, nullable: true}]\n");
    small.rows = "fields: [{to: A, from: a}]\n";
    small.target = "target: {format: xml, schema: ask.yaml, wrap: [{soap: {action: get, types: {A: int}}}]}\n";
    CHECK_THAT(errors(small.compile().mistakes), ContainsSubstring("M109"));
    small.target = "target: {format: xml, schema: ask.yaml, wrap: [{soap: {action: get, header_uri: u}}]}\n";
    CHECK_THAT(errors(small.compile().mistakes), ContainsSubstring("M108"));
    small.target = "target: {format: xml, schema: ask.yaml, wrap: [{soap: {action: get, style: rpc-encodd}}]}\n";
    CHECK_THAT(errors(small.compile().mistakes), ContainsSubstring("M109"));
}

TEST_CASE("a member of the target goes into the SOAP header, and its values stay text", "[mapping][security]") {
    Small small;
    small.files.put("ask.yaml",
                    "datong: source/v1\nid: ask\nversion: 1.0.0\nfields:\n  - {path: A, type: text, class: sensitive}\n"
                    "  - {path: EndUser, type: object}\n  - {path: EndUser.UserName, type: text, class: sensitive}\n");
    small.rows = "fields: [{to: A, from: a, required: true}, {to: EndUser.UserName, from: b, required: true}]\n";
    small.target =
        "target: {format: xml, schema: ask.yaml, wrap: [{soap: {action: get, uri: \"urn:x\", style: document, header: "
        "EndUser, header_uri: \"urn:h\"}}]}\n";
    const std::string attack = "</UserName></EndUser><admin/>";
    const auto out = small.run("{\"a\":\"1\",\"b\":\"" + attack + "\"}");
    REQUIRE(out.outcome == mapping::Outcome::ok);
    CHECK_THAT(out.wire, ContainsSubstring("<soap:Header><EndUser xmlns=\"urn:h\"><UserName>&lt;/UserName"));
    CHECK_THAT(out.wire, ContainsSubstring("<soap:Body><get xmlns=\"urn:x\"><A>1</A></get></soap:Body>"));
    const auto read = codec::read_soap(out.wire, false);
    REQUIRE(read.has_value());
    CHECK(read->header.find("admin") == nullptr);
    CHECK(read->header.find_path({"EndUser", "UserName"})->scalar() == attack);
}

TEST_CASE("an envelope in GBK says that it is GBK", "[mapping]") {
    Small small;
    small.files.put("ask.yaml",
                    "datong: source/v1\nid: ask\nversion: 1.0.0\nfields: [{path: A, type: text, class: sensitive}]\n");
    small.rows = "fields: [{to: A, from: a, required: true}]\n";
    small.target = "target: {format: xml, schema: ask.yaml, wrap: [{soap: {action: get}}, {encode_charset: gbk}]}\n";
    const auto out = small.run(R"({"a":"张"})");
    CHECK_THAT(out.wire, ContainsSubstring("encoding=\"GBK\"?>"));
    CHECK_THAT(out.wire, ContainsSubstring("<A>\xD5\xC5</A>"));
    const auto read = codec::read_soap(out.wire, false);
    REQUIRE(read.has_value());
    CHECK(read->body.text_of("A") == "张");
}

TEST_CASE("a list of which a source schema declares no members holds texts", "[mapping]") {
    Small small{.head = "source:\n  format: xml\n  schema: tags.yaml\n",
                .rows = "fields: []\nlists:\n  - {to: l, from: \"T.tag[*]\", fields: [{to: x, from: \"@\"}]}\n"};
    small.files.put(
        "tags.yaml",
        "datong: source/v1\nid: tags\nversion: 1.0.0\nfields:\n  - {path: T, type: object, nullable: true}\n"
        "  - {path: T.tag, type: list}\n");
    CHECK(small.gives("<r><T><tag>a</tag><tag>b</tag></T></r>") == R"({"l":[{"x":"a"},{"x":"b"}]})");
    CHECK(small.gives("<r><T><tag>a</tag></T></r>") == R"({"l":[{"x":"a"}]})");
    CHECK(small.gives("<r><T/></r>") == R"({"l":[]})");
}
