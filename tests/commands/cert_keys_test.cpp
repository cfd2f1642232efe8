#include <filesystem>

#include <sys/stat.h>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using commands::Installation;
using commands::Ran;
using support::ScratchFolder;

namespace {

/// `datong cert WORDS --folder FOLDER/keys`.
Ran cert(const ScratchFolder& folder, std::vector<std::string> words) {
    words.insert(words.begin(), "cert");
    words.insert(words.end(), {"--folder", folder / "keys"});
    return commands::datong(words);
}

/// An authority of openssl's own making answers the request of the key `id`.
void certify(const ScratchFolder& folder, const std::string& id, const std::string& days) {
    REQUIRE(
        commands::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                       "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-subj", "/CN=judge", "-days", "30"})
            .code == 0);
    REQUIRE(commands::run({"openssl", "x509", "-req", "-in", folder / ("keys/" + id + ".csr.pem"), "-copy_extensions",
                           "copyall", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial", "-days",
                           days, "-out", folder / "answer.pem"})
                .code == 0);
}

}  // namespace

TEST_CASE("cert init, csr and import go through an authority that is openssl's", "[commands][security]") {
    const ScratchFolder folder;
    const Ran made = cert(folder, {"init", "tls", "front", "--dns", "gw.shili.example", "--organization", "示例市"});
    INFO(made.out << made.err);
    REQUIRE(made.code == 0);
    CHECK_THAT(made.out, ContainsSubstring("front-2") && ContainsSubstring("datong cert import front FILE"));
    const std::string id = made.out.substr(made.out.find("keys/front-") + 5, 10);
    const Ran again = cert(folder, {"init", "tls", "front"});
    CHECK(again.code == 0);
    CHECK_THAT(again.out, ContainsSubstring("nothing was changed"));

    const Ran csr = cert(folder, {"csr", "front"});
    CHECK(csr.code == 0);
    CHECK(csr.out == folder.read("keys/" + id + ".csr.pem"));
    const Ran judged = commands::run(
        {"openssl", "req", "-in", folder / ("keys/" + id + ".csr.pem"), "-noout", "-verify", "-subject", "-text"});
    CHECK_THAT(judged.out, ContainsSubstring("DNS:gw.shili.example") && ContainsSubstring("Digital Signature"));

    certify(folder, id, "20");
    REQUIRE(commands::run({"openssl", "crl2pkcs7", "-nocrl", "-certfile", folder / "ca.pem", "-certfile",
                           folder / "answer.pem", "-outform", "DER", "-out", folder / "answer.p7b"})
                .code == 0);
    const Ran taken = cert(folder, {"import", "front", folder / "answer.p7b", "--trust", folder / "ca.pem"});
    INFO(taken.out << taken.err);
    CHECK(taken.code == 0);
    CHECK_THAT(taken.out, ContainsSubstring("in use"));
    CHECK(commands::run({"openssl", "verify", "-CAfile", folder / "ca.pem", folder / ("keys/" + id + ".chain.pem")})
              .code == 0);

    REQUIRE(cert(folder, {"init", "sign", "other"}).code == 0);
    const Ran wrong = cert(folder, {"import", "other", folder / "answer.pem"});
    CHECK(wrong.code == 1);
    CHECK_THAT(wrong.err, ContainsSubstring("for no key of the ring") && ContainsSubstring("datong cert csr other"));
    for (const std::string& said : {made.out, made.err, csr.out, taken.out, wrong.err}) {
        CHECK_THAT(said, !ContainsSubstring("PRIVATE KEY"));
    }
}

TEST_CASE("a write that fails, or kills the command, leaves the certificate that was there", "[commands]") {
    const ScratchFolder folder;
    const std::string trap = GENERATE(as<std::string>{}, "trap '' XFSZ; ", "");  // EFBIG, or the end by a signal
    CAPTURE(trap);
    REQUIRE(cert(folder, {"init", "tls", "front", "--id", "front-1", "--dns", "a.example"}).code == 0);
    certify(folder, "front-1", "20");
    REQUIRE(cert(folder, {"import", "front", folder / "answer.pem"}).code == 0);
    const std::string before = folder.read("keys/front-1.chain.pem");
    const std::string ring = folder.read("keys/front.keys.yaml");
    certify(folder, "front-1", "25");
    const auto with_no_room = [&](const std::string& what) {
        // what is said goes through a pipe, which has no limit
        const Ran ran = commands::run({"sh", "-c",
                                       "(" + trap + "ulimit -c 0; ulimit -f 0; \"$0\" cert " + what +
                                           " --folder \"$1\" 2>&1; echo \"status $?\") | cat",
                                       DATONG_PROGRAM, folder / "keys", folder / "answer.pem"});
        CHECK_THAT(ran.out, ContainsSubstring("status ") && !ContainsSubstring("status 0"));
        return ran.out;
    };
    const std::string cut = with_no_room("import front \"$2\"");
    CHECK(folder.read("keys/front-1.chain.pem") == before);
    static_cast<void>(with_no_room("rotate front"));
    CHECK(folder.read("keys/front.keys.yaml") == ring);
    if (!trap.empty()) {
        CHECK_THAT(cut, ContainsSubstring("can't write"));
    }
    CHECK(cert(folder, {"import", "front", folder / "answer.pem"}).code == 0);
    CHECK(folder.read("keys/front-1.chain.pem") == folder.read("answer.pem"));
}

TEST_CASE("a gateway with a ring publishes both keys of a rotation and keeps the retired one", "[commands][security]") {
    const Installation installation;
    const std::string keys = installation.environment.at("DATONG_KEYS");
    const auto cert_there = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "cert");
        const Ran ran = commands::datong(words, installation.environment);
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
    };
    const auto published = [&] {
        const Ran ran = commands::datong({"keys", "--config", installation.config()}, installation.environment);
        INFO(ran.err);
        REQUIRE(ran.code == 0);
        return ran.out;
    };
    cert_there({"init", "sign", "gateway", "--id", "gateway-2026", "--key", keys + "/gateway.key.pem"});
    installation.replace("config/gateway.yaml",
                         "key: {id: gateway-2026, file: \"${DATONG_KEYS:-keys}/gateway.key.pem\"}",
                         "key: {ring: \"${DATONG_KEYS}/gateway.keys.yaml\"}");
    const std::string alone = published();
    CHECK_THAT(alone, ContainsSubstring("\"gateway-2026\""));

    cert_there({"rotate", "gateway", "--id", "gateway-2027", "--at", "now"});
    CHECK_THAT(published(), ContainsSubstring("\"gateway-2026\"") && ContainsSubstring("\"gateway-2027\"") &&
                                !ContainsSubstring("datong_to"));
    cert_there({"rotate", "gateway", "--finish"});
    CHECK_THAT(published(), ContainsSubstring("\"gateway-2026\"") && ContainsSubstring("\"gateway-2027\"") &&
                                ContainsSubstring("datong_to"));
}

TEST_CASE("a key that others may read stops the start, with what to do", "[commands][security]") {
    const Installation installation;
    const std::string keys = installation.environment.at("DATONG_KEYS");
    const std::string name =
        GENERATE(as<std::string>{}, "gateway.key.pem", "tax.key.pem", "tls.key.pem", "subject.key");
    CAPTURE(name);
    const std::string path = keys + '/' + name;
    REQUIRE(commands::datong({"check", "--config", installation.config()}, installation.environment).code == 0);
    REQUIRE(::chmod(path.c_str(), 0644) == 0);
    const Ran ran = commands::datong({"check", "--config", installation.config()}, installation.environment);
    CHECK(ran.code == 78);
    CHECK_THAT(ran.err, ContainsSubstring("C203") && ContainsSubstring("chmod 600 ") && ContainsSubstring(name));
}

TEST_CASE("what cert is told wrongly it says, and changes nothing", "[commands]") {
    const ScratchFolder folder;
    CHECK(cert(folder, {"init", "seal", "gateway"}).code == 2);
    CHECK(cert(folder, {"init", "sign", "gateway", "--kind", "p521"}).code == 2);
    CHECK(cert(folder, {"rotate", "gateway", "--at", "tomorrow"}).code == 2);
    const Ran none = cert(folder, {"rotate", "gateway"});
    CHECK(none.code == 2);
    CHECK_THAT(none.err, ContainsSubstring("no such ring") && ContainsSubstring("datong cert init"));
    CHECK(cert(folder, {"import", "gateway", folder / "nowhere.pem"}).code == 2);
    CHECK(cert(folder, {"csr", "gateway"}).code == 2);
    CHECK(cert(folder, {"init", "sign", "gateway.x"}).code == 2);

    REQUIRE(cert(folder, {"init", "sign", "gateway", "--id", "gateway-2026"}).code == 0);
    REQUIRE(cert(folder, {"rotate", "gateway", "--id", "gateway-2099", "--at", "2099-01-01T00:00:00+08:00"}).code == 0);
    const Ran early = cert(folder, {"rotate", "gateway", "--finish"});
    CHECK(early.code == 1);
    CHECK_THAT(early.out, ContainsSubstring("未作改动"));
    CHECK_THAT(early.err, ContainsSubstring("尚不能收尾 nothing to finish yet: gateway-2099  2099-01-01"));
}

TEST_CASE("a published test key is taken in the sandbox and refused in production", "[commands][security]") {
    const Installation installation;
    const std::string keys = installation.environment.at("DATONG_KEYS");
    const auto run_check = [&] {
        return commands::datong({"check", "--config", installation.config()}, installation.environment);
    };
    const std::string published = DATONG_TEST_DATA "/rfc9421/keys/test-key-ecc-p256";
    const auto put = [&](const std::string& from, const std::string& name) {
        std::filesystem::copy_file(from, keys + '/' + name, std::filesystem::copy_options::overwrite_existing);
        REQUIRE(::chmod((keys + '/' + name).c_str(), 0600) == 0);
    };
    put(published + ".key.pem", "gateway.key.pem");
    put(DATONG_TEST_DATA "/rfc9421/keys/test-key-ed25519.key.pem", "tax.key.pem");
    put(DATONG_TEST_DATA "/rfc9421/keys/test-key-rsa.pub.pem", "portal.pub.pem");
    const Ran sandbox = run_check();
    INFO(sandbox.err);
    CHECK(sandbox.code == 0);
    installation.replace("config/gateway.yaml", "stage: sandbox", "stage: production");
    const Ran production = run_check();
    CHECK(production.code == 78);
    for (const char* where : {"B.1.1", "B.1.3", "B.1.4"}) {
        CHECK_THAT(production.err, ContainsSubstring("C218") && ContainsSubstring(where));
    }
}
