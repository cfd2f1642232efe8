#include "core/profiles/lent_secret.h"

#include "tests/support/catch.h"

using namespace datong;
using profiles::SecretLoan;
using std::chrono::seconds;

namespace {

const std::string kMaster(32, 'm');
const std::string kAppkey = "0123456789abcdef0123456789abcdef";
constexpr seconds kLife{1'800};

SecretLoan loan(const std::string& master = kMaster, const std::string& who = "gjgxjhpt\nDEMO-RID-0001@demo-app",
                const std::string& appkey = kAppkey) {
    return {Secret{master}, who, Secret{appkey}, kLife};
}

std::chrono::system_clock::time_point at(std::int64_t unix_seconds) {
    return std::chrono::system_clock::time_point{seconds{unix_seconds}};
}

bool is_in_force(const SecretLoan& by, const Secret& secret, std::chrono::system_clock::time_point now) {
    const auto both = by.in_force(now);
    return both[0].reveal() == secret.reveal() || both[1].reveal() == secret.reveal();
}

}  // namespace

TEST_CASE("a lent secret is good until the end that was told, and not a second longer", "[profiles][security]") {
    const SecretLoan by = loan();
    for (const std::int64_t when : {1'700'000'000, 1'700'000'099, 1'700'000'100, 1'700'000'999}) {
        CAPTURE(when);
        const auto lent = by.lend(at(when));
        CHECK(lent.secret.reveal().size() == 32);
        CHECK(lent.ends - at(when) > kLife / 2 - seconds{1});
        CHECK(lent.ends - at(when) <= kLife);
        CHECK(is_in_force(by, lent.secret, at(when)));
        CHECK(is_in_force(by, lent.secret, lent.ends - seconds{1}));
        CHECK_FALSE(is_in_force(by, lent.secret, lent.ends));
    }
}

TEST_CASE("an old secret and a new one are good side by side", "[profiles]") {
    const SecretLoan by = loan();
    const auto old = by.lend(at(1'700'000'000));
    const auto fresh = by.lend(old.ends - seconds{1});
    CHECK(old.secret.reveal() != fresh.secret.reveal());
    CHECK(is_in_force(by, old.secret, old.ends - seconds{1}));
    CHECK(is_in_force(by, fresh.secret, old.ends - seconds{1}));
}

TEST_CASE("a secret is one gateway's, one caller's and one appkey's", "[profiles][security]") {
    const auto now = at(1'700'000'000);
    const std::string own = loan().lend(now).secret.reveal();
    CHECK(loan().lend(now).secret.reveal() == own);
    CHECK(loan(std::string(32, 'n')).lend(now).secret.reveal() != own);
    CHECK(loan(kMaster, "gjzwfwpt\nDEMO-RID-0001@demo-app").lend(now).secret.reveal() != own);
    CHECK(loan(kMaster, "gjgxjhpt\nDEMO-RID-0001@demo-app", std::string(32, 'f')).lend(now).secret.reveal() != own);
}
