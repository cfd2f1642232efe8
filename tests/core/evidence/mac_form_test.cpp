#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/signature_base.h"
#include "tests/support/catch.h"

using namespace datong;
using evidence::Attested;

namespace {

const std::string kBody = crypto::sha256("{}");

std::string base() {
    const Attested request{.consumer = "province",
                           .caller = "province/gjgxjhpt",
                           .protocol = "gjgxjhpt",
                           .mac_base = "s_1200000900000_2108DEMO-RID-0001@demo-app1700000000000",
                           .mac = "sPH3rYBCrEflj5h4UuoE5vxUns+2W3qFBJs1BL9pqH0=",
                           .body_sha256 = kBody,
                           .nonce = "n",
                           .created = 1'700'000'000};
    return evidence::base_of_attested(request, "gateway-2026");
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
}

}  // namespace

TEST_CASE("what the gateway attests is one consumer's request with one body", "[evidence][security]") {
    CHECK(evidence::attests(base(), "province", to_hex(kBody)));
    CHECK(evidence::keyid_of(base()) == "gateway-2026");
    CHECK(evidence::caller_of_attested(base()) == "province/gjgxjhpt");
    CHECK_FALSE(evidence::attests(base(), "portal", to_hex(kBody)));
    CHECK_FALSE(evidence::attests(base(), "province", to_hex(crypto::sha256("{} "))));
    // an answer or a closing of the gateway's own is no attestation, whatever lines it has
    CHECK_FALSE(evidence::attests(replaced(base(), "datong-attested", "datong"), "province", to_hex(kBody)));
    CHECK_FALSE(evidence::attests("\"x\": y\n" + base(), "province", to_hex(kBody)));
}

TEST_CASE("what is attested of a call without a time of its own says so, and nothing that a caller sends says it",
          "[evidence][security]") {
    Attested request{.consumer = "province",
                     .caller = "province/licence-b",
                     .protocol = "licence-b",
                     .mac_base = "licence-b /license/get_license",
                     .mac = {},
                     .body_sha256 = kBody,
                     .nonce = "n",
                     .created = 1'700'000'000,
                     .is_timed_here = true};
    const std::string made = evidence::base_of_attested(request, "gateway-2026");
    CHECK(evidence::is_timed_by_gateway(made));
    CHECK(evidence::attests(made, "province", to_hex(kBody)));
    CHECK(evidence::caller_of_attested(made) == "province/licence-b");
    CHECK_FALSE(evidence::is_timed_by_gateway(base()));
    CHECK_FALSE(evidence::is_timed_by_gateway("\"timed-by\": gateway\n" + replaced(made, "datong-attested", "datong")));
}

TEST_CASE("an answer is bound to an attested request by body and keyed digest", "[evidence][security]") {
    const std::string answer = "\"@status\": 200\n\"content-digest\";req: sha-256=:" + to_base64(kBody) +
                               ":\n\"gjgxjhpt_sign\";req: sPH3rYBCrEflj5h4UuoE5vxUns+2W3qFBJs1BL9pqH0=\n";
    CHECK(evidence::answers_attested(answer, base()));
    CHECK_FALSE(evidence::answers_attested(replaced(answer, "sPH3", "sPH4"), base()));
    CHECK_FALSE(evidence::answers_attested(replaced(answer, "gjgxjhpt", "gjzwfwpt"), base()));
    CHECK_FALSE(evidence::answers_attested(replaced(answer, to_base64(kBody), to_base64(crypto::sha256("x"))), base()));
    CHECK_FALSE(evidence::answers_attested("\"@status\": 200\n", base()));
}
