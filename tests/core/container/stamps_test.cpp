#include <chrono>

#include "core/base/clock.h"
#include "core/container/check_parts.h"
#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "core/crypto/time_stamp.h"
#include "core/seals/seal.h"
#include "examples/tsa/authority.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using container::Checked;
using std::chrono::hours;

TEST_CASE("a time-stamp that is older than its seal, or of another policy, is refused as in the log", "[container]") {
    const support::ScratchFolder folder;
    const tsa::Authority authority{{.folder = folder / "tsa"}};
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    REQUIRE(key);
    const auto checked = [&](hours ahead, const std::string& policy) {
        const seals::Seal seal{.at = to_rfc3339(std::chrono::system_clock::now() + ahead),
                               .from = 1,
                               .to = 1,
                               .root = std::string(32, 'r'),
                               .head = std::string(32, 'h')};
        const auto sealed = seals::signed_seal(seal, "gateway", *key);
        REQUIRE(sealed);
        const auto ask = crypto::make_time_stamp_request(
            {.imprint = crypto::sha256(sealed->jws), .nonce = "\x01nonce-of-it", .policy = {}});
        REQUIRE(ask);
        const auto reply = authority.reply(*ask);
        REQUIRE(reply);
        const auto token = crypto::token_in_response(*reply);
        REQUIRE(token);
        Checked found;
        container::check_stamps({{"seal/seal.jws", sealed->jws}, {"seal/stamp.tst", *token}},
                                {{.anchors = {folder.read("tsa/ca.pem")}, .policy = policy}}, found);
        return found;
    };
    const Checked good = checked(hours{0}, "1.2.3.4.1");
    CHECK(good.is_good());
    CHECK_FALSE(good.stamped.empty());
    for (const Checked& bad : {checked(hours{24}, ""), checked(hours{0}, "1.2.3.4.2")}) {
        REQUIRE(bad.findings.size() == 1);
        CHECK(bad.findings.front().code == "stamp");
        CHECK(bad.findings.front().file == "seal/stamp.tst");
        CHECK(bad.stamped.empty());
    }
    CHECK(checked(hours{24}, "").findings.front().text_en.find("older than the seal") != std::string::npos);
}
