#include "core/crypto/x509_path.h"

#include <filesystem>
#include <iostream>
#include <sstream>

#include "core/base/text.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_maker.h"
#include "tests/core/crypto/vectors.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::crypto;
using std::chrono::sys_days;
using std::chrono::year;

namespace {

std::vector<std::string> files_in(const std::string& folder, const std::string& part, const std::string& ending) {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator{DATONG_TEST_DATA "/" + folder}) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(part) && name.ends_with(ending)) {
            all.push_back(tests::data(folder + '/' + name));
        }
    }
    return all;
}

PathQuestion nist(const std::string& leaf, const std::string& name) {
    const std::string folder = "x509-nist/" + name;
    PathQuestion question{.leaf = leaf,
                          .anchors = {tests::data("x509-nist/root.crt")},
                          .at = sys_days{year{2010} / 6 / 1},
                          .least_security_bits = 0};  // the suite is of 1024-bit RSA with SHA-1
    question.others = files_in(folder, "int", ".crt");
    question.crls = files_in(folder, "", ".crl");
    question.crls.push_back(tests::data("x509-nist/root.crl"));
    return question;
}

/// The one certificate of a text in PEM.
std::string der_of(const std::string& pem) {
    const std::size_t begin = pem.find('\n');
    std::string base64 = pem.substr(begin, pem.find("-----END") - begin);
    std::erase(base64, '\n');
    return from_base64(base64).value();
}

OcspQuestion ocsp(const std::string& leaf, const std::string& issuer, const std::string& root, sys_days at) {
    static std::vector<std::string> kept;  // what the question's views point at
    kept = {tests::data("ocsp/" + leaf), tests::data("ocsp/" + issuer)};
    return {.leaf = kept[0], .issuer = kept[1], .anchors = {tests::data("ocsp/" + root)}, .at = at};
}

}  // namespace

TEST_CASE("no invalid path of the NIST suite is accepted", "[crypto][security]") {
    std::istringstream lines{tests::data("x509-nist/expected.txt")};
    int right = 0;
    int refused_valid = 0;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(':');
        if (!line.starts_with("test") || colon == std::string::npos) {
            continue;
        }
        const std::string name = line.substr(0, colon);
        const bool wanted = line.substr(colon + 1) == "Verified";
        CAPTURE(line);
        const std::string leaf = tests::data("x509-nist/" + name + "/end.crt");
        const auto verdict = check_path(nist(leaf, name));
        REQUIRE(verdict);
        INFO(verdict->why << " at " << verdict->subject);
        CHECK_FALSE((verdict->good && !wanted));
        right += verdict->good == wanted ? 1 : 0;
        if (!verdict->good && wanted) {
            ++refused_valid;
            std::cout << "x509-nist " << name << ": refused, " << verdict->why << '\n';
        }
    }
    std::cout << "x509-nist: passed " << right << ", refused by policy " << refused_valid << ", failed "
              << 76 - right - refused_valid << '\n';
    CHECK(right + refused_valid == 76);
}

TEST_CASE("a path is of its time, has its CRLs, and its keys are long enough", "[crypto][security]") {
    const std::string leaf = tests::data("x509-nist/test01/end.crt");
    PathQuestion question = nist(leaf, "test01");
    CHECK(check_path(question)->good);
    question.at = sys_days{year{2049} / 1 / 1};
    CHECK(check_path(question)->why.find("expired") != std::string::npos);
    question = nist(leaf, "test01");
    question.least_security_bits = 112;
    CHECK_FALSE(check_path(question)->good);
    question = nist(leaf, "test01");
    question.crls.clear();
    CHECK_FALSE(check_path(question)->good);
    question.revocation = PathQuestion::Revocation::soft;
    CHECK(check_path(question)->good);
    question.revocation = PathQuestion::Revocation::none;
    CHECK(check_path(question)->good);
    question.anchors.clear();
    CHECK(check_path(question).error().fault() == Fault::bad_request);
    // a revoked one is refused where a missing CRL would not matter
    const std::string revoked = tests::data("x509-nist/test20/end.crt");
    PathQuestion soft = nist(revoked, "test20");
    soft.revocation = PathQuestion::Revocation::soft;
    CHECK(check_path(soft)->why.find("revoked") != std::string::npos);
}

TEST_CASE("an OCSP answer is believed from the issuer and its delegate, in its time", "[crypto]") {
    const sys_days at{year{2022} / 9 / 23};
    const auto question = ocsp("mychain_ee.pem", "mychain_int.pem", "mychain_root.pem", at);
    CHECK(check_ocsp(tests::data("ocsp/mychain_ocsp_for_ee.der"), question) == OcspStatus::good);
    CHECK(check_ocsp(tests::data("ocsp/mychain_ocsp_for_ee_delegate_signed.der"), question) == OcspStatus::good);
    auto later = question;
    later.at = sys_days{year{2023} / 1 / 1};
    CHECK(check_ocsp(tests::data("ocsp/mychain_ocsp_for_ee.der"), later).error().fault() == Fault::signature_stale);
    auto earlier = question;
    earlier.at = sys_days{year{2022} / 9 / 1};
    CHECK_FALSE(check_ocsp(tests::data("ocsp/mychain_ocsp_for_ee.der"), earlier));
}

TEST_CASE("an OCSP answer by anybody else, about another, or altered is not believed", "[crypto][security]") {
    const sys_days at{year{2022} / 9 / 23};
    const auto question = ocsp("mychain_ee.pem", "mychain_int.pem", "mychain_root.pem", at);
    for (const std::string name : {"mychain_ocsp_for_ee_root_signed", "mychain_ocsp_for_ee_delegate_signed_malformed",
                                   "mychain_ocsp_for_int_self_signed"}) {
        CAPTURE(name);
        CHECK(check_ocsp(tests::data("ocsp/" + name + ".der"), question) != OcspStatus::good);
    }
    std::string altered = tests::data("ocsp/mychain_ocsp_for_ee.der");
    altered[altered.size() / 2] = static_cast<char>(altered[altered.size() / 2] ^ 1);
    CHECK(check_ocsp(altered, question) != OcspStatus::good);
    CHECK(check_ocsp("", question).error().fault() == Fault::bad_request);
    CHECK(check_ocsp(tests::data("ocsp/patrickschmidt_ocsp_try_later_wrong_sig.der"), question).error().fault() ==
          Fault::bad_request);
    const auto forged = ocsp("randombit.pem", "letsencrypt.pem", "identrust.pem", sys_days{year{2016} / 11 / 19});
    CHECK(check_ocsp(tests::data("ocsp/randombit_ocsp.der"), forged) == OcspStatus::good);
    for (const std::string name :
         {"randombit_ocsp_forged_valid", "randombit_ocsp_forged_valid_nocerts", "randombit_ocsp_forged_revoked"}) {
        CAPTURE(name);
        CHECK(check_ocsp(tests::data("ocsp/" + name + ".der"), forged).error().fault() == Fault::signature_invalid);
    }
}

TEST_CASE("an issuing authority that is pinned is an anchor, and what it revoked is revoked", "[crypto][security]") {
    for (const auto revocation : {PathQuestion::Revocation::hard, PathQuestion::Revocation::soft}) {
        const auto pinned = [revocation](const std::string& leaf, const std::string& name) {
            PathQuestion question = nist(leaf, name);
            question.anchors = std::exchange(question.others, {});
            question.crls.pop_back();  // the root's own: nobody is asked about the anchor
            question.revocation = revocation;
            return check_path(question).value();
        };
        const std::string good = tests::data("x509-nist/test07/end.crt");
        const std::string revoked = tests::data("x509-nist/test21/end.crt");
        CAPTURE(pinned(good, "test07").why);
        CHECK(pinned(good, "test07").good);
        CHECK_FALSE(pinned(revoked, "test21").good);
        CHECK(pinned(revoked, "test21").is_revoked);
    }
}

TEST_CASE("a file of lists of which the last is cut is none", "[crypto][security]") {
    const std::string text = to_base64(tests::data("x509-nist/root.crl"));
    std::string one = "-----BEGIN X509 CRL-----\n";
    for (std::size_t at = 0; at < text.size(); at += 64) {
        one += text.substr(at, 64) + '\n';
    }
    one += "-----END X509 CRL-----\n";
    CHECK(check_crls(one + one));
    CHECK(check_crls("# issued by us\n" + one + "\n\n# the end\n"));
    const auto body = one.size() / 2;
    for (const std::size_t length : {body, one.size() - 30, one.size() - 5}) {
        CAPTURE(length);
        CHECK_FALSE(check_crls(one + one.substr(0, length)));
    }
}

TEST_CASE("what is no list of revoked certificates is known as such", "[crypto]") {
    CHECK(check_crls(tests::data("x509-nist/root.crl")));
    for (const char* text : {"", "<html>login</html>", "-----BEGIN X509 CRL-----\nMIIB"}) {
        CHECK_FALSE(check_crls(text));
    }
}

TEST_CASE("the word of a response holds at any time, by its issuer's signature alone, and for one certificate",
          "[crypto][security]") {
    const std::string leaf = tests::data("ocsp/mychain_ee.pem");
    const std::string issuer = tests::data("ocsp/mychain_int.pem");
    for (const char* name : {"ocsp/mychain_ocsp_for_ee.der", "ocsp/mychain_ocsp_for_ee_delegate_signed.der"}) {
        const auto word = word_on(tests::data(name), leaf, issuer);
        REQUIRE(word);
        CHECK_FALSE(word->is_list);
        CHECK_FALSE(word->revoked);
        CHECK(word->from < std::chrono::system_clock::now());
    }
    for (const char* name : {"ocsp/mychain_ocsp_for_ee_root_signed.der", "ocsp/mychain_ocsp_for_int_self_signed.der",
                             "ocsp/mychain_ocsp_for_ee_delegate_signed_malformed.der", "ocsp/randombit_ocsp.der"}) {
        CAPTURE(name);
        CHECK_FALSE(word_on(tests::data(name), leaf, issuer));
    }
    std::string altered = tests::data("ocsp/mychain_ocsp_for_ee.der");
    altered[altered.size() / 2] = static_cast<char>(altered[altered.size() / 2] ^ 1);
    CHECK_FALSE(word_on(altered, leaf, issuer));
    const std::string whole = tests::data("ocsp/mychain_ocsp_for_ee.der");
    CHECK(word_on(whole + "x", leaf, issuer).error().fault() == Fault::bad_request);
    CHECK(word_on(whole, leaf, tests::data("ocsp/mychain_root.pem")).error().fault() == Fault::signature_invalid);
    CHECK(word_on("", leaf, issuer).error().fault() == Fault::bad_request);
    CHECK(split_crls("").empty());
}

TEST_CASE("a certificate that an SM2 authority signed holds, and one that was altered does not", "[crypto][security]") {
    const auto at = sys_days{year{2026} / 12 / 15};
    const Validity validity{.not_before = at - std::chrono::days{1}, .days = 30};
    const SigningKey authority = SigningKey::generate(Algorithm::sm2_sm3).value();
    const std::string ours = make_ca(authority, "SM2 CA", validity).value();
    const std::string of_ours =
        make_x509({.pem = ours, .key = authority}, SigningKey::generate(Algorithm::sm2_sm3).value(),
                  {.common_name = "leaf", .for_client = true, .validity = validity})
            .value();
    const std::string tongsuo = "gmt/tongsuo/certs/sm2/";
    struct Row {
        std::string leaf;
        std::string anchors;
    };
    const auto row =
        GENERATE_COPY(values<Row>({{of_ours, ours},
                                   {tests::data(tongsuo + "server_sign.crt"), tests::data(tongsuo + "chain-ca.crt")},
                                   {tests::data(tongsuo + "client_enc.crt"), tests::data(tongsuo + "chain-ca.crt")}}));
    PathQuestion question{
        .leaf = row.leaf, .anchors = {row.anchors}, .at = at, .revocation = PathQuestion::Revocation::none};
    const auto verdict = check_path(question);
    REQUIRE(verdict);
    INFO(verdict->why);
    CHECK(verdict->good);
    std::string der = der_of(row.leaf);
    question.leaf = der;
    CHECK(check_path(question)->good);
    der.back() = static_cast<char>(der.back() ^ 1);
    question.leaf = der;
    CHECK(check_path(question)->why == "certificate signature failure");
    question.leaf = row.leaf;
    question.anchors = {make_ca(SigningKey::generate(Algorithm::sm2_sm3).value(), "SM2 CA", validity).value()};
    CHECK_FALSE(check_path(question)->good);  // of the same name, and another key
    const std::string expired = tests::data(tongsuo + "client_sign_expire.crt");
    question.leaf = expired;
    question.anchors = {tests::data(tongsuo + "chain-ca.crt")};
    CHECK(check_path(question)->why == "certificate has expired");
}
