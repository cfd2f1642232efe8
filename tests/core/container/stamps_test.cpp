#include <chrono>
#include <thread>

#include "core/base/clock.h"
#include "core/container/archive.h"
#include "core/container/check_parts.h"
#include "core/container/revocation.h"
#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "core/crypto/time_stamp.h"
#include "core/crypto/x509.h"
#include "core/seals/seal.h"
#include "examples/tsa/authority.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using container::Checked;
using std::chrono::hours;

namespace {

/// A token over these octets.
std::string stamp_on(const tsa::Authority& authority, const std::string& octets) {
    const auto ask =
        crypto::make_time_stamp_request({.imprint = crypto::sha256(octets), .nonce = "\x01nonce-of-it", .policy = {}});
    REQUIRE(ask);
    const auto reply = authority.reply(*ask);
    REQUIRE(reply);
    const auto token = crypto::token_in_response(*reply);
    REQUIRE(token);
    return *token;
}

/// What an authority says of a certificate, by default the one above a time-stamping one: made by openssl's own
/// programs.
class Revoking {
public:
    explicit Revoking(const support::ScratchFolder& folder, const std::string& name = "ca",
                      const std::string& of = "tsa.pem")
        : folder_{folder}, name_{name}, of_{of} {
        folder.write("tsa/" + name + ".index", "");
        folder.write("tsa/" + name + ".number", "01\n");
        folder.write("tsa/" + name + ".cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=" + path(name + ".index") +
                                                 "\ncrlnumber=" + path(name + ".number") +
                                                 "\ncertificate=" + path(name + ".pem") +
                                                 "\nprivate_key=" + path(name + ".key.pem") + "\ndefault_md=sha256\n");
        // its database knows nothing yet of a certificate that it did not make itself
        run({"ca", "-config", path(name_ + ".cnf"), "-valid", path(of_)});
    }
    void revoke() const { run({"ca", "-config", path(name_ + ".cnf"), "-revoke", path(of_)}); }
    [[nodiscard]] std::string list() const {
        run({"ca", "-config", path(name_ + ".cnf"), "-gencrl", "-crlsec", "3600", "-out", path(name_ + ".crl")});
        return folder_.read("tsa/" + name_ + ".crl");
    }
    [[nodiscard]] std::string response() const {
        run({"ocsp", "-issuer", path("ca.pem"), "-cert", path("tsa.pem"), "-no_nonce", "-reqout", path("q.der")});
        run({"ocsp", "-index", path("ca.index"), "-CA", path("ca.pem"), "-nmin", "5", "-rsigner", path("ca.pem"),
             "-rkey", path("ca.key.pem"), "-reqin", path("q.der"), "-respout", path("r.der")});
        return folder_.read("tsa/r.der");
    }

private:
    [[nodiscard]] std::string path(const std::string& name) const { return folder_ / ("tsa/" + name); }
    static void run(const std::vector<std::string>& words) {
        CAPTURE(words.front());
        REQUIRE(tsa::run_openssl(words) == 0);
    }
    const support::ScratchFolder& folder_;
    std::string name_;
    std::string of_;
};

/// A root above the authority that certified the time-stamping one, whose tokens bring that authority's certificate.
void put_below_a_root(const support::ScratchFolder& folder) {
    const auto path = [&](const std::string& name) { return folder / ("tsa/" + name); };
    const auto run = [](const std::vector<std::string>& words) { REQUIRE(tsa::run_openssl(words) == 0); };
    run({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=root",
         "-keyout", path("root.key.pem"), "-out", path("root.pem")});
    folder.write("tsa/middle.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n");
    run({"req", "-new", "-key", path("ca.key.pem"), "-subj", "/CN=datong demo time-stamping CA", "-out",
         path("middle.csr")});
    run({"x509", "-req", "-in", path("middle.csr"), "-CA", path("root.pem"), "-CAkey", path("root.key.pem"),
         "-CAcreateserial", "-extfile", path("middle.ext"), "-out", path("middle.pem")});
    folder.write("tsa/tsa.cnf", folder.read("tsa/tsa.cnf") + "certs = " + path("middle.pem") + "\n");
}

}  // namespace

TEST_CASE("a time-stamp's certificate brings what was at hand of its revocation, by list and by response",
          "[container][security]") {
    const support::ScratchFolder folder;
    const tsa::Authority authority{{.folder = folder / "tsa"}};
    const Revoking above{folder};
    const bool is_list = GENERATE(true, false);
    const auto answer = [&] { return is_list ? above.list() : above.response(); };
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    const auto own =
        crypto::make_self_signed(*key, {.use = crypto::KeyUse::sign, .common_name = "gateway", .organization = {}},
                                 {.not_before = std::chrono::system_clock::now() - hours{1}, .days = 30});
    REQUIRE(own);
    const auto made = [&](const std::string& token, const std::string& word) {
        container::Files files{{"seal/stamp.tst", token}};
        const std::vector<container::Part> parts{{.name = "seal/stamp.tst", .media = {}, .octets = token}};
        for (const auto& part : container::revocations_of(
                 parts,
                 {.answers = {"neither", word, word}, .x509 = {folder.read("tsa/ca.pem"), *own}, .signer = *own})) {
            files[part.name] = part.octets;
        }
        return files;
    };
    const auto checked = [&](const container::Files& files) {
        Checked found;
        container::check_revocations(
            files, {.signing_time = to_rfc3339(std::chrono::system_clock::now()), .x509_pem = *own}, {}, found);
        return found;
    };
    const std::string token = stamp_on(authority, "seal");
    const std::string file = is_list ? "revocation/1.crl" : "revocation/1.ocsp";
    const auto files = made(token, answer());
    CHECK(files.size() == 5);
    CHECK(files.at("revocation/1.txt") == "seal/stamp.tst\n");
    const Checked good = checked(files);
    CHECK(good.is_good());
    REQUIRE(good.proofs.size() == 2);
    CHECK(good.proofs[0].file == file);
    CHECK_THAT(good.proofs[0].text_en, ContainsSubstring("good") && ContainsSubstring("time-stamping CA"));
    CHECK(good.proofs[1].file == container::kSignatures);
    CHECK_THAT(good.proofs[1].text_en, ContainsSubstring("vouches for itself"));
    const Checked none = checked(made(token, "nothing at hand"));
    CHECK(none.is_good());
    CHECK(none.proofs.size() == 2);

    // a revocation is told by the second, and the program's clock may be a tick behind
    const auto next = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now());
    std::this_thread::sleep_until(next + std::chrono::milliseconds{100});
    above.revoke();
    const Checked later = checked(made(token, answer()));  // that it is revoked now takes nothing from what it stamped
    for (const auto& finding : later.findings) {
        UNSCOPED_INFO(finding.file << " " << finding.text_en);
    }
    CHECK(later.is_good());
    CHECK_THAT(later.proofs[0].text_en, ContainsSubstring("revoked, since"));
    const Checked before = checked(made(stamp_on(authority, "another"), answer()));
    REQUIRE(before.findings.size() == 1);
    CHECK(before.findings[0].code == "revocation");
    CHECK(before.findings[0].file == file);

    for (const auto& [name, octets] : files) {
        if (name.starts_with("revocation/")) {
            auto altered = files;
            altered[name].erase(0, 1);
            CAPTURE(name);
            CHECK_FALSE(checked(altered).is_good());
        }
    }
}

TEST_CASE("the authority that a time-stamp brings along is answered for by the root above it",
          "[container][security]") {
    const support::ScratchFolder folder;
    const tsa::Authority authority{{.folder = folder / "tsa"}};
    put_below_a_root(folder);
    const Revoking middle{folder};
    const Revoking root{folder, "root", "middle.pem"};
    const auto files_of = [&](const std::string& token, bool is_root_known) {
        container::Files files{{"seal/stamp.tst", token}};
        for (const auto& part :
             container::revocations_of({{.name = "seal/stamp.tst", .media = {}, .octets = token}},
                                       {.answers = {root.list(), middle.list()},
                                        .x509 = {is_root_known ? folder.read("tsa/root.pem") : std::string{}}})) {
            files[part.name] = part.octets;
        }
        return files;
    };
    const auto checked = [](const container::Files& files) {
        Checked found;
        container::check_revocations(files, {}, {}, found);
        return found;
    };
    const auto files = files_of(stamp_on(authority, "seal"), true);
    CHECK(files.size() == 10);
    CHECK(files.at("revocation/2.txt") == "seal/stamp.tst\n");
    CHECK(files.at("revocation/2.chain.pem") == files.at("revocation/1.pem"));
    CHECK(files.at("revocation/2.pem") == files.at("revocation/1.issuer.pem"));
    const Checked good = checked(files);
    CHECK(good.is_good());
    REQUIRE(good.proofs.size() == 3);
    CHECK_THAT(good.proofs[0].text_en, ContainsSubstring("the certificate of seal/stamp.tst: as of "));
    CHECK(good.proofs[1].file == "revocation/2.crl");
    CHECK_THAT(good.proofs[1].text_en,
               ContainsSubstring("the authority CN=datong demo time-stamping CA above the certificate of "
                                 "seal/stamp.tst: as of ") &&
                   ContainsSubstring(" good, says CN=root"));
    const auto unknown = files_of(stamp_on(authority, "seal"), false);  // who signed the list nobody can tell
    CHECK(unknown.size() == 5);
    const Checked partly = checked(unknown);
    CHECK(partly.is_good());
    REQUIRE(partly.proofs.size() == 3);
    CHECK_THAT(partly.proofs[2].text_en, ContainsSubstring("no word on the revocation of the authority "));
    root.revoke();
    const Checked revoked = checked(files_of(stamp_on(authority, "another"), true));
    REQUIRE(revoked.findings.size() == 1);
    CHECK(revoked.findings[0].file == "revocation/2.crl");
    CHECK_THAT(revoked.findings[0].text_en, ContainsSubstring("was revoked before it signed"));
}

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
        const std::string token = stamp_on(authority, sealed->jws);
        Checked found;
        container::check_stamps({{"seal/seal.jws", sealed->jws}, {"seal/stamp.tst", token}},
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
