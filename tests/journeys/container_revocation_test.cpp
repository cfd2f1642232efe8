// What a container says of the revocation of certificates, and what it must not be made to say.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/app/child.h"
#include "core/container/archive.h"
#include "core/crypto/x509_path.h"
#include "tests/journeys/authority.h"
#include "tests/journeys/container_kit.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using Lines = std::vector<std::string>;

namespace {

/// A gateway whose own certificate, and those of its callers, an authority issued that publishes a list.
struct Certified {
    std::optional<Authority> authority;
    GatewayUnderTest gateway;

    Certified()
        : gateway{with_evidence(
              "  bodies: kept\n  revocations: [\"${DATONG_KEYS}/ca/ca.crl\", \"${DATONG_KEYS}/ca/none.crl\"]\n",
              [this](const std::string& config) {
                  authority.emplace(config + "/../keys/ca");
                  authority->certify("gateway", "../gateway.key.pem");
                  authority->publish();
                  ask_about_clients(config, "{mode: soft, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 1}");
                  replace_in(config + "/gateway.yaml",
                             "subject_key:", "x509: \"${DATONG_KEYS}/ca/client-gateway.chain.pem\"\nsubject_key:");
              })} {}

    [[nodiscard]] Platform platform() const {
        Platform made = gateway.platform();
        made.show_certificate("ca/client-one-window");
        return made;
    }
    [[nodiscard]] std::string fetch(const std::string& exchange) const {
        const auto answer = platform().send(platform().prepare_get("/v1/exchanges/" + exchange + "/evidence"));
        REQUIRE(answer.status == 200);
        return answer.body;
    }
};

/// The file of the answer about one certificate of a container.
std::string answer_about(const Files& files, const std::string& place) {
    for (const auto& [name, octets] : files) {
        if (name.starts_with("revocation/") && name.ends_with(".txt") && octets == place + '\n') {
            return name.substr(0, name.size() - 4) + ".crl";
        }
    }
    FAIL("nothing about " + place);
    return {};
}

std::string proof_of(const container::Checked& checked, const std::string& file) {
    for (const auto& proof : checked.proofs) {
        if (proof.file == file) {
            return proof.text_en;
        }
    }
    return {};
}

/// What the line of docs/verify-by-hand.md about revocation says of these files, by openssl alone.
int by_hand(const std::string& folder, const Files& files) {
    std::filesystem::remove_all(folder);
    for (const auto& [name, octets] : files) {
        std::filesystem::create_directories(std::filesystem::path{folder + "/proof/" + name}.parent_path());
        std::ofstream{folder + "/proof/" + name, std::ios::binary} << octets;
    }
    const std::string page = read_file(DATONG_SOURCE_DIR "/docs/verify-by-hand.md");
    const auto begin = page.find("for i in revocation/");
    REQUIRE(begin != std::string::npos);
    const std::string line = page.substr(begin, page.find('\n', begin) - begin);
    auto child = app::Child::start({"/bin/sh", "-ec", "cd '" + folder + "/proof'\n" + line}, {}, folder + "/output");
    REQUIRE(child);
    const int code = child->wait();
    UNSCOPED_INFO(read_file(folder + "/output"));
    return code;
}

}  // namespace

TEST_CASE("a container has the revocation answers at hand for its certificates, and says what each proves",
          "[journey][container]") {
    Certified scene;
    const std::string one = exchange_of(scene.platform().call(kMarket, scene.gateway.body(kMarket)));
    const Files files = container::read_asic(scene.fetch(one)).value();
    const auto checked = check(scene.gateway, scene.fetch(one));
    CHECK(found(checked).empty());
    const std::string own = answer_about(files, "META-INF/signatures.xml");
    CHECK_THAT(proof_of(checked, own), ContainsSubstring("good") && ContainsSubstring("CN=clients"));
    CHECK_THAT(proof_of(checked, answer_about(files, "connection")), ContainsSubstring("good"));
    CHECK(std::count_if(files.begin(), files.end(), [](const auto& f) { return f.first.ends_with(".crl"); }) == 2);
    CHECK(by_hand(scene.gateway.folder() + "/by-hand", files) == 0);
    // the consumer's own certificate, revoked later: said, and nothing that was signed before is wrong for it
    scene.authority->certify("another", "../gateway.key.pem");
    scene.authority->revoke("another");
    scene.authority->publish();
    CHECK(found(check(scene.gateway, scene.fetch(one))).empty());
    // another file counts from the next reload on, without a restart
    replace_in(scene.gateway.folder() + "/config/gateway.yaml", "/ca/none.crl", "/ca/other.crl");
    const auto reloaded = scene.gateway.admin("POST", "/v1/reload");
    CHECK(reloaded.status == 200);
    CHECK_THAT(reloaded.body, !ContainsSubstring("restart"));
}

TEST_CASE("an answer that was altered, is another's or has revoked the signer is found out",
          "[journey][container][security]") {
    Certified scene;
    const std::string one = exchange_of(scene.platform().call(kMarket, scene.gateway.body(kMarket)));
    const Files good = container::read_asic(scene.fetch(one)).value();
    REQUIRE(found(check(scene.gateway, resigned(scene.gateway, good))).empty());
    const std::string own = answer_about(good, "META-INF/signatures.xml");
    const std::string stem = own.substr(0, own.size() - 4);
    const auto altered = [&](const std::string& file, const std::string& octets) {
        Files files = good;
        files[file] = octets;
        CHECK(by_hand(scene.gateway.folder() + "/by-hand", files) != 0);
        return found(check(scene.gateway, resigned(scene.gateway, files)));
    };
    std::string list = good.at(own);
    list[list.size() - 1] = static_cast<char>(list.back() ^ 1);  // in its signature
    CHECK(altered(own, list) == Lines{"revocation " + own});
    CHECK(altered(own, "no list") == Lines{"revocation " + own});
    const Authority impostor{scene.gateway.folder() + "/keys/impostor"};  // of the same name
    impostor.publish();
    const auto lists = crypto::split_crls(read_file(impostor.path("ca.crl")));
    REQUIRE(lists.size() == 1);
    CHECK(altered(own, lists.front()) == Lines{"revocation " + own});
    Files swapped = good;  // the answer about another certificate
    const std::string other = answer_about(good, "connection");
    swapped[stem + ".pem"] = good.at(other.substr(0, other.size() - 4) + ".pem");
    CHECK(found(check(scene.gateway, resigned(scene.gateway, swapped))) == Lines{"revocation " + own});
    Files without = good;
    without.erase(own);
    CHECK(found(check(scene.gateway, resigned(scene.gateway, without))) ==
          Lines{"revocation " + stem + ".issuer.pem", "revocation " + stem + ".pem", "revocation " + stem + ".txt"});
    scene.authority->revoke("gateway");
    scene.authority->publish();
    const auto revoked = crypto::split_crls(read_file(scene.authority->path("ca.crl")));
    CHECK(altered(own, revoked.front()) == Lines{"revocation " + own});
    CHECK(found(check(scene.gateway, scene.fetch(one))) == Lines{"revocation " + own});
}
