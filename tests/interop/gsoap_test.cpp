// gSOAP with its wsse plug-in as the other side: its stub is made of the gateway's own WSDL. It writes ECDSA signatures
// as DER, which XML signatures do not know (RFC 4050, 3.3), so it is asked for RSA alone.
#include <cstdlib>
#include <filesystem>

#include "core/base/text.h"
#include "core/contracts/wsdl.h"
#include "core/crypto/digest.h"
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
    /// @param more  flags for the compiler of the caller.
    explicit Stub(const std::string& wsdl, const std::vector<std::string>& more = {}) {
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
            words.insert(words.end(), more.begin(), more.end());
            words.insert(words.end(), {"-x", "c++", "-c", source});
            must(words, here);
        }
        must({"sh", "-c", std::string{DATONG_COMPILER} + " *.o -o caller -lgsoapssl++ -lssl -lcrypto -lz"}, here);
    }

    using Environment = std::map<std::string, std::string>;
    /// @param question  what is asked, as DEMO_*.
    [[nodiscard]] Ran go(std::vector<std::string> words, const Environment& question = about_the_household()) const {
        words.insert(words.begin(), folder_ / "caller");
        return commands::run(words, question);
    }
    static Environment about_the_household() {
        const departments::Demo demo = departments::demo_person();
        return {{"DEMO_PURPOSE", "existing-home-transfer"},
                {"DEMO_MATTER", "existing-home-transfer"},
                {"DEMO_CASE", demo.case_number},
                {"DEMO_DIVISION", demo.flat.division},
                {"DEMO_NAME", demo.person.name},
                {"DEMO_ID", demo.person.id}};
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

TEST_CASE("gSOAP takes a file by MTOM, octet by octet, and verifies the message with its Base64 put back",
          "[interop][soap][files][security]") {
    if (!is_there()) {
        return;
    }
    const auto gateway = gateway_with(crypto::Algorithm::rsa_v1_5_sha256);
    const std::string keys = gateway->folder() + "/keys/";
    const std::string url = gateway->platform().url();
    const auto snapshot = gateway->program().current().get();
    const Stub stub{contracts::wsdl_of(contracts::contract_of(*snapshot->service("discharge-permit")), url),
                    {"-DWITH_FILE"}};
    const std::string trusted =
        stub.put("trusted.pem", journeys::read_file(keys + "ca.pem") + journeys::read_file(keys + "gateway.x509.pem"));
    const departments::Question question = permit_question();
    const Stub::Environment about{
        {"DEMO_PURPOSE", "no-resubmission"}, {"DEMO_DIVISION", "999901"}, {"DEMO_NAME", question.about.name},
        {"DEMO_ID", question.about.id_no},   {"DEMO_ID_TYPE", "001"},     {"DEMO_MTOM", "yes"}};
    const std::string to = url + "/soap/discharge-permit";
    const std::string caller = keys + "caller.";
    const Ran taken = stub.go(
        {"mtom", caller + "key.pem", caller + "x509.pem", to, trusted, stub.file("whole.xml"), stub.file("beside.ofd")},
        about);
    const std::string whole = journeys::read_file(stub.file("whole.xml"));
    INFO(taken.out << taken.err << whole);
    REQUIRE(taken.code == 0);
    const std::string file = journeys::read_file(stub.file("beside.ofd"));
    CHECK(taken.out == "file: " + std::to_string(file.size()) + " application/ofd\n");
    CHECK(file.size() > 20'000);

    // what the gateway signed has that file in it, and says its digest
    CHECK(stub.go({"verify", keys + "gateway.pub.pem", stub.file("whole.xml"), stub.file("inside.ofd")}).code == 0);
    CHECK(journeys::read_file(stub.file("inside.ofd")) == file);
    const record::Record answer = journeys::record_of(whole);
    const record::Record* named = answer.find("files");
    REQUIRE(named != nullptr);
    CHECK(named->items().at(0).text_of("sha256") == to_hex(crypto::sha256(file)));
    const std::string base64 = to_base64(file);
    REQUIRE(whole.find(base64) != std::string::npos);
    std::string other = base64;
    other[other.size() / 2] = other[other.size() / 2] == 'A' ? 'B' : 'A';
    const std::string spoilt = stub.put("spoilt.xml", replaced(whole, base64, other));
    CHECK(stub.go({"verify", keys + "gateway.pub.pem", spoilt, stub.file("inside.ofd")}).code == 1);

    // on the wire stands an xop:Include, and its plug-in digests what is there: it can't verify in one step
    const Ran at_once = stub.go({"call", caller + "key.pem", caller + "x509.pem", to, trusted, keys + "gateway.pub.pem",
                                 stub.file("wire.mime")},
                                about);
    CHECK(at_once.code == 1);
    CHECK_THAT(at_once.out, ContainsSubstring("refused"));
    CHECK_THAT(journeys::read_file(stub.file("wire.mime")), ContainsSubstring("<xop:Include"));
}
