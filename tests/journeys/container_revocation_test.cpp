// What a container says of the revocation of certificates, and what it must not be made to say.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "core/app/child.h"
#include "core/app/commands.h"
#include "core/container/archive.h"
#include "core/crypto/x509_path.h"
#include "tests/journeys/authority.h"
#include "tests/journeys/container_kit.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/support/catch.h"
#include "tests/support/http_handler.h"

using namespace datong;
using namespace datong::journeys;
using Lines = std::vector<std::string>;

namespace {

/// A gateway whose own certificate, and those of its callers, an authority issued that publishes a list.
struct Certified {
    std::optional<Authority> authority;
    std::optional<Authority> middle;  ///< between it and the others, where there are three levels
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

    struct ThreeLevels {};
    explicit Certified(ThreeLevels)
        : gateway{with_evidence(
              "  bodies: kept\n  revocations: [\"${DATONG_KEYS}/middle/ca.crl\"]\n", [this](const std::string& config) {
                  authority.emplace(config + "/../keys/ca");
                  middle.emplace(config + "/../keys/middle");
                  middle->put_below(*authority, "middle");
                  middle->certify("gateway", "../gateway.key.pem");
                  authority->publish();
                  middle->publish();
                  ask_about_clients(config, "{mode: soft, crl: [\"${DATONG_KEYS}/ca/ca.crl\"], refresh_s: 1}");
                  replace_in(config + "/gateway.yaml",
                             "subject_key:", "x509: \"${DATONG_KEYS}/middle/client-gateway.chain.pem\"\nsubject_key:");
              })} {}

    [[nodiscard]] Platform platform() const {
        Platform made = gateway.platform();
        made.show_certificate(middle ? "middle/client-one-window" : "ca/client-one-window");
        return made;
    }
    [[nodiscard]] std::string fetch(const std::string& exchange) const {
        const auto answer = platform().send(platform().prepare_get("/v1/exchanges/" + exchange + "/evidence"));
        REQUIRE(answer.status == 200);
        return answer.body;
    }
};

/// The stem of the answer about one certificate of a container, or about the authority above it.
std::string stem_about(const Files& files, const std::string& place, bool is_above) {
    for (const auto& [name, octets] : files) {
        const std::string stem = name.substr(0, name.rfind('.'));
        if (name.starts_with("revocation/") && name.ends_with(".txt") && octets == place + '\n' &&
            files.contains(stem + ".chain.pem") == is_above) {
            return stem;
        }
    }
    FAIL("nothing about " + place);
    return {};
}

std::string answer_about(const Files& files, const std::string& place) {
    return stem_about(files, place, false) + ".crl";
}

/// All that is said of a file.
std::string proof_of(const container::Checked& checked, const std::string& file) {
    std::string all;
    for (const auto& proof : checked.proofs) {
        all += proof.file == file ? proof.text_en + '\n' : std::string{};
    }
    return all;
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

/// What `datong evidence export` says of one exchange; its container is FOLDER/exported.asice.
struct Exported {
    std::string out;
    std::string err;
    Files files{};
    Lines findings{};

    Exported(const GatewayUnderTest& gateway, const std::string& exchange) {
        const std::string file = gateway.folder() + "/exported.asice";
        std::ostringstream written;
        std::ostringstream complained;
        std::streambuf* before[] = {std::cout.rdbuf(written.rdbuf()), std::cerr.rdbuf(complained.rdbuf())};
        const int code = app::evidence_export(
            {.config = gateway.folder() + "/config/gateway.yaml", .exchanges = {exchange}, .out = file});
        std::cout.rdbuf(before[0]);
        std::cerr.rdbuf(before[1]);
        out = written.str();
        err = complained.str();
        CAPTURE(out, err);
        REQUIRE(code == 0);
        const std::string octets = read_file(file);
        findings = found(check(gateway, octets));
        files = container::read_asic(octets).value();
    }
};

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

TEST_CASE("a container has the answers about the authorities above its certificates, but for the root",
          "[journey][container]") {
    const Certified scene{Certified::ThreeLevels{}};
    const std::string one = exchange_of(scene.platform().call(kMarket, scene.gateway.body(kMarket)));
    const Files files = container::read_asic(scene.fetch(one)).value();
    const auto checked = check(scene.gateway, scene.fetch(one));
    CHECK(found(checked).empty());
    CHECK(std::count_if(files.begin(), files.end(), [](const auto& f) { return f.first.ends_with(".crl"); }) == 4);
    for (const std::string place : {"META-INF/signatures.xml", "connection"}) {
        CHECK_THAT(
            proof_of(checked, answer_about(files, place)),
            ContainsSubstring("the certificate of " + place + ": as of ") && ContainsSubstring("says CN=middle"));
        CHECK_THAT(proof_of(checked, stem_about(files, place, true) + ".crl"),
                   ContainsSubstring("the authority CN=middle above the certificate of " + place + ": as of ") &&
                       ContainsSubstring(" good, says CN=clients"));
    }
    CHECK(by_hand(scene.gateway.folder() + "/by-hand", files) == 0);
    // where the word about the certificate itself is missing, the one about the authority stands on its own
    Files without = files;
    std::erase_if(without, [stem = stem_about(files, "META-INF/signatures.xml", false)](const auto& file) {
        return file.first.starts_with(stem + '.');
    });
    const auto partly = check(scene.gateway, resigned(scene.gateway, without));
    CHECK(found(partly).empty());
    CHECK_THAT(proof_of(partly, "META-INF/signatures.xml"),
               ContainsSubstring("no word on the revocation of its certificate"));
    // and the other way round it is said of the authority
    without = files;
    std::erase_if(without, [stem = stem_about(files, "META-INF/signatures.xml", true)](const auto& file) {
        return file.first.starts_with(stem + '.');
    });
    const auto below = check(scene.gateway, resigned(scene.gateway, without));
    CHECK(found(below).empty());
    CHECK_THAT(proof_of(below, "META-INF/signatures.xml"),
               ContainsSubstring("no word on the revocation of the authority CN=middle above it"));
    // revoked before the container was signed; it takes its consumers' certificates along, so the operator asks
    scene.authority->revoke("middle");
    scene.authority->publish();
    const Exported later{scene.gateway, one};
    CHECK(later.findings == Lines{"revocation " + stem_about(later.files, "META-INF/signatures.xml", true) + ".crl"});
}

TEST_CASE("an answer about an authority that was altered or stands at the wrong place is found out",
          "[journey][container][security]") {
    const Certified scene{Certified::ThreeLevels{}};
    const std::string one = exchange_of(scene.platform().call(kMarket, scene.gateway.body(kMarket)));
    const Files good = container::read_asic(scene.fetch(one)).value();
    REQUIRE(found(check(scene.gateway, resigned(scene.gateway, good))).empty());
    const std::string above = stem_about(good, "META-INF/signatures.xml", true);
    const std::string own = stem_about(good, "META-INF/signatures.xml", false);
    const std::string other = stem_about(good, "connection", true);
    const Lines refused{"revocation " + above + ".crl"};
    const auto altered = [&](const std::string& suffix, const std::string& octets) {
        Files files = good;
        files[above + suffix] = octets;
        return files;
    };
    const auto judged = [&](const Files& files) { return found(check(scene.gateway, resigned(scene.gateway, files))); };
    std::string list = good.at(above + ".crl");
    list[list.size() - 1] = static_cast<char>(list.back() ^ 1);  // in its signature
    const Authority stranger{scene.gateway.folder() + "/keys/stranger"};
    const std::string root = good.at(above + ".issuer.pem");
    const std::string leaf = good.at(above + ".chain.pem");
    struct Row {
        const char* suffix;
        std::string octets;
        bool is_seen_by_hand;  ///< by openssl alone one looks oneself at which place a chain begins
    };
    for (const auto& [suffix, octets, is_seen_by_hand] : std::vector<Row>{
             {".crl", list, true},
             {".crl", good.at(own + ".crl"), true},
             {".pem", read_file(stranger.path("ca.pem")), true},
             {".pem", root, true},
             {".issuer.pem", read_file(stranger.path("ca.pem")), true},  // of the root's name
             {".chain.pem", good.at(other + ".chain.pem"), false},       // of another place, below the same authority
             {".chain.pem", good.at(above + ".pem"), false},
             {".chain.pem", leaf + leaf, false},
             {".chain.pem", read_file(stranger.path("ca.pem")), true},
             {".chain.pem", leaf.substr(1), true},
             {".chain.pem", "", true}}) {
        CAPTURE(suffix, octets);
        const Files files = altered(suffix, octets);
        CHECK(judged(files) == refused);
        CHECK((by_hand(scene.gateway.folder() + "/by-hand", files) != 0) == is_seen_by_hand);
    }
    Files without = good;
    without.erase(above + ".chain.pem");
    CHECK(judged(without) == refused);
    CHECK(judged(altered(".txt", "connection\n")) == refused);
    CHECK(judged(altered(".txt", "seal/stamp.tst\n")) == refused);
    Files alone = good;
    alone.erase(above + ".crl");
    CHECK(judged(alone) == Lines{"revocation " + above + ".chain.pem", "revocation " + above + ".issuer.pem",
                                 "revocation " + above + ".pem", "revocation " + above + ".txt"});
}

TEST_CASE("datong evidence export has the configuration's lists, from files and addresses, and says what it has",
          "[journey][container]") {
    const Certified scene{Certified::ThreeLevels{}};
    const std::string one = exchange_of(scene.platform().call(kMarket, scene.gateway.body(kMarket)));
    const Exported by_files{scene.gateway, one};  // with which certificate a consumer connects it does not know
    CHECK(by_files.findings.empty());
    CHECK_THAT(by_files.out, ContainsSubstring("answers about revocation in it: 2\n"));
    CHECK(by_files.err.empty());
    const std::string above = stem_about(by_files.files, "META-INF/signatures.xml", true);

    std::atomic<int> asked = 0;
    std::atomic<bool> is_there = true;
    const support::HttpHandler address{[&](const support::HandledRequest& request) {
        ++asked;
        return is_there && request.target == "/ca.crl"
                   ? support::HttpHandler::Answer{.body = read_file(scene.authority->path("ca.crl"))}
                   : support::HttpHandler::Answer{.body = "<html>login</html>"};
    }};
    const std::string config = scene.gateway.folder() + "/config/gateway.yaml";
    replace_in(config, "crl: [\"${DATONG_KEYS}/ca/ca.crl\"]", "crl: [\"" + address.url() + "/ca.crl\"]");
    const Exported by_address{scene.gateway, one};
    CHECK(by_address.findings.empty());
    CHECK_THAT(by_address.out, ContainsSubstring("answers about revocation in it: 2\n"));
    CHECK(by_address.files.at(above + ".crl") == by_files.files.at(above + ".crl"));
    CHECK(asked == 1);
    is_there = false;
    const Exported without{scene.gateway, one};
    CHECK(without.findings.empty());
    CHECK_THAT(without.out, ContainsSubstring("answers about revocation in it: 1\n"));
    CHECK_THAT(without.err, ContainsSubstring("not read: " + address.url() + "/ca.crl: "));

    const Authority stranger{scene.gateway.folder() + "/keys/stranger"};
    stranger.publish();
    std::filesystem::copy_file(stranger.path("ca.crl"), scene.middle->path("ca.crl"),
                               std::filesystem::copy_options::overwrite_existing);
    const Exported strange{scene.gateway, one};
    CHECK(strange.findings.empty());
    CHECK_THAT(strange.out, ContainsSubstring("no answer about revocation is in it: ") &&
                                ContainsSubstring("none at hand speaks of a certificate in it"));
    std::filesystem::remove(scene.middle->path("ca.crl"));
    const Exported none{scene.gateway, one};
    CHECK(none.findings.empty());
    CHECK_THAT(none.out, ContainsSubstring("the configuration offers none"));
    CHECK_THAT(none.err, ContainsSubstring("middle/ca.crl: can't be read"));
}
