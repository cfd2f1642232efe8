#include <chrono>
#include <cstdlib>

#include "core/crypto/x509_path.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::crypto;

namespace {

/// An authority made by openssl's own programs: a client with a distribution point, one without, an authority below.
class Authority {
public:
    Authority() {
        const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
        folder_.write("index.txt", "");
        folder_.write("ca.cnf", "basicConstraints=critical,CA:TRUE\n");
        folder_.write("point.cnf", "crlDistributionPoints=URI:http://a.example/0.crl,URI:http://a.example/1.crl\n");
        run("openssl req -x509" + key + "-keyout ca.key -out ca.pem -subj /CN=ca -days 30");
        run("openssl req -new" + key + "-keyout leaf.key -out leaf.csr -subj /CN=leaf");
        const std::string sign = "openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ";
        run(sign + "pointed.pem -extfile point.cnf");
        run(sign + "plain.pem");
        run(sign + "below.pem -extfile ca.cnf");
    }
    /// @param extensions  lines of a section of openssl's own form.
    [[nodiscard]] Result<RevocationWord> word(const std::string& extensions, const std::string& leaf,
                                              const std::string& revoked = {}) const {
        folder_.write("index.txt", "");
        folder_.write("list.cnf",
                      "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncertificate=ca.pem\nprivate_key=ca.key\n"
                      "default_md=sha256\ndefault_crl_days=2900000\ncrl_extensions=x\n[x]\n" +
                          extensions);
        if (!revoked.empty()) {
            run("openssl ca -config list.cnf -revoke " + revoked + ".pem");
        }
        run("openssl ca -config list.cnf -gencrl -out list.crl");
        run("openssl crl -in list.crl -outform DER -out list.der");
        return word_on(folder_.read("list.der"), folder_.read(leaf + ".pem"), folder_.read("ca.pem"));
    }

private:
    void run(const std::string& command) const {
        CAPTURE(command);
        REQUIRE(std::system(("cd '" + folder_.path() + "' && " + command + " >/dev/null 2>&1").c_str()) == 0);
    }
    support::ScratchFolder folder_;
};

}  // namespace

TEST_CASE("a list speaks only of the certificates that it covers, and only in words that are understood",
          "[crypto][security]") {
    const Authority authority;
    struct Row {
        std::string extensions;
        const char* leaf;
        bool speaks;
    };
    const std::string scope = "issuingDistributionPoint=critical,@i\n[i]\n";
    const std::string name = scope + "fullname=URI:http://a.example/";
    const std::vector<Row> rows{
        {"authorityKeyIdentifier=keyid\n", "plain", true},
        {scope + "onlyuser=TRUE\n", "plain", true},
        {scope + "onlyuser=TRUE\n", "below", false},
        {scope + "onlyCA=TRUE\n", "below", true},
        {scope + "onlyCA=TRUE\n", "plain", false},
        {scope + "onlyAA=TRUE\n", "plain", false},
        {scope + "indirectCRL=TRUE\n", "plain", false},
        {scope + "onlysomereasons=keyCompromise\n", "plain", false},
        {name + "1.crl\n", "pointed", true},
        {name + "2.crl\n", "pointed", false},
        {name + "1.crl\n", "plain", false},
        {name + "1.crl\nonlyCA=TRUE\n", "pointed", false},
        {scope + "relativename=r\n[r]\nCN=x\n", "pointed", false},
        {"1.2.3.4=ASN1:NULL\n", "plain", true},
        {"1.2.3.4=critical,ASN1:NULL\n", "plain", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.extensions, row.leaf);
        const auto word = authority.word(row.extensions, row.leaf);
        CHECK(word.has_value() == row.speaks);
        if (word) {
            CHECK_FALSE(word->revoked);
            REQUIRE(word->until);  // "never", and not in the nineteenth century
            CHECK(*word->until > word->from + std::chrono::hours{24 * 365 * 200});
        } else {
            CHECK(word.error().fault() == Fault::no_such_resource);
        }
    }
    CHECK(authority.word(name + "1.crl\n", "pointed", "pointed")->revoked);
}
