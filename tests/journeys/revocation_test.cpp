#include <chrono>
#include <filesystem>
#include <map>

#include "core/app/child.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"
#include "tests/support/http_handler.h"

using namespace datong;
using namespace datong::journeys;

namespace {

/// An authority for clients made by openssl's own programs, with its list and its responder. In the keys' folder.
class Authority {
public:
    explicit Authority(std::string folder) : folder_{std::move(folder)} {
        std::filesystem::create_directories(folder_);
        write_text(folder_ + "/ca.cnf",
                   "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ncrlnumber=crlnumber\n"
                   "certificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\ndefault_days=30\npolicy=p\n"
                   "unique_subject=no\n[p]\ncommonName=supplied\n");
        write_text(folder_ + "/index.txt", "");
        write_text(folder_ + "/serial", "01\n");
        write_text(folder_ + "/crlnumber", "01\n");
        run("openssl req -x509 " + kNewKey + " -keyout ca.key -out ca.pem -subj /CN=clients -days 30");
        for (const std::string name : {"one-window", "portal"}) {
            run("openssl req -new " + kNewKey + " -keyout client-" + name + ".key.pem -out r.csr -subj /CN=" + name);
            run("openssl ca -batch -notext -config ca.cnf -in r.csr -out client-" + name + ".chain.pem");
        }
    }

    void revoke(const std::string& name) const {
        run("openssl ca -config ca.cnf -revoke client-" + name + ".chain.pem");
    }
    /// A new list that holds for so many seconds, put in the old one's place at once.
    void publish(const std::string& seconds = "3600") const {
        run("openssl ca -config ca.cnf -gencrl -crlsec " + seconds + " -out new.crl && mv new.crl ca.crl");
    }
    /// What openssl's responder says to a request; empty when it can't. From any thread.
    /// @param signer  folder of the authority that signs it.
    [[nodiscard]] std::string respond(const std::string& request, const std::string& signer = ".") const {
        write_text(folder_ + "/request.der", request);
        const int code = status_of("openssl ocsp -index index.txt -CA ca.pem -nmin 5 -rsigner " + signer +
                                   "/ca.pem -rkey " + signer + "/ca.key -reqin request.der -respout response.der");
        return code == 0 ? read_file(folder_ + "/response.der") : std::string{};
    }
    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + '/' + name; }

private:
    [[nodiscard]] int status_of(const std::string& command) const {
        auto child =
            app::Child::start({"/bin/sh", "-c", "cd '" + folder_ + "' && " + command}, {}, folder_ + "/output");
        return child ? child->wait() : -1;
    }
    void run(const std::string& command) const {
        const int code = status_of(command);
        CAPTURE(command, read_file(folder_ + "/output"));
        REQUIRE(code == 0);
    }

    inline static const std::string kNewKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    std::string folder_;
};

void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    write_text(file, text.replace(at, what.size(), with));
}

/// Consumers show certificates of the authority, and the gateway asks about them so.
void ask_about_clients(const std::string& config, const std::string& revocation) {
    replace_in(config + "/gateway.yaml", "client_ca: \"${DATONG_KEYS:-keys}/ca.pem\"\n    client: optional",
               "client_ca: \"${DATONG_KEYS}/ca/ca.pem\"\n    client: required\n    revocation: " + revocation);
    for (const std::string name : {"one-window", "portal"}) {
        replace_in(config + "/consumers/" + name + ".yaml",
                   "keys:", "certificates: [{subject: CN=" + name + "}]\nkeys:");
    }
}

/// Authority and gateway, by one setting.
struct Scene {
    explicit Scene(const std::string& revocation, const std::function<void(const Authority&)>& prepare = {})
        : gateway{{.change = [&](const std::string& config) {
              authority.emplace(config + "/../keys/ca");
              if (prepare) {
                  prepare(*authority);
              }
              ask_about_clients(config, revocation);
          }}} {}

    /// Status and code of a call, such as "200 " or "403 wrong_certificate".
    [[nodiscard]] std::string call(const std::string& consumer) const {
        Platform platform = gateway.platform(consumer);
        platform.show_certificate("ca/client-" + consumer);
        record::Record body = gateway.body(kMarket);
        if (consumer == "portal") {
            body.find("context")->put("purpose", record::Record::text("enterprise-enquiry"));
        }
        const auto answer = platform.call(kMarket, body);
        return std::to_string(answer.status) + ' ' + json_of(answer).text_of("code");
    }
    [[nodiscard]] bool becomes(const std::string& consumer, const std::string& wanted) const {
        return wait_until([&] { return call(consumer) == wanted; });
    }
    [[nodiscard]] bool counts(const std::string& metric) {
        return gateway.program().sink().metrics().find(metric) != std::string::npos;
    }

    std::optional<Authority> authority;
    GatewayUnderTest gateway;
};

constexpr const char* kByList = "{mode: hard, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 1}";

}  // namespace

TEST_CASE("a consumer whose certificate is revoked is refused while the gateway runs, and it alone",
          "[journey][security]") {
    Scene scene{kByList, [](const Authority& authority) { authority.publish(); }};
    CHECK(scene.call("one-window") == "200 ");
    CHECK(scene.call("portal") == "200 ");
    scene.authority->revoke("one-window");
    scene.authority->publish();
    CHECK(scene.becomes("one-window", "403 wrong_certificate"));
    CHECK(scene.call("portal") == "200 ");
    CHECK(scene.counts("datong_revocation_findings_total{standing=\"revoked\"} 1"));
    // what is no list takes nothing away of the one before
    write_text(scene.authority->path("ca.crl"), "<html>login</html>");
    REQUIRE(wait_until([&] { return scene.counts("datong_revocation_failures_total"); }));
    CHECK(scene.call("one-window") == "403 wrong_certificate");
    CHECK(scene.call("portal") == "200 ");
    scene.authority->publish();
    CHECK(scene.gateway.admin("POST", "/v1/reload").status == 200);
    CHECK(scene.call("one-window") == "403 wrong_certificate");
    CHECK(scene.call("portal") == "200 ");
    scene.gateway.stop();
    CHECK(scene.gateway.verify().valid);
    CHECK_THAT(scene.gateway.log(), ContainsSubstring("certificate_doubted"));
}

TEST_CASE("hard: a list that is too old proves nobody, and a new one does at once", "[journey][security]") {
    Scene scene{kByList, [](const Authority& authority) { authority.publish("4"); }};
    CHECK(scene.becomes("portal", "503 unavailable"));
    scene.authority->publish();
    CHECK(scene.becomes("portal", "200 "));
}

TEST_CASE("soft: without a list who calls is let pass and counted, and a list counts from when it is there",
          "[journey][security]") {
    Scene scene{"{mode: soft, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 1}"};
    CHECK(scene.call("one-window") == "200 ");
    CHECK(scene.counts("datong_revocation_findings_total{standing=\"let_pass\"} 1"));
    CHECK(scene.counts("datong_revocation_failures_total"));
    scene.authority->revoke("one-window");
    scene.authority->publish("1");
    CHECK(scene.becomes("one-window", "403 wrong_certificate"));
    // the list is too old soon after, or gone: who stood in it is revoked all the same
    std::filesystem::remove(scene.authority->path("ca.crl"));
    const auto later = std::chrono::steady_clock::now() + std::chrono::seconds{3};
    while (std::chrono::steady_clock::now() < later) {
        REQUIRE(scene.call("one-window") == "403 wrong_certificate");
    }
    CHECK(scene.call("portal") == "200 ");
}

TEST_CASE("hard with a list that is not there refuses everybody with a certificate", "[journey][security]") {
    Scene scene{kByList};
    CHECK(scene.call("portal") == "503 unavailable");
    CHECK(scene.counts("datong_revocation_findings_total{standing=\"refused\"} 1"));
}

TEST_CASE("a responder is asked once a connection is new, and its answer holds when it stops", "[journey][security]") {
    const Authority* authority = nullptr;
    support::HttpHandler responder{[&authority](const support::HandledRequest& request) {
        return support::HttpHandler::Answer{.body = authority->respond(request.body)};
    }};
    Scene scene{"{mode: hard, ocsp: \"" + responder.url() + "/ocsp\", refresh_s: 1}",
                [&authority](const Authority& made) { authority = &made; }};
    CHECK(scene.call("one-window") == "200 ");
    scene.authority->revoke("one-window");
    CHECK(scene.becomes("one-window", "403 wrong_certificate"));
    CHECK(scene.call("portal") == "200 ");
    responder.stop();
    CHECK(wait_until([&] { return scene.counts("datong_revocation_failures_total"); }));
    CHECK(scene.call("portal") == "200 ");  // good for five minutes more
    CHECK(scene.call("one-window") == "403 wrong_certificate");
    scene.gateway.restart();  // what was known is forgotten, and nobody answers
    CHECK(scene.call("portal") == "503 unavailable");
}

TEST_CASE("an answer of another authority's is not believed", "[journey][security]") {
    std::optional<Authority> stranger;
    const Authority* authority = nullptr;
    support::HttpHandler responder{[&](const support::HandledRequest& request) {
        return support::HttpHandler::Answer{.body = authority->respond(request.body, stranger->path("."))};
    }};
    Scene scene{"{mode: hard, ocsp: \"" + responder.url() + "\", refresh_s: 1}", [&](const Authority& made) {
                    authority = &made;
                    stranger.emplace(made.path("stranger"));
                }};
    CHECK(scene.call("portal") == "503 unavailable");
    scene.gateway.stop();
    CHECK_THAT(scene.gateway.log(), ContainsSubstring("not signed by the issuer or its delegate"));
}
