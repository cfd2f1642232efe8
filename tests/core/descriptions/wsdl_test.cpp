#include "core/descriptions/wsdl.h"

#include "tests/core/descriptions/sample.h"

using namespace datong;
using namespace datong::descriptions::tests;
using descriptions::Interface;
using descriptions::read_wsdl;

namespace {

Interface read(const std::string& folder, const std::string& name, const descriptions::Choice& choice = {}) {
    auto made = read_wsdl(name, beside(folder), choice);
    if (!made) {
        FAIL(to_line(made.error().front()));
    }
    return std::move(*made);
}

}  // namespace

TEST_CASE("an .asmx description is read: document/literal, a DataSet, a SOAP header", "[descriptions]") {
    const Interface made = read("asmx", "HouseQuery.wsdl");
    CHECK(made.is_soap);
    CHECK(made.url == "http://127.0.0.1:8086/HouseQuery.asmx");
    REQUIRE(made.operations.size() == 2);
    const descriptions::Operation& house = made.operations[0];
    CHECK(house.name == "QueryHouse");
    CHECK(house.label == "按人查询房屋");
    CHECK(house.action == "http://tempuri.org/QueryHouse");
    CHECK(house.version == "1.1");
    CHECK(house.style == "document");
    CHECK(house.uri == "http://tempuri.org/");
    CHECK(shown(house.input.members) == "XM:text? ZJH:text? Page:integer");
    CHECK(house.data_set);
    CHECK(house.take == "QueryHouseResult");
    REQUIRE(house.headers.size() == 1);
    CHECK(house.headers[0].label == "http://tempuri.org/");
    CHECK(shown(house.headers) == "AuthHeader:object(UserName:text? Password:text?)");
    const descriptions::Operation& contract = made.operations[1];
    CHECK_FALSE(contract.data_set);
    CHECK(contract.take == "GetContractResult");
    CHECK(shown(contract.output.members) ==
          "HTBH:text? BASJ:text HTJE:decimal State:text Buyers:object?(Buyer:object*?(姓名:text? 证件号码:text? "
          "Share:decimal)) Tags:object?(string:text*?)");
    CHECK(contract.output.members[3].codes == std::vector<std::string>{"Draft", "Filed", "Cancelled"});
}

TEST_CASE("a port of SOAP 1.2 is read when it is asked for, an HTTP port is none", "[descriptions]") {
    const Interface made = read("asmx", "HouseQuery.wsdl", {.port = "HouseQuerySoap12", .operation = "GetContract"});
    REQUIRE(made.operations.size() == 1);
    CHECK(made.operations[0].version == "1.2");
    CHECK(made.operations[0].action == "http://tempuri.org/GetContract");
    const auto http = read_wsdl("HouseQuery.wsdl", beside("asmx"), {.port = "HouseQueryHttpPost"});
    REQUIRE_FALSE(http.has_value());
    CHECK(codes(http.error()) == "I105");
}

TEST_CASE("an Axis 1 description is read: rpc/encoded, strings, beans and arrays", "[descriptions]") {
    const Interface made = read("axis1", "BdcService.wsdl");
    REQUIRE(made.operations.size() == 2);
    const descriptions::Operation& text = made.operations[0];
    CHECK(text.style == "rpc-encoded");
    CHECK(text.uri == "http://bdc.example");
    CHECK(text.element == "getBdcInfo");
    CHECK(text.action.empty());
    CHECK(shown(text.input.members) == "arg0:text");
    CHECK(shown(text.output.members) == "getBdcInfoReturn:text");
    CHECK(text.take.empty());
    const descriptions::Operation& bean = made.operations[1];
    CHECK(shown(bean.input.members) == "zjh:text page:integer");
    CHECK(bean.types == std::vector<std::pair<std::string, std::string>>{{"page", "int"}});
    CHECK(bean.take == "findBdcReturn");
    CHECK(shown(bean.output.members) == "bdcdyh:text? mj:decimal qlrs:object?(item:object*?(xm:text? zjh:text?))");
    CHECK(has_gap(bean.gaps, "called item"));
}

TEST_CASE("a CXF description is read with schemas beside it that import each other", "[descriptions]") {
    const Interface made = read("cxf", "TaxService.wsdl");
    REQUIRE(made.operations.size() == 1);
    const descriptions::Operation& one = made.operations[0];
    CHECK(one.style == "rpc");  // members stand in no namespace
    CHECK(one.uri == "http://ws.tax.example/");
    CHECK(shown(one.input.members) == "request:object?(sfzh:text? fwuuid:text)");
    CHECK(one.input.members[0].members[0].max_length == 18);
    CHECK(one.take == "return");
    CHECK(shown(one.output.members) ==
          "code:text message:text? wsxx:object*?(nsrmc:text? sjje:decimal parent:text? dzsphm:text? jkshm:text? "
          "@id:text)");
    CHECK(one.output.members[2].members[0].label == "纳税人名称");
    CHECK(has_gap(one.gaps, "holds itself"));
}

TEST_CASE("what is asked for and is not there is said with what is", "[descriptions]") {
    const auto [choice, hint] = GENERATE(table<descriptions::Choice, const char*>({
        {descriptions::Choice{.operation = "getBdc"}, "getBdcInfo, findBdc"},
        {descriptions::Choice{.service = "Other"}, "BdcServiceService"},
        {descriptions::Choice{.port = "Other"}, "BdcService"},
    }));
    const auto made = read_wsdl("BdcService.wsdl", beside("axis1"), choice);
    REQUIRE_FALSE(made.has_value());
    CHECK(codes(made.error()) == "I105");
    CHECK(made.error().front().hint == hint);
}
