// gSOAP with its wsse plug-in as the other side: its stub is made of the gateway's own WSDL. It writes ECDSA signatures
// as DER, which XML signatures do not know (RFC 4050, 3.3), so it is asked for RSA alone.
#include <cstdlib>
#include <filesystem>

#include "core/contracts/wsdl.h"
#include "examples/departments/city.h"
#include "tests/interop/toolkit.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::interop;
using commands::Ran;

namespace {

constexpr const char* kPath = "/soap/fund-deposit-certificate";
const std::string kShare = "/usr/share/gsoap/";

bool is_there() {
    if (has_files({"/usr/bin/wsdl2h", "/usr/bin/soapcpp2", kShare + "plugin/wsseapi.cpp", kShare + "import/wsse.h"})) {
        return true;
    }
    WARN("skipped: gSOAP (gsoap, libgsoap-dev) is not installed");
    return false;
}

/// Runs it in that folder, however long a compiler takes: the test's own limit holds.
void must(const std::vector<std::string>& words, const std::string& folder) {
    std::string line = "cd '" + folder + "' && (";
    for (const std::string& word : words) {
        line += " '" + word + "'";
    }
    line += " ) > said.txt 2>&1";
    const bool is_good = std::system(line.c_str()) == 0;
    INFO(line << '\n' << journeys::read_file(folder + "/said.txt"));
    REQUIRE(is_good);
}

/// The caller of gsoap_caller.cpp, with a stub made of this WSDL.
class Stub {
public:
    explicit Stub(const std::string& wsdl) {
        const std::string here = folder_ / ".";
        folder_.write("service.wsdl", wsdl);
        must({"wsdl2h", "-o", "service.h", "service.wsdl"}, here);
        const std::string header = journeys::read_file(folder_ / "service.h");
        folder_.write("service.h", replaced(header, "#include <vector>", "#import \"wsse.h\"\n#include <vector>"));
        must({"soapcpp2", "-C", "-L", "-x", "-I" + kShare + "import:" + kShare, "service.h"}, here);
        const std::vector<std::string> flags{"-w",          "-O0", "-DWITH_OPENSSL", "-DWITH_DOM",
                                             "-DWITH_GZIP", "-I.", "-I" + kShare};
        for (const std::string& source :
             {std::string{"soapC.cpp"}, std::string{"soapClient.cpp"}, kShare + "plugin/wsseapi.cpp",
              kShare + "plugin/smdevp.c", kShare + "plugin/mecevp.c", kShare + "plugin/threads.c",
              kShare + "custom/struct_timeval.c", std::string{DATONG_SOURCE_DIR} + "/tests/interop/gsoap_caller.cpp"}) {
            std::vector<std::string> words{DATONG_COMPILER};
            words.insert(words.end(), flags.begin(), flags.end());
            words.insert(words.end(), {"-x", "c++", "-c", source});
            must(words, here);
        }
        must({"sh", "-c", std::string{DATONG_COMPILER} + " *.o -o caller -lgsoapssl++ -lssl -lcrypto -lz"}, here);
    }

    [[nodiscard]] Ran go(std::vector<std::string> words) const {
        const departments::Demo demo = departments::demo_person();
        words.insert(words.begin(), folder_ / "caller");
        return commands::run(words, {{"DEMO_PURPOSE", "existing-home-transfer"},
                                     {"DEMO_CASE", demo.case_number},
                                     {"DEMO_DIVISION", demo.flat.division},
                                     {"DEMO_NAME", demo.person.name},
                                     {"DEMO_ID", demo.person.id}});
    }
    [[nodiscard]] std::string put(const std::string& name, const std::string& text) const {
        folder_.write(name, text);
        return folder_ / name;
    }
    [[nodiscard]] std::string file(const std::string& name) const { return folder_ / name; }

private:
    support::ScratchFolder folder_;
};

}  // namespace

TEST_CASE("gSOAP calls the gateway by a stub of its WSDL, verifies the answer and takes no other",
          "[interop][soap][security]") {
    if (!is_there()) {
        return;
    }
    const auto gateway = gateway_with(crypto::Algorithm::rsa_v1_5_sha256);
    const std::string keys = gateway->folder() + "/keys/";
    const std::string url = gateway->platform().url();
    const auto snapshot = gateway->program().current().get();
    const Stub stub{contracts::wsdl_of(contracts::contract_of(*snapshot->service("fund-deposit-certificate")), url)};
    // gSOAP wants a path to an authority that it trusts for the token's certificate too, not for the connection's alone
    const std::string trusted =
        stub.put("trusted.pem", journeys::read_file(keys + "ca.pem") + journeys::read_file(keys + "gateway.x509.pem"));
    const Ran called = stub.go({"call", keys + "caller.key.pem", keys + "caller.x509.pem", url + kPath, trusted,
                                keys + "gateway.pub.pem", stub.file("answer.xml")});
    const std::string answer = journeys::read_file(stub.file("answer.xml"));
    INFO(called.out << called.err << answer);
    REQUIRE(called.code == 0);
    CHECK_THAT(called.out, ContainsSubstring("valid: fund-deposit-certificate@1.0.0"));

    CHECK(stub.go({"verify", keys + "gateway.pub.pem", stub.file("answer.xml")}).code == 0);
    const std::string spoilt = stub.put("spoilt.xml", replaced(answer, "<outcome>found", "<outcome>match"));
    CHECK(stub.go({"verify", keys + "gateway.pub.pem", spoilt}).code == 1);
    CHECK(stub.go({"verify", keys + "caller.pub.pem", stub.file("answer.xml")}).code == 1);

    const Ran made = stub.go({"sign", keys + "caller.key.pem", keys + "caller.x509.pem", url + kPath});
    REQUIRE(made.code == 0);
    const journeys::SoapPlatform sender{gateway->platform(), gateway->folder() + "/keys", "one-window", "1.2"};
    const auto refused = sender.post(kPath, replaced(made.out, "window-07", "window-08"));
    CHECK(journeys::record_of(refused.body).text_of("code") == "signature_invalid");
    CHECK(sender.post(kPath, made.out).status == 200);
}
