// Source: tests/data/xroad-soap/README.md
#include <iostream>
#include <map>
#include <sstream>

#include "core/base/text.h"
#include "core/charset/charset.h"
#include "core/codec/json.h"
#include "tests/blackbox/raw_department.h"
#include "tests/blackbox/suite.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::blackbox;
using codec::HttpMessage;
using journeys::SoapPlatform;
using record::Record;

namespace {

constexpr const char* kLand = "/soap/realestate-certificate";
constexpr const char* kFund = "/soap/fund-deposit-certificate";
constexpr const char* kOff = "/soap/fund-loan";
constexpr const char* kNowhere = "/soap/deed-tax-receipt";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    if (at == std::string::npos) {
        throw std::runtime_error{"there is no " + what + " in " + text};
    }
    return text.replace(at, what.size(), with);
}

std::string everywhere(const std::string& text, const std::string& what, const std::string& with) {
    std::string out;
    std::size_t begin = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, begin)) {
        out.append(text, begin, at - begin).append(with);
        begin = at + what.size();
    }
    return out + text.substr(begin);
}

std::string http(const std::string& status, const std::string& type, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

/// A case as tests/data/xroad-soap/mapped.tsv has it.
struct Case {
    std::string name;
    std::string way;
    std::string spoilt;
    std::string code;
    std::string blame;
    std::string file;
    std::string type;

    /// By which it is refused here, though X-Road answers it; empty: by none.
    [[nodiscard]] std::string rule() const {
        constexpr std::string_view kPolicy = "policy: ";
        return spoilt.starts_with(kPolicy) ? spoilt.substr(kPolicy.size()) : std::string{};
    }
};

std::string data(const std::string& file) {
    return journeys::read_file(DATONG_TEST_DATA "/xroad-soap/" + file);
}

std::vector<Case> cases() {
    std::vector<Case> all;
    std::istringstream lines{data("mapped.tsv")};
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        const auto cells = split(line, '\t');
        REQUIRE(cells.size() == 7);
        const auto cell = [&](std::size_t i) { return cells[i] == "-" ? std::string{} : std::string{cells[i]}; };
        all.push_back({cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), cell(6)});
    }
    return all;
}

/// What X-Road itself must say to each: "normal response", or a fault and which. Empty for one that is taken and whose
/// answer has a fault of the department (SoapFaultInMultipartResponse).
std::map<std::string, std::string> verdicts_of_xroad() {
    const auto all = codec::read_json(data("cases.json")).value();
    std::map<std::string, std::string> verdicts;
    for (const Record& one : all.items()) {
        verdicts[one.text_of("case")] = one.text_of("expect");
    }
    return verdicts;
}

/// What came of one: the code and whose fault it is; both empty for a certificate.
struct Said {
    std::string code;
    std::string blame;
};

Said said_by(const HttpMessage& answer) {
    Record problem = answer.body.starts_with("{") ? journeys::json_of(answer) : journeys::record_of(answer.body);
    if (!problem.text_of("outcome").empty()) {
        return {};
    }
    return {problem.text_of("code").empty() ? "no answer" : problem.text_of("code"), problem.text_of("blame")};
}

/// The gateway, its one department that says what it is told to, and who calls.
class Scene {
public:
    Scene()
        : target_{[this](commands::Installation& at) {
              real_ = at.environment.at("DATONG_LAND_URL");
              at.environment["DATONG_LAND_URL"] = land_.url();
              at.environment["DATONG_TAX_INTERFACE_URL"] = "http://127.0.0.1:9/";  // discard: nobody listens
              at.replace("config/departments/land.yaml", "breaker_failures: 5", "breaker_failures: 10000");
              at.replace(
                  "config/departments/fund.yaml",
                  "in_flight: 2, call_ms: 3000, breaker_failures: 5, breaker_rest_ms: 10000, retries: 0, off: false",
                  "in_flight: 2, off: true");
          }} {
        body_ = codec::read_json(target_.good_body()).value();
        Record query = Record::object();
        query.put("divisionCode", Record::text(body_.find_path({"context", "operator", "division"})->scalar()));
        land_body_ = body_;
        land_body_.put("query", std::move(query));
        ask_real_department();
    }

    [[nodiscard]] Target& target() { return target_; }

    /// What is made once, and connections that are kept, is no input's cost.
    void warm() {
        land_.say(http("200 OK", "text/xml; charset=utf-8", good_));
        for (int i = 0; i < 20; ++i) {
            REQUIRE(said_by(call_land()).code.empty());
            REQUIRE(said_by(signed_call("")).code.empty());
        }
    }

    Said run(const Case& one) {
        if (one.way == "raw") {
            return said_by(send(kFund, one.file.empty() ? std::string(100U << 20, 'x') : data(one.file), one.type));
        }
        if (one.way == "signed") {
            return said_by(signed_call(one.spoilt));
        }
        if (one.way == "file") {
            land_.say(http("200 OK", one.type, data(one.file)));
        } else {
            land_.say(reply(one.spoilt));
        }
        return said_by(call_land());
    }

private:
    [[nodiscard]] SoapPlatform caller(const std::string& consumer = "one-window") const {
        return {target_.platform(consumer), target_.keys(), consumer, "1.1"};
    }

    [[nodiscard]] HttpMessage send(const std::string& path, const std::string& body, const std::string& type) const {
        HttpMessage request;
        request.method = "POST";
        request.scheme = "https";
        request.target = path;
        request.body = body;
        request.add("Content-Type", type);
        return target_.platform().send(std::move(request));
    }

    [[nodiscard]] HttpMessage call_land() const {
        const SoapPlatform window = caller();
        return window.post(kLand, window.sign(window.parts(kLand, land_body_)));
    }

    /// A good reply, by asking the simulated department what the gateway asks.
    void ask_real_department() {
        land_.say(http("200 OK", "text/xml", ""));
        (void)call_land();
        HttpMessage request;
        request.method = "POST";
        request.scheme = "http";
        const std::size_t path = real_.find('/', std::string{"http://"}.size());
        request.target = path == std::string::npos ? "/" : real_.substr(path);
        request.body = land_.asked();
        request.add("Content-Type", "text/xml; charset=utf-8");
        request.add("SOAPAction", "\"getBdcInfo\"");
        good_ = journeys::Platform{real_.substr(0, path), target_.keys(), "one-window"}.send(std::move(request)).body;
    }

    [[nodiscard]] std::string reply(const std::string& spoilt) const {
        const std::string type = "text/xml; charset=utf-8";
        if (spoilt == "a comment") {
            return http("200 OK", type, replaced(good_, "<return>", "<!-- so it is --><return>"));
        }
        if (spoilt == "another charset") {
            const std::string declared = "<?xml version=\"1.0\" encoding=\"GB18030\"?>" +
                                         (good_.starts_with("<?xml") ? good_.substr(good_.find("?>") + 2) : good_);
            return http("200 OK", "text/xml; charset=GB18030",
                        charset::encode(declared, charset::Charset::gb18030).value());
        }
        if (spoilt == "a header of its own") {
            return http(
                "200 OK", type,
                replaced(
                    good_, "<soap:Body>",
                    "<soap:Header><x:requestHash xmlns:x=\"urn:x\">AAAA</x:requestHash></soap:Header><soap:Body>"));
        }
        if (spoilt == "about another person") {
            const std::string id = std::string{body_.find_path({"context", "subject", "id_no"})->scalar()};
            return http("200 OK", type, everywhere(good_, id, "999901199001010010"));
        }
        if (spoilt == "type blah") {
            return http("200 OK", "blah", good_);
        }
        if (spoilt == "cut off") {
            return http("200 OK", type, good_).substr(0, 600);
        }
        if (spoilt == "HTTP 404") {
            return http("404 Not Found", "text/html", "<html>no such page</html>");
        }
        REQUIRE(spoilt == "a fault");
        return http(
            "500 Internal Server Error", type,
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault>"
            "<faultcode>CODE</faultcode><faultstring>no</faultstring></soap:Fault></soap:Body></soap:Envelope>");
    }

    [[nodiscard]] HttpMessage signed_call(const std::string& spoilt) const {
        const SoapPlatform window = caller();
        const std::string path = spoilt == "an unknown service"     ? "/soap/no-such-service"
                                 : spoilt == "a source that is off" ? kOff
                                 : spoilt == "nobody there"         ? kNowhere
                                                                    : kFund;
        if (spoilt == "another consumer") {
            const SoapPlatform portal = caller("portal");
            return portal.post(path, portal.sign(portal.parts(path, body_)));
        }
        Record body = body_;
        if (path != kFund) {
            body.find("context")->put("purpose", Record::text("no-resubmission"));
        }
        auto parts = window.parts(path, body);
        change_payload(spoilt, parts.payload);
        std::string message = change_message(spoilt, window.sign(parts));
        if (spoilt == "type blah") {
            return send(path, message, "blah");
        }
        if (spoilt == "GET") {
            HttpMessage request = target_.platform().prepare_get(path);
            return target_.platform().send(std::move(request));
        }
        if (constexpr std::string_view kAction = "SOAPAction:"; spoilt.starts_with(kAction)) {
            HttpMessage request = target_.platform().prepare(path, message);
            std::erase_if(request.fields, [](const auto& field) { return field.name.starts_with("Signature"); });
            request.set("Content-Type", "text/xml; charset=utf-8");
            request.add("SOAPAction", spoilt.substr(kAction.size()));
            return target_.platform().send(std::move(request));
        }
        return window.post(path, std::move(message));
    }

    /// What the caller signs.
    static void change_payload(const std::string& spoilt, std::string& payload) {
        const std::string uri = journeys::uri_of(kFund);
        if (spoilt == "an empty body") {
            payload.clear();
        } else if (spoilt == "another service in Body") {
            payload = replaced(payload, uri, journeys::uri_of(kLand));
        } else if (spoilt == "a version that is no number") {
            payload = replaced(payload, uri, uri.substr(0, uri.size() - 1) + "x");
        } else if (spoilt == "another version") {
            payload = replaced(payload, uri, uri.substr(0, uri.size() - 1) + "7");
        } else if (spoilt == "no version") {
            payload = replaced(payload, uri, uri.substr(0, uri.size() - 2));
        } else if (spoilt == "no purpose") {
            const auto begin = payload.find("<purpose>");
            payload.erase(begin, payload.find("</purpose>") + 10 - begin);
        } else if (spoilt == "a fault in Body") {
            payload = "<soap:Fault><faultcode>code</faultcode><faultstring>no</faultstring></soap:Fault>";
        } else if (spoilt == "a prefix") {
            payload = everywhere(everywhere(payload, "</", "\x01"), "<", "<p:");
            payload = replaced(everywhere(payload, "\x01", "</p:"), "xmlns=", "xmlns:p=");
        } else if (spoilt == "white space") {
            payload = everywhere(payload, "><", ">\n  <");
        } else if (spoilt == "escaped markup") {
            payload = replaced(payload, "<account>", "<organisation>&lt;b&gt; &amp;amp; x</organisation><account>");
        }
    }

    /// What happens to it afterwards: some changes leave the canonical form as it was.
    static std::string change_message(const std::string& spoilt, std::string message) {
        if (spoilt == "a second Call") {
            const auto begin = message.find("<dt:Call");
            const std::string call = message.substr(begin, message.find("</dt:Call>") + 10 - begin);
            return replaced(message, "</soap:Header>", call + "</soap:Header>");
        }
        if (spoilt == "two bodies") {
            const auto begin = message.find("<soap:Body");
            const std::string body = message.substr(begin, message.find("</soap:Body>") + 12 - begin);
            return replaced(message, "</soap:Envelope>", body + "</soap:Envelope>");
        }
        if (spoilt == "no body") {
            const auto begin = message.find("<soap:Body");
            return message.erase(begin, message.find("</soap:Body>") + 12 - begin);
        }
        if (spoilt == "no header") {
            const auto begin = message.find("<soap:Header>");
            return message.erase(begin, message.find("</soap:Header>") + 14 - begin);
        }
        if (spoilt == "CDATA") {
            return replaced(message, "window-07", "<![CDATA[window-07]]>");
        }
        if (spoilt == "character references") {
            return replaced(message, "window-07", "&#119;indow&#x2d;07");
        }
        return spoilt == "a byte order mark" ? "\xEF\xBB\xBF" + message : message;
    }

    RawDepartment land_;
    std::string real_;
    Target target_;
    Record body_;
    Record land_body_;
    std::string good_;
};

}  // namespace

TEST_CASE("X-Road's cases of bad consumers and bad departments get our code and the right one's blame",
          "[blackbox][soap][security]") {
    const std::vector<Case> all = cases();
    const auto verdicts = verdicts_of_xroad();
    Scene scene;
    scene.warm();
    Tally tally;
    int without_counterpart = 0;
    for (const Case& one : all) {
        CAPTURE(one.name, one.way, one.spoilt);
        if (one.way == "none") {
            ++without_counterpart;
            std::cout << "    no counterpart: " << one.name << ": " << one.spoilt << '\n';
            continue;
        }
        const int before = scene.target().intents();
        scene.target().meter().reset_peak();
        const Used used = scene.target().meter().used();
        const Said said = scene.run(one);
        const Used then = scene.target().meter().used();
        tally.worst.take(one.name, used, then);
        const Cost cost = between(used, then);
        CAPTURE(cost.cpu.count(), cost.memory);
        CHECK(cost.is_borne(one.file.empty() ? 0 : data(one.file).size()));
        CHECK(said.code == one.code);
        CHECK(said.blame == one.blame);
        if (one.blame == "consumer") {
            CHECK(scene.target().intents() == before);  // nothing of it reached a department
        }
        const bool is_answered_there = verdicts.at(one.name) == "normal response";
        const bool is_right = said.code == one.code && said.blame == one.blame;
        const bool is_refused_there = verdicts.at(one.name).starts_with("fault");
        if (is_right && !is_refused_there && !one.rule().empty()) {
            ++tally.refused_by_policy[one.rule()];
            std::cout << "    refused by policy: " << one.name << ": " << one.rule() << " (" << said.code << ")\n";
        } else if (is_right && one.rule().empty() && is_answered_there == said.code.empty()) {
            ++tally.passed;
            std::cout << "    passed: " << one.name << ": "
                      << (said.code.empty() ? "answered" : said.code + ", blames the " + said.blame) << '\n';
        } else {
            ++tally.failed;
            FAIL_CHECK("not as mapped.tsv or cases.json has it: " << said.code << ' ' << said.blame);
        }
    }
    tally.print("xroad-soap");
    std::cout << "    " << without_counterpart << " of " << all.size() << " have no counterpart\n";
    CHECK(tally.failed == 0);
    CHECK(tally.passed == 60);
    CHECK(tally.refused_by_policy ==
          std::map<std::string, int>{{"a body over limits.body", 1}, {"an attachment in a call", 8}});
    CHECK(without_counterpart == 33);
    CHECK(tally.total() + without_counterpart == 102);
    CHECK(scene.target().answers());
}
