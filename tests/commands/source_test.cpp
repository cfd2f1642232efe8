#include <filesystem>
#include <fstream>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/loopback_server.h"

using namespace datong::commands;

namespace {

Ran check(const Installation& installation, const std::string& name) {
    return datong::commands::datong({"source", "check", name, "--config", installation.config()},
                                    installation.environment);
}

}  // namespace

TEST_CASE("source check says how far it came with each kind of source", "[commands]") {
    struct Row {
        const char* source;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({{"land/land-registry", "the settings hold no credentials"},
                                           {"market/market-query", "the settings hold no credentials"},
                                           {"medical/insured-query", "reachable; whether it takes our credentials"},
                                           {"finance/nontax-frame", "reachable; whether it takes our credentials"},
                                           {"market/provincial-registry", "the platform has lent us its secret"},
                                           {"fund/fund-settlement", "the sign-in was taken, and brought its key"},
                                           {"tax/tax-front", "it lets us in"},
                                           {"fund/fund-front", "it lets us in"}}));
    const Installation installation;
    const Ran ran = check(installation, row.source);
    CAPTURE(row.source, ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring(row.source) && ContainsSubstring(row.says));
}

TEST_CASE("source check of what is down says so, and why", "[commands]") {
    Installation installation;
    std::string source;
    std::string says;
    SECTION("nobody listens there") {
        installation.environment["DATONG_LAND_URL"] = "http://127.0.0.1:1/bdc";
        source = "land/land-registry";
        says = "refused";
    }
    SECTION("the folder is not there") {
        installation.environment["DATONG_TAX_FOLDER"] = installation.path("nowhere");
        source = "tax/tax-front";
        says = "No such file";
    }
    const Ran ran = check(installation, source);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring(source) && ContainsSubstring("department_down") && ContainsSubstring(says));
}

TEST_CASE("source check tells wrong credentials from what can't be reached", "[commands][security]") {
    Installation installation;
    std::string source;
    std::string says;
    std::string code;
    SECTION("a sign-in's password") {
        installation.environment["DATONG_FUND_SETTLEMENT_PASSWORD"] = "guessed";
        source = "fund/fund-settlement";
        code = "department_refused";
        says = "does not take the sign-in";
    }
    SECTION("a platform's appkey") {
        std::ofstream{installation.path("other.appkey")} << std::string(32, 'f');
        std::filesystem::permissions(installation.path("other.appkey"), std::filesystem::perms::owner_read);
        installation.environment["DATONG_PROVINCIAL_APPKEY_FILE"] = installation.path("other.appkey");
        source = "market/provincial-registry";
        code = "department_refused";
        says = "";
    }
    SECTION("nobody listens there") {
        installation.environment["DATONG_FUND_SETTLEMENT_PORT"] = "1";
        source = "fund/fund-settlement";
        code = "department_down";
        says = "refused";
    }
    SECTION("a server with another certificate than the pinned one") {
        std::filesystem::copy(installation.path("keys/ca.pem"), installation.path("other.pem"));
        installation.environment["DATONG_MEDICAL_CA"] = installation.path("other.pem");
        source = "medical/insured-query";
        code = "department_down";
        says = "certificate";
    }
    const Ran ran = check(installation, source);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring(code) && ContainsSubstring(says) && !ContainsSubstring("lets us in"));
    CHECK(ran.out.find("guessed") == std::string::npos);
}

TEST_CASE("what a probe can't try of credentials a sample shows", "[commands][security]") {
    Installation installation;
    const datong::departments::Demo demo = datong::departments::demo_person();
    installation.replace("config/services/medical-insurance.yaml", "kind: query", "kind: query\nsample: sample.json");
    std::ofstream{installation.path("config/sample.json")}
        << R"({"context": {"purpose": "no-resubmission", "subject": {"name": ")" << demo.person.name
        << R"(", "id_type": "111", "id_no": ")" << demo.person.id
        << R"("}, "operator": {"account": "it", "division": "999901"}}})";
    SECTION("they are taken") {
        const Ran ran = check(installation, "medical/insured-query");
        CAPTURE(ran.out, ran.err);
        CHECK(ran.code == 0);
        CHECK_THAT(ran.out, ContainsSubstring("it lets us in: it answered the sample"));
    }
    SECTION("they are not") {
        std::ofstream{installation.path("other.token")} << std::string(32, 'f');
        std::filesystem::permissions(installation.path("other.token"), std::filesystem::perms::owner_read);
        installation.environment["DATONG_MEDICAL_TOKEN_FILE"] = installation.path("other.token");
        const Ran ran = check(installation, "medical/insured-query");
        CAPTURE(ran.out, ran.err);
        CHECK(ran.code == 1);
        CHECK_THAT(ran.out, ContainsSubstring("department_refused") && !ContainsSubstring("lets us in"));
    }
    SECTION("an answer that is not what the mapping reads is told in words, with what helps") {
        struct Row {
            const char* body;
            const char* says;
            const char* advice;
        };
        const Row row =
            GENERATE(values<Row>({{"<html><body>login</body></html>", "不是有效的 JSON", "登录页"},
                                  {"{\"code\": \"0\", \"data\": \"\xB9\xAB\"}", "JSON", "charset: gb18030"},
                                  {"{\"code\": \"0\", \"data\": null}", "'data'", "outcome: {none: 路径}"}}));
        const datong::support::LoopbackServer server{[&](datong::support::LoopbackServer::Socket& socket) {
            char octets[4096];
            boost::system::error_code ec;
            socket.read_some(boost::asio::buffer(octets), ec);
            const std::string body = row.body;
            const std::string answer =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\nConnection: close\r\n\r\n" + body;
            boost::asio::write(socket, boost::asio::buffer(answer), ec);
            socket.shutdown(datong::support::LoopbackServer::Socket::shutdown_both, ec);
        }};
        installation.replace("config/departments/medical.yaml", "\"${DATONG_MEDICAL_URL}\"",
                             "\"http://127.0.0.1:" + std::to_string(server.port()) + "\"");
        const Ran ran = check(installation, "medical/insured-query");
        CAPTURE(ran.out, ran.err);
        CHECK(ran.code == 1);
        CHECK_THAT(ran.out, ContainsSubstring(row.says) && ContainsSubstring(row.advice));
    }
    SECTION("status 401 says so") {
        const datong::support::LoopbackServer server{[](datong::support::LoopbackServer::Socket& socket) {
            char octets[4096];
            boost::system::error_code ec;
            socket.read_some(boost::asio::buffer(octets), ec);
            const std::string answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            boost::asio::write(socket, boost::asio::buffer(answer), ec);
            socket.shutdown(datong::support::LoopbackServer::Socket::shutdown_both, ec);
        }};
        installation.replace("config/departments/medical.yaml", "\"${DATONG_MEDICAL_URL}\"",
                             "\"http://127.0.0.1:" + std::to_string(server.port()) + "\"");
        const Ran ran = check(installation, "medical/insured-query");
        CAPTURE(ran.out, ran.err);
        CHECK(ran.code == 1);
        CHECK_THAT(ran.out, ContainsSubstring("it does not take our credentials"));
    }
}

TEST_CASE("source check of a name that is none says the nearest right one", "[commands]") {
    const Installation installation;
    const Ran ran = check(installation, "land/land-registy");
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, ContainsSubstring("try land/land-registry"));
}

TEST_CASE("source check asks a sample and says what came of it, never a value", "[commands]") {
    const Installation installation;
    const datong::departments::Demo demo = datong::departments::demo_person();
    const auto sample = [&](const std::string& id) {
        return R"({"context": {"purpose": "existing-home-transfer", "subject": {"name": ")" + demo.person.name +
               R"(", "id_type": "111", "id_no": ")" + id +
               R"("}, "operator": {"account": "it", "division": "999901"}}, "query": {}})";
    };
    std::string text;
    int code = 0;
    std::string says;
    SECTION("a person whom the department knows") {
        text = sample(demo.person.id);
        says = "found, and the mapping reads it";
    }
    SECTION("a sample that the request mapping refuses") {
        text = sample("99990119900101001");
        code = 1;
        says = "公民身份号码";  // which rule, and in words
    }
    SECTION("a sample that is none") {
        text = "{}";
        code = 2;
        says = "is no sample";
    }
    SECTION("another service's") {
        text = sample(demo.person.id);
        text.insert(1, R"("service": "tax-clearance", )");
        code = 2;
        says = "fund-deposit-certificate";
    }
    std::ofstream{installation.path("sample.json")} << text;
    const Ran ran = datong::commands::datong({"source", "check", "fund/fund-front", "--sample",
                                              installation.path("sample.json"), "--config", installation.config()},
                                             installation.environment);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == code);
    CHECK_THAT(ran.out + ran.err, ContainsSubstring(says));
    CHECK((ran.out + ran.err).find(demo.person.id) == std::string::npos);
}

TEST_CASE("source check asks the sample that a service names", "[commands]") {
    const Installation installation;
    const datong::departments::Demo demo = datong::departments::demo_person();
    installation.replace("config/services/fund-deposit-certificate.yaml", "kind: query",
                         "kind: query\nsample: fund-sample.json");
    std::ofstream{installation.path("config/fund-sample.json")}
        << R"({"context": {"purpose": "existing-home-transfer", "subject": {"name": ")" << demo.person.name
        << R"(", "id_type": "111", "id_no": ")" << demo.person.id
        << R"("}, "operator": {"account": "it", "division": "999901"}}})";
    const Ran ran = check(installation, "fund/fund-front");
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK_THAT(ran.out, ContainsSubstring("sample fund-deposit-certificate"));
    CHECK_THAT(check(installation, "tax/tax-front").out, ContainsSubstring("no sample"));
}

TEST_CASE("source check warns of what the settings weaken, and the secret comes from the environment",
          "[commands][security]") {
    Installation installation;
    const auto sign_with = [&](const std::string& secret) {
        installation.replace("config/departments/market.yaml", "      operations:",
                             "      sign: {profile: tif, id: paas, secret: " + secret + "}\n      operations:");
    };
    SECTION("from a variable") {
        sign_with("\"${DATONG_TEST_TOKEN}\"");
        installation.environment["DATONG_TEST_TOKEN"] = "not-to-be-shown";
        const Ran ran = check(installation, "market/market-query");
        CAPTURE(ran.out, ran.err);
        CHECK(ran.code == 0);
        CHECK_THAT(ran.out, ContainsSubstring("warning: ") && ContainsSubstring("tif does not cover the body"));
        CHECK((ran.out + ran.err).find("not-to-be-shown") == std::string::npos);
    }
    SECTION("written in the file, also as a variable's default or half") {
        sign_with(GENERATE(as<std::string>{}, "not-to-be-shown", "\"${DATONG_TEST_TOKEN:-not-to-be-shown}\"",
                           "\"x${DATONG_TEST_HALF}\""));
        installation.environment["DATONG_TEST_HALF"] = "not-to-be-shown";
        const Ran ran = check(installation, "market/market-query");
        CAPTURE(ran.out, ran.err);
        CHECK(ran.code == 78);
        CHECK_THAT(ran.err, ContainsSubstring("departments/market.yaml:") && ContainsSubstring("is a secret"));
        CHECK((ran.out + ran.err).find("not-to-be-shown") == std::string::npos);
    }
}
