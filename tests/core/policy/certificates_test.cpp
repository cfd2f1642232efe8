#include "core/policy/certificates.h"

#include <vector>

#include "tests/support/catch.h"

using namespace datong;
using policy::CertificatePin;
using policy::Peer;

namespace {

const std::string kOne(64, '1');
const std::string kTwo(64, '2');

}  // namespace

TEST_CASE("a consumer's request passes over a connection of its own certificate only", "[policy][security]") {
    struct Row {
        const char* why;
        std::vector<CertificatePin> pins;
        Peer peer;
        bool passes;
    };
    const auto row = GENERATE(values<Row>({
        {"nothing is demanded", {}, {}, true},
        {"the fingerprint", {{.sha256 = kOne, .subject = {}}}, {.sha256 = kOne, .subject = "CN=a"}, true},
        {"the subject", {{.sha256 = {}, .subject = "CN=a"}}, {.sha256 = kTwo, .subject = "CN=a"}, true},
        {"one of several",
         {{.sha256 = kOne, .subject = {}}, {.sha256 = kTwo, .subject = {}}},
         {.sha256 = kTwo, .subject = "CN=a"},
         true},
        {"another fingerprint", {{.sha256 = kOne, .subject = {}}}, {.sha256 = kTwo, .subject = "CN=a"}, false},
        {"another subject", {{.sha256 = {}, .subject = "CN=a"}}, {.sha256 = kOne, .subject = "CN=b"}, false},
        {"a subject that goes on", {{.sha256 = {}, .subject = "CN=a"}}, {.sha256 = kOne, .subject = "CN=a,O=b"}, false},
        {"no certificate", {{.sha256 = kOne, .subject = {}}}, {}, false},
        {"no certificate, and an empty pin", {{.sha256 = {}, .subject = {}}}, {}, false},
        {"a certificate that is over",
         {{.sha256 = kOne, .subject = {}}},
         {.sha256 = kOne, .subject = "CN=a", .standing = policy::Standing::over},
         false},
        {"an empty pin is nobody's", {{.sha256 = {}, .subject = {}}}, {.sha256 = kOne, .subject = {}}, false},
    }));
    CAPTURE(row.why);
    const auto checked = policy::check_certificate(row.pins, row.peer);
    CHECK(checked.has_value() == row.passes);
    if (!checked) {
        CHECK(checked.error().fault() == Fault::wrong_certificate);
    }
}

TEST_CASE("a fingerprint is read as openssl prints it", "[policy]") {
    std::string printed;
    for (int i = 0; i < 32; ++i) {
        printed += i == 0 ? "AB" : ":AB";
    }
    std::string bare;
    for (int i = 0; i < 32; ++i) {
        bare += "ab";
    }
    CHECK(policy::normal_fingerprint(printed) == bare);
    CHECK(policy::normal_fingerprint(bare) == bare);
    CHECK(policy::normal_fingerprint("ab").empty());
    CHECK(policy::normal_fingerprint(std::string(64, 'x')).empty());
}
