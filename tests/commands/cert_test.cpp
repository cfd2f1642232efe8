#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using commands::Installation;
using commands::Ran;

namespace {

constexpr const char* kOcsp = DATONG_TEST_DATA "/ocsp/";

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

}  // namespace

TEST_CASE("cert verify checks path, time and an OCSP answer of one certificate", "[commands]") {
    const std::string folder = kOcsp;
    const std::vector<std::string> words{"cert",
                                         "verify",
                                         folder + "mychain_ee.pem",
                                         "--trust",
                                         folder + "mychain_root.pem",
                                         "--with",
                                         folder + "mychain_int.pem",
                                         "--revocation",
                                         "none"};
    const std::string in_time = "2022-09-23T09:00:00+08:00";
    const Ran good = commands::datong(with(words, {"--at", in_time}));
    INFO(good.out << good.err);
    CHECK(good.code == 0);
    CHECK_THAT(good.out, ContainsSubstring("certificate: valid"));

    const Ran late = commands::datong(with(words, {"--at", "2024-01-01T09:00:00+08:00"}));
    CHECK(late.code == 1);
    CHECK_THAT(late.out, ContainsSubstring("INVALID") && ContainsSubstring("expired"));

    const std::vector<std::string> asked = with(words, {"--at", in_time, "--issuer", folder + "mychain_int.pem"});
    const Ran with_ocsp = commands::datong(with(asked, {"--ocsp", folder + "mychain_ocsp_for_ee.der"}));
    INFO(with_ocsp.out << with_ocsp.err);
    CHECK(with_ocsp.code == 0);
    CHECK_THAT(with_ocsp.out, ContainsSubstring("ocsp: good"));
    const Ran of_another = commands::datong(with(asked, {"--ocsp", folder + "mychain_ocsp_for_int_self_signed.der"}));
    CHECK(of_another.code == 1);

    const Ran hard =
        commands::datong({"cert", "verify", folder + "mychain_ee.pem", "--trust", folder + "mychain_root.pem", "--with",
                          folder + "mychain_int.pem", "--at", in_time});
    CHECK(hard.code == 1);
    CHECK_THAT(hard.out, ContainsSubstring("CRL"));
    CHECK(commands::datong({"cert", "verify", folder + "nowhere.pem", "--trust", folder + "mychain_root.pem"}).code ==
          2);
    CHECK(commands::datong({"cert", "verify", folder + "mychain_ee.pem"}).code == 2);
}

TEST_CASE("cert list reads every certificate of a file, cert check watches those of the configuration", "[commands]") {
    const Ran listed = commands::datong({"cert", "list", std::string{kOcsp} + "mychain_ee.pem"});
    CHECK(listed.code == 0);
    CHECK_THAT(listed.out, ContainsSubstring("CN=My OCSP End Entity") && ContainsSubstring("2023-09-22"));
    const Installation installation;
    const Ran checked = commands::datong({"cert", "check", "--config", installation.config(), "--warn-days", "7"},
                                         installation.environment);
    INFO(checked.out << checked.err);
    CHECK(checked.code == 0);
    CHECK_THAT(checked.out, ContainsSubstring("listen tls chain"));
    const Ran soon = commands::datong({"cert", "check", "--config", installation.config(), "--warn-days", "3650"},
                                      installation.environment);
    CHECK(soon.code == 1);
    CHECK_THAT(soon.out, ContainsSubstring("SOON"));
}
