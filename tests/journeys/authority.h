#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/app/child.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

namespace datong::journeys {

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
            issue(name);
        }
    }

    /// A client's: client-NAME.chain.pem and client-NAME.key.pem. @param more  options of `openssl ca`.
    void issue(const std::string& name, const std::string& more = {}) const {
        run("openssl req -new " + kNewKey + " -keyout client-" + name + ".key.pem -out r.csr -subj /CN=" + name);
        run("openssl ca -batch -notext -config ca.cnf " + more + " -in r.csr -out client-" + name + ".chain.pem" +
            behind(name));
    }

    /// A server on 127.0.0.1: client-NAME.chain.pem and client-NAME.key.pem likewise.
    void issue_server(const std::string& name) const {
        write_text(folder_ + "/san.cnf", "subjectAltName=IP:127.0.0.1\n");
        run("openssl req -new " + kNewKey + " -keyout client-" + name + ".key.pem -out r.csr -subj /CN=" + name);
        run("openssl ca -batch -notext -config ca.cnf -extfile san.cnf -in r.csr -out client-" + name + ".chain.pem");
    }
    /// A certificate for a key that is there: client-NAME.chain.pem.
    /// @param key  its file, as seen from the authority's folder.
    void certify(const std::string& name, const std::string& key) const {
        run("openssl req -new -key " + key + " -out r.csr -subj /CN=" + name);
        run("openssl ca -batch -notext -config ca.cnf -in r.csr -out client-" + name + ".chain.pem" + behind(name));
    }
    /// Becomes an authority of that name below another one, in whose folder its certificate is client-NAME.chain.pem;
    /// what it issues from now on brings that certificate along.
    void put_below(const Authority& above, const std::string& name) {
        write_text(above.path("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n");
        run("openssl req -new -key ca.key -out ca.csr -subj /CN=" + name);
        above.run("openssl ca -batch -notext -config ca.cnf -extfile ca.ext -in '" + path("ca.csr") + "' -out client-" +
                  name + ".chain.pem");
        run("cp '" + above.path("client-" + name + ".chain.pem") + "' ca.pem");
        brings_own_ = " && cat ca.pem >>client-";
        for (const std::string client : {"one-window", "portal"}) {
            issue(client);
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
    [[nodiscard]] std::string behind(const std::string& name) const {
        return brings_own_.empty() ? std::string{} : brings_own_ + name + ".chain.pem";
    }
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
    std::string brings_own_;  ///< empty: a root, which everybody has
};

inline void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    write_text(file, text.replace(at, what.size(), with));
}

/// Consumers show certificates of the authority, and the gateway asks about them so.
inline void ask_about_clients(const std::string& config, const std::string& revocation) {
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

}  // namespace datong::journeys
