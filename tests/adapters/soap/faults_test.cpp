#include <atomic>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "adapters/soap/soap_adapter.h"
#include "core/mapping/mapping.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/loopback_server.h"

using namespace datong;
using namespace std::chrono_literals;
using support::AdapterBench;
using support::LoopbackServer;

namespace {

const std::string kGood =
    "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><qResponse><return>&lt;R&gt;&lt;XM&gt;"
    "示例甲&lt;/XM&gt;&lt;/R&gt;</return></qResponse></e:Body></e:Envelope>";

std::string answer(const std::string& body, const std::string& type = "text/xml; charset=utf-8",
                   const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A department whose next connection misbehaves as told, and that answers well afterwards.
class BadDepartment {
public:
    using Socket = LoopbackServer::Socket;
    using Talk = void (*)(Socket& socket, const LoopbackServer& server, const std::string& bytes);

    BadDepartment(Talk talk, std::string bytes) : talk_{talk}, bytes_{std::move(bytes)} {}

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/bdc"; }
    void recover() { recovered_ = true; }

private:
    void serve(Socket& socket) {
        std::string head;
        boost::system::error_code ec;
        boost::asio::read_until(socket, boost::asio::dynamic_buffer(head), "</e>", ec);
        if (recovered_) {
            boost::asio::write(socket, boost::asio::buffer(answer(kGood)), ec);
        } else if (!ec) {
            talk_(socket, server_, bytes_);
        }
        socket.shutdown(Socket::shutdown_both, ec);
        socket.close(ec);
    }

    Talk talk_;
    std::string bytes_;
    std::atomic<bool> recovered_{false};
    LoopbackServer server_{[this](Socket& socket) { serve(socket); }};
};

void say(BadDepartment::Socket& socket, const LoopbackServer&, const std::string& bytes) {
    boost::system::error_code ec;
    boost::asio::write(socket, boost::asio::buffer(bytes), ec);
}

/// Until the caller goes away.
void hang(BadDepartment::Socket& socket, const LoopbackServer&, const std::string&) {
    std::string rest;
    boost::system::error_code ec;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(rest), "never", ec);
}

void drip(BadDepartment::Socket& socket, const LoopbackServer& server, const std::string& bytes) {
    boost::system::error_code ec;
    for (std::size_t at = 0; at < bytes.size() && !ec && !server.stopped(); ++at) {
        boost::asio::write(socket, boost::asio::buffer(bytes.data() + at, 1), ec);
        std::this_thread::sleep_for(1s);  // the fault itself, not a wait for something
    }
}

void reset(BadDepartment::Socket& socket, const LoopbackServer&, const std::string&) {
    boost::system::error_code ec;
    socket.set_option(boost::asio::socket_base::linger{true, 0}, ec);
    socket.close(ec);
}

void flood(BadDepartment::Socket& socket, const LoopbackServer& server, const std::string& bytes) {
    boost::system::error_code ec;
    boost::asio::write(socket, boost::asio::buffer(bytes), ec);
    const std::string more(65'536, 'x');
    while (!ec && !server.stopped()) {
        boost::asio::write(socket, boost::asio::buffer(more), ec);
    }
}

/// The mapping that departments of this kind have: a string of XML in a SOAP answer.
mapping::Compiled response_mapping() {
    return mapping::compile(
        "m.yaml",
        [](std::string_view path) -> std::optional<std::string> {
            if (path == "m.yaml") {
                return "datong: mapping/v1\nid: m\nversion: 1.0.0\nsource: {format: xml, unwrap: [soap, {take: "
                       "return}, "
                       "parse_xml]}\ntarget: {format: json, schema: s.json}\nfields: [{to: name, from: XM, required: "
                       "true}]\n";
            }
            return R"({"type":"object","x-class":"sensitive","properties":{"name":{"type":"string"}}})";
        },
        {.test_division = true});
}

/// The adapter's fault, or the mapping's outcome and rule.
std::string verdict(const Result<adapter::Reply>& reply) {
    if (!reply) {
        return std::string{row_of(reply.error().fault()).code};
    }
    const mapping::Compiled compiled = response_mapping();
    REQUIRE(compiled.mapping != nullptr);
    mapping::Input input{};
    input.bytes = reply->body;
    const mapping::Output out = compiled.mapping->run(input);
    std::string rule = out.errors.empty() ? "" : ' ' + out.errors.front().rule;
    for (const mapping::Finding& one : out.errors) {  // what the department wrote goes nowhere
        CHECK((one.text_zh + one.text_en + one.value).find("SECRET") == std::string::npos);
    }
    return std::string{name_of(out.outcome)} + rule;
}

adapter::Ask question() {
    adapter::Ask ask;
    ask.operation = "q";
    ask.body = "<e></e>";
    return ask;
}

std::string fault11(const std::string& code) {
    return "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault><faultcode>" + code +
           "</faultcode><faultstring>SECRET 示例甲</faultstring></e:Fault></e:Body></e:Envelope>";
}

const std::string kFault12 =
    "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body><e:Fault><e:Code><e:Value>e:Receiver"
    "</e:Value></e:Code><e:Reason><e:Text xml:lang=\"zh\">SECRET</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>";

const std::string kParts = "multipart/related; type=\"text/xml\"; boundary=b";

}  // namespace

TEST_CASE("every way in which a SOAP service can misbehave has one verdict, and it recovers", "[adapters][soap]") {
    struct Row {
        const char* why;
        BadDepartment::Talk talk;
        std::string bytes;
        const char* verdict;
    };
    const std::string cut = answer(kGood).substr(0, answer(kGood).size() - 40);
    const auto row = GENERATE_COPY(values<Row>({
        {"reset", reset, "", "department_down"},
        {"hang", hang, "", "department_timeout"},
        {"a drip of a byte a second", drip, answer(kGood), "department_timeout"},
        {"an endless body", flood, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n", "department_invalid"},
        {"a length that promises too much", say, cut, "department_down"},
        {"a length over the limit", say, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
         "department_invalid"},
        {"a negative length", say, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + kGood, "department_down"},
        {"GBK that says UTF-8", say,
         answer("<?xml version=\"1.0\" encoding=\"UTF-8\"?><e:Envelope "
                "xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\">"
                "<e:Body><r><return>\xD5\xC5</return></r></e:Body></e:Envelope>"),
         "malformed unwrap.soap"},
        {"a web page with 200", say, answer("<html><body>SECRET</body></html>", "text/html"), "malformed unwrap.soap"},
        {"a web page that is no XML", say, answer("<!DOCTYPE html><html><br>SECRET", "text/html"),
         "malformed unwrap.soap"},
        {"an empty body", say, answer(""), "malformed unwrap.empty"},
        {"an empty answer inside", say,
         answer("<e:Envelope "
                "xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><r><return/></r></e:Body></e:Envelope>"),
         "malformed unwrap.empty"},
        {"the person twice", say,
         answer("<e:Envelope "
                "xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><r><return>&lt;R&gt;&lt;XM&gt;示例甲"
                "&lt;/XM&gt;&lt;XM&gt;示例甲&lt;/XM&gt;&lt;/R&gt;</return></r></e:Body></e:Envelope>"),
         "invalid path.multiple"},
        {"a Fault with 500", say, answer(fault11("e:Server"), "text/xml", "500 Internal Server Error"),
         "rejected upstream.fault"},
        {"a Fault with 200", say, answer(fault11("e:Client")), "rejected upstream.fault"},
        {"a Fault of 1.2", say, answer(kFault12, "application/soap+xml", "500 X"), "rejected upstream.fault"},
        {"a Fault that is cut short", say, answer(fault11("e:Server").substr(0, 150), "text/xml", "500 X"),
         "malformed unwrap.soap"},
        {"attachments that are cut short", say, answer("--b\r\n\r\n" + kGood + "\r\n", kParts), "department_invalid"},
        {"attachments without an envelope", say, answer("--b\r\n\r\n<html/>\r\n--b--", kParts), "department_invalid"},
        {"a bomb of entities", say, answer("<!DOCTYPE x [<!ENTITY a \"SECRET\">]><x>&a;</x>"), "malformed unwrap.soap"},
    }));
    CAPTURE(row.why);
    BadDepartment department{row.talk, row.bytes};
    AdapterBench bench;
    const auto made = bench.make(adapters::soap::kind(),
                                 "url: " + department.url() + "\nmax_answer: 1048576\noperations: {q: {action: a}}\n");
    CHECK(verdict(bench.ask(*made, question(), 1500ms)) == row.verdict);
    department.recover();
    CHECK(verdict(bench.ask(*made, question())) == "ok");
}

TEST_CASE("a SOAP service that is not there refuses, and is asked again when it is", "[adapters][soap]") {
    AdapterBench bench;
    BadDepartment gone{say, answer(kGood)};
    std::string url;
    {
        BadDepartment there{say, answer(kGood)};
        url = there.url();
    }
    const auto made = bench.make(adapters::soap::kind(), "url: " + url + "\noperations: {q: {action: a}}\n");
    CHECK(verdict(bench.ask(*made, question())) == "department_down");
    const auto other = bench.make(adapters::soap::kind(), "url: " + gone.url() + "\noperations: {q: {action: a}}\n");
    CHECK(verdict(bench.ask(*other, question())) == "ok");
}

TEST_CASE("an MTOM reply is one envelope for the mapping", "[adapters][soap]") {
    const std::string root =
        "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body><qResponse><return>"
        "<x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" "
        "href=\"cid:1@d\"/></return></qResponse></e:Body></e:Envelope>";
    const std::string body = "--b\r\nContent-Type: application/xop+xml; charset=UTF-8\r\nContent-ID: <r>\r\n\r\n" +
                             root +
                             "\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-ID: <1@d>\r\n\r\n"
                             "<R><XM>示例甲</XM></R>\r\n--b--\r\n";
    BadDepartment department{
        say, answer(body, "multipart/related; type=\"application/xop+xml\"; start=\"<r>\"; boundary=b")};
    AdapterBench bench;
    const auto made =
        bench.make(adapters::soap::kind(), "url: " + department.url() + "\noperations: {q: {action: a}}\n");
    const auto reply = bench.ask(*made, question());
    REQUIRE(reply.has_value());
    CHECK(reply->content_type == "text/xml; charset=utf-8");
    CHECK_THAT(reply->body, ContainsSubstring("<return>PFI+PFhNPuekuuS+i+eUsjwvWE0+PC9SPg==</return>"));
}
