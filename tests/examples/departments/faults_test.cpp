#include <chrono>
#include <string>

#include "examples/departments/city.h"
#include "examples/departments/legacy_text.h"
#include "tests/examples/departments/raw_client.h"
#include "tests/support/catch.h"

using namespace datong::departments;
using namespace datong::departments::test;
using namespace std::chrono_literals;

namespace {

std::string soap(const std::string& inner) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope "
           "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><getBdcInfo><arg0>" +
           xml_escaped(inner) + "</arg0></getBdcInfo></s:Body></s:Envelope>";
}

std::string land_question(const Demo& demo) {
    return soap("<REQUEST><QXDM>" + demo.flat.division + "</QXDM><QLRMC>" + demo.person.name + "</QLRMC><ZJH>" +
                demo.person.id + "</ZJH><CXMDDM>test</CXMDDM></REQUEST>");
}

/// One call of a system over HTTP, always the same good one.
class Caller {
public:
    Caller(const City& city, System system) : city_{city}, system_{system} {}

    [[nodiscard]] Raw operator()(std::chrono::milliseconds patience = 10s) const {
        switch (system_) {
            case System::land:
                return post(city_.land_url(), "/services/BdcService", "text/xml", land_question(demo_), patience);
            case System::market:
                return post(city_.market_url(), "/entquery/Qyxxcx", "application/x-www-form-urlencoded",
                            "entname=" + demo_.agency.name + "&uniscid=" + demo_.agency.uscc + "&authcode=1", patience);
            default:
                return get(city_.cases_url(), "/cases/" + demo_.case_number, patience);
        }
    }

private:
    const City& city_;
    System system_;
    Demo demo_ = demo_person();
};

const char* success_of(System system) {
    return system == System::land ? "<CODE>0000" : system == System::market ? "\"2000\"" : "\"00\"";
}

bool is_utf8(const std::string& text) {
    return text == from_gb18030(to_gb18030(text));
}

}  // namespace

TEST_CASE("each HTTP system answers about the demo's household", "[departments]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Demo demo = demo_person();

    const Raw land = Caller{city, System::land}();
    CHECK(land.status() == 200);
    CHECK_THAT(land.body(), ContainsSubstring("<CODE>0000") && ContainsSubstring(demo.flat.unit_no));
    CHECK_THAT(land.body(), ContainsSubstring("encoding=\"GBK\""));
    const Raw market = Caller{city, System::market}();
    CHECK_THAT(market.body(), ContainsSubstring("\"2000\"") && ContainsSubstring(demo.agency.uscc));
    const Raw cases = Caller{city, System::cases}();
    CHECK_THAT(cases.body(), ContainsSubstring("\"00\"") && ContainsSubstring(demo.buyer.id));
}

TEST_CASE("a system says in its own code that it knows nobody of that name", "[departments]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Demo demo = demo_person();

    const Raw land = post(city.land_url(), "/services/BdcService", "text/xml",
                          soap("<REQUEST><QXDM>999901</QXDM><QLRMC>无此人</QLRMC><ZJH>" + demo.person.id +
                               "</ZJH><CXMDDM>test</CXMDDM></REQUEST>"));
    CHECK_THAT(land.body(), ContainsSubstring("<CODE>1001"));
    const Raw purposeless = post(city.land_url(), "/services/BdcService", "text/xml",
                                 soap("<REQUEST><QXDM>999901</QXDM><QLRMC>无此人</QLRMC><ZJH>1</ZJH></REQUEST>"));
    CHECK_THAT(purposeless.body(), ContainsSubstring("<CODE>9001"));
    const Raw no_soap = post(city.land_url(), "/services/BdcService", "text/xml", "<x/>");
    CHECK(no_soap.status() == 500);
    CHECK_THAT(no_soap.body(), ContainsSubstring("soap:Fault"));
    CHECK_THAT(get(city.market_url(), "/entquery/Qyxxcx?entname=x&uniscid=y&authcode=1").body(),
               ContainsSubstring("\"2001\""));
    CHECK_THAT(get(city.market_url(), "/entquery/Qyxxcx?entname=x&uniscid=y").body(), ContainsSubstring("\"2003\""));
    CHECK_THAT(get(city.cases_url(), "/cases/none").body(), ContainsSubstring("\"01\""));
}

TEST_CASE("every transport trouble of the HTTP systems does what it says", "[departments]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};
    const System system = GENERATE(System::land, System::market, System::cases);
    CAPTURE(name_of(system));
    const Caller call{city, system};
    const auto set = [&](Trouble trouble, std::chrono::milliseconds time = 0ms) {
        REQUIRE(city.faults().set(system, {.trouble = trouble, .time = time, .times = 0}));
    };
    const std::string good = call().body();
    REQUIRE_THAT(good, ContainsSubstring(success_of(system)));

    SECTION("slow") {
        set(Trouble::slow, 150ms);
        const auto begin = std::chrono::steady_clock::now();
        CHECK(call().body() == good);
        CHECK(std::chrono::steady_clock::now() - begin >= 150ms);
    }
    SECTION("down, and up again on the same port") {
        set(Trouble::down);
        CHECK_FALSE(call().connected);
        set(Trouble::none);
        CHECK(call().body() == good);
    }
    SECTION("reset") {
        set(Trouble::reset);
        const Raw raw = call();
        CHECK(raw.connected);
        CHECK(raw.reset);
        CHECK(raw.octets.empty());
    }
    SECTION("hang") {
        set(Trouble::hang);
        const Raw raw = call(200ms);
        CHECK(raw.connected);
        CHECK(raw.timed_out);
        CHECK(raw.octets.empty());
    }
    SECTION("wrong_encoding") {
        set(Trouble::wrong_encoding);
        const Raw raw = call();
        CHECK_THAT(raw.head(), ContainsSubstring("UTF-8"));
        CHECK_FALSE(is_utf8(raw.body()));
        CHECK(from_gb18030(raw.body()) == good);
    }
    SECTION("malformed") {
        set(Trouble::malformed);
        const std::string body = call().body();
        CHECK(body.size() < good.size());
        CHECK(good.compare(0, body.size(), body) == 0);
    }
    SECTION("html_200") {
        set(Trouble::html_200);
        const Raw raw = call();
        CHECK(raw.status() == 200);
        CHECK_THAT(raw.head(), ContainsSubstring("text/html"));
        CHECK_THAT(raw.body(), ContainsSubstring("<html>"));
    }
    SECTION("empty_body") {
        set(Trouble::empty_body);
        const Raw raw = call();
        CHECK(raw.status() == 200);
        CHECK_FALSE(raw.timed_out);
        CHECK(raw.body().empty());
    }
    SECTION("null_body") {
        set(Trouble::null_body);
        CHECK(call().status() == 200);
        CHECK(call().body() == "null");
    }
    SECTION("token_expired") {
        set(Trouble::token_expired);
        CHECK(call().status() == 200);
        CHECK_THAT(call().body(), ContainsSubstring("2002"));
    }
    SECTION("wrong_person") {
        set(Trouble::wrong_person);
        const std::string body = call().body();
        CHECK_THAT(body, ContainsSubstring(success_of(system)));
        CHECK(body != good);
        const Demo demo = demo_person();
        CHECK(body.find(demo.person.id) == std::string::npos);
        CHECK(body.find(demo.agency.uscc) == std::string::npos);
    }
}

TEST_CASE("a list of one collapses to its element when told so", "[departments]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};

    const Caller market{city, System::market};
    CHECK_THAT(market().body(), ContainsSubstring("\"data\":[{"));
    REQUIRE(city.faults().set(System::market, {.trouble = Trouble::one_element_as_object}));
    CHECK_THAT(market().body(), ContainsSubstring("\"data\":{"));

    const std::string alone = "/cases/" + city.town().cases[2].number;
    REQUIRE(city.town().cases[2].persons.size() == 1);
    CHECK_THAT(get(city.cases_url(), alone).body(), ContainsSubstring("\"persons\":[{"));
    REQUIRE(city.faults().set(System::cases, {.trouble = Trouble::one_element_as_object}));
    CHECK_THAT(get(city.cases_url(), alone).body(), ContainsSubstring("\"persons\":{"));
    CHECK_THAT(Caller(city, System::cases)().body(), ContainsSubstring("\"persons\":[{"));  // three stay a list
    CHECK_FALSE(city.faults().set(System::land, {.trouble = Trouble::one_element_as_object}));
}

TEST_CASE("a switch holds for as many calls as it says", "[departments]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};
    const Caller call{city, System::cases};
    REQUIRE(city.faults().set(System::cases, {.trouble = Trouble::token_expired, .time = {}, .times = 2}));

    CHECK_THAT(call().body(), ContainsSubstring("2002"));
    CHECK_THAT(call().body(), ContainsSubstring("2002"));
    CHECK_THAT(call().body(), ContainsSubstring("\"00\""));
    CHECK(city.faults().peek(System::cases).trouble == Trouble::none);
}

TEST_CASE("switches are set, listed and cleared over HTTP", "[departments]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};
    const auto set = [&](const std::string& query) { return post(city.control_url(), "/faults?" + query, "", ""); };

    CHECK(set("system=land&kind=slow&ms=700&times=3").status() == 200);
    const Setting setting = city.faults().peek(System::land);
    CHECK(setting.trouble == Trouble::slow);
    CHECK(setting.time == 700ms);
    CHECK(setting.times == 3);
    CHECK_THAT(get(city.control_url(), "/faults").body(), ContainsSubstring("\"land\":{\"kind\":\"slow\",\"ms\":700"));
    CHECK(set("system=market&kind=down").status() == 200);
    CHECK_FALSE(Caller(city, System::market)().connected);
    CHECK(post(city.control_url(), "/faults", "application/json", R"({"system":"cases","kind":"slow","ms":5})")
              .status() == 200);
    CHECK(city.faults().peek(System::cases).time == 5ms);
    CHECK(set("system=land&kind=late").status() == 400);
    CHECK(set("system=water&kind=slow").status() == 400);
    CHECK(set("system=land").status() == 400);
    CHECK(talk(city.control_url(), "DELETE /faults HTTP/1.1\r\nHost: x\r\n\r\n").status() == 200);
    CHECK(city.faults().peek(System::land).trouble == Trouble::none);
    CHECK(Caller(city, System::market)().connected);
}

TEST_CASE("two requests on one connection get two answers", "[departments]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const std::string one = "GET /cases/none HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string last = "GET /cases/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    const Raw raw = talk(city.cases_url(), one + last);
    CHECK(raw.status() == 200);
    const Raw garbage = talk(city.cases_url(), "nonsense\r\n\r\n");
    CHECK(garbage.octets.empty());
    CHECK_FALSE(garbage.timed_out);
}
