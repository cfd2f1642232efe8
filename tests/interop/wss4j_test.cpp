// Apache WSS4J and Santuario as the other side: what they sign is answered, what the gateway signs they verify, and
// neither takes what was altered.
#include <filesystem>

#include "core/codec/json.h"
#include "core/crypto/x509.h"
#include "core/wsse/envelope.h"
#include "tests/interop/toolkit.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::interop;
using commands::Ran;

namespace {

constexpr const char* kPath = "/soap/tax-clearance";
constexpr const char* kEcdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
constexpr const char* kRsa = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
constexpr const char* kPss = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";

const std::vector<std::string> kJars{"/usr/share/java/wss4j.jar",           "/usr/share/java/xmlsec.jar",
                                     "/usr/share/java/commons-logging.jar", "/usr/share/java/slf4j-api.jar",
                                     "/usr/share/java/slf4j-nop.jar",       "/usr/share/java/commons-codec.jar",
                                     "/usr/share/java/bcprov.jar"};

bool is_there() {
    if (has_files(kJars)) {
        return true;
    }
    WARN(
        "skipped: WSS4J, Santuario and BouncyCastle (libwss4j-java, libxml-security-java, libbcprov-java) are not "
        "installed");
    return false;
}

/// Wss4jCaller, compiled into a folder of the test's own.
class Java {
public:
    Java() {
        const Ran compiled = commands::run({"javac", "-encoding", "UTF-8", "-cp", path(), "-d", folder_ / ".",
                                            std::string{DATONG_SOURCE_DIR} + "/tests/interop/Wss4jCaller.java"});
        INFO(compiled.out << compiled.err);
        REQUIRE(compiled.code == 0);
    }

    [[nodiscard]] Ran go(std::vector<std::string> words) const {
        std::vector<std::string> all{"java", "-Dfile.encoding=UTF-8", "-cp", (folder_ / ".") + ":" + path(),
                                     "Wss4jCaller"};
        all.insert(all.end(), words.begin(), words.end());
        return commands::run(all);
    }
    [[nodiscard]] std::string put(const std::string& name, const std::string& text) const {
        folder_.write(name, text);
        return folder_ / name;
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_ / name; }

private:
    static std::string path() {
        std::string all;
        for (const std::string& jar : kJars) {
            all.append(all.empty() ? "" : ":").append(jar);
        }
        return all;
    }
    support::ScratchFolder folder_;
};

struct Kind {
    crypto::Algorithm keys;
    const char* algorithm;
    const char* version;
};

}  // namespace

TEST_CASE("WSS4J calls the gateway, verifies its answer and takes no other", "[interop][soap][security]") {
    if (!is_there()) {
        return;
    }
    const auto kind = GENERATE(values<Kind>({{crypto::Algorithm::ecdsa_p256_sha256, kEcdsa, "1.1"},
                                             {crypto::Algorithm::rsa_v1_5_sha256, kRsa, "1.2"},
                                             {crypto::Algorithm::rsa_v1_5_sha256, kPss, "1.1"}}));
    CAPTURE(kind.algorithm);
    const auto gateway = gateway_with(kind.keys);
    const std::string keys = gateway->folder() + "/keys/";
    const Java java;
    const std::string call = java.put("call.xml", bare_call(*gateway, kPath, kind.version));
    const Ran called = java.go({"call", keys + "caller.key.pem", keys + "caller.x509.pem", kind.algorithm, call,
                                gateway->platform().url() + kPath, keys + "ca.pem", keys + "gateway.x509.pem",
                                java.file("answer.xml")});
    INFO(called.out << called.err);
    REQUIRE(called.code == 0);
    CHECK_THAT(called.out, ContainsSubstring("signed: Body Call SignatureConfirmation Timestamp"));
    const std::string answer = journeys::read_file(java.file("answer.xml"));
    CHECK(journeys::record_of(answer).text_of("outcome") == "found");

    // the same answer with one letter changed, and by another's key
    const std::string spoilt = java.put("spoilt.xml", replaced(answer, "<outcome>found", "<outcome>fount"));
    CHECK(java.go({"verify", keys + "gateway.x509.pem", spoilt}).code == 1);
    CHECK(java.go({"verify", keys + "gateway.x509.pem", java.file("answer.xml")}).code == 0);
    CHECK(java.go({"verify", keys + "caller.x509.pem", java.file("answer.xml")}).code == 1);
    CHECK(java.go({"verify", keys + "gateway.x509.pem", java.file("answer.xml"), "AAAA"}).code ==
          1);  // of another request
}

TEST_CASE("WSS4J verifies an answer by MTOM over the Base64 of its file, and takes no other file",
          "[interop][soap][files][security]") {
    if (!is_there()) {
        return;
    }
    const auto gateway = gateway_with(crypto::Algorithm::rsa_v1_5_sha256);
    const std::string keys = gateway->folder() + "/keys/";
    const Java java;
    const journeys::SoapPlatform sender{gateway->platform(), gateway->folder() + "/keys", "one-window", "1.1"};
    const char* path = "/soap/discharge-permit";
    const auto answer = sender.post(path, sender.sign(sender.parts(path, journeys::body_of(permit_question()))),
                                    "multipart/related, application/xop+xml");
    REQUIRE(answer.status == 200);
    const std::string type = answer.field("content-type").value_or("");
    const std::vector<std::string> verify{"mtom", keys + "gateway.x509.pem", java.put("answer.mtom", answer.body), type,
                                          java.file("file.ofd")};
    const Ran good = java.go(verify);
    INFO(good.out << good.err);
    CHECK(good.code == 0);
    CHECK_THAT(good.out, ContainsSubstring("signed: Body Call SignatureConfirmation Timestamp"));
    const std::string file = journeys::read_file(java.file("file.ofd"));
    CHECK(file.starts_with("PK"));
    CHECK(answer.body.find(file) != std::string::npos);

    std::string spoilt = answer.body;
    const std::size_t in_file = spoilt.find(file) + file.size() / 2;
    spoilt[in_file] = static_cast<char>(spoilt[in_file] ^ 1);
    (void)java.put("answer.mtom", spoilt);
    CHECK(java.go(verify).code == 1);
}

TEST_CASE("what WSS4J signed and somebody altered is refused", "[interop][soap][security]") {
    if (!is_there()) {
        return;
    }
    const auto gateway = gateway_with(crypto::Algorithm::ecdsa_p256_sha256);
    const std::string keys = gateway->folder() + "/keys/";
    const Java java;
    const std::string call = java.put("call.xml", bare_call(*gateway, kPath, "1.1"));
    const Ran made = java.go({"sign", keys + "caller.key.pem", keys + "caller.x509.pem", kEcdsa, call});
    INFO(made.err);
    REQUIRE(made.code == 0);
    const journeys::SoapPlatform sender{gateway->platform(), gateway->folder() + "/keys", "one-window", "1.1"};
    for (const auto& [what, with] :
         {std::pair{"window-07", "window-08"}, std::pair{"<wsu:Created>20", "<wsu:Created>21"}}) {
        const auto refused = sender.post(kPath, replaced(made.out, what, with));
        CHECK(journeys::record_of(refused.body).text_of("code") == "signature_invalid");
    }
    CHECK(sender.post(kPath, made.out).status == 200);
}
