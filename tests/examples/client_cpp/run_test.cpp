#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

#include "core/codec/json.h"
#include "tests/examples/client_cpp/scene.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::client;
using record::Record;
using tests::Scene;
namespace fs = std::filesystem;

TEST_CASE("a good answer is told as good, without its content", "[client][journey]") {
    Scene scene;
    REQUIRE(scene.go() == kGood);
    CHECK_THAT(scene.out, ContainsSubstring("signature: valid (key gateway-2026)"));
    CHECK_THAT(scene.out, ContainsSubstring("certificate: valid (issuer land, 2 fields)"));
    CHECK_THAT(scene.out, ContainsSubstring("outcome: found"));
    CHECK(scene.out.find("0000001") == std::string::npos);
    CHECK(scene.err.empty());
}

TEST_CASE("with --json the answer is on standard output alone", "[client][journey]") {
    Scene scene;
    scene.options.json = true;
    REQUIRE(scene.go() == kGood);
    CHECK(codec::read_json(scene.out)->text_of("service") == "realestate-certificate@1.0.0");
    CHECK_THAT(scene.err, ContainsSubstring("signature: valid"));
}

TEST_CASE("until when an answer may be used is told, and whether that is over", "[client][journey]") {
    Scene scene;
    scene.gateway.valid_until = "2999-12-31";
    REQUIRE(scene.go() == kGood);
    CHECK_THAT(scene.out, ContainsSubstring("usable until 2999-12-31\n"));
    scene.gateway.valid_until = "2001-12-31";
    CHECK(scene.go() == kGood);
    CHECK_THAT(scene.out, ContainsSubstring("usable until 2001-12-31，已过 it is over\n"));
    scene.gateway.alter_body = [](Record& body) {
        body.find("sharing")->put("valid_until", Record::text("2999-12-31"));
    };
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("/sharing/valid_until") && !ContainsSubstring("usable until"));
}

TEST_CASE("an altered field is named, and the run has failed", "[client][journey][security]") {
    Scene scene;
    scene.gateway.alter_body = [](Record& body) { body.find("content")->put("area", Record::number("200.20")); };
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("signature: valid"));
    CHECK_THAT(scene.out, ContainsSubstring("certificate: INVALID"));
    CHECK_THAT(scene.out, ContainsSubstring("/area"));
    CHECK(scene.out.find("200.20") == std::string::npos);
}

TEST_CASE("an answer altered on the way is not relied on, even where its certificate holds",
          "[client][journey][security]") {
    Scene scene;
    scene.gateway.alter_answer = [](codec::HttpMessage& answer) { answer.body += " "; };
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("signature: INVALID"));
    CHECK_THAT(scene.out, ContainsSubstring("certificate: valid"));
}

TEST_CASE("a fault is told with its code, title and what to do", "[client][journey]") {
    Scene scene;
    scene.gateway.status = 403;
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("403 not_permitted"));
    CHECK_THAT(scene.out, ContainsSubstring("未获授权"));
    CHECK_THAT(scene.out, ContainsSubstring("Ask for a grant"));
    CHECK_THAT(scene.out, ContainsSubstring("/query/divisionCode"));
    CHECK_THAT(scene.out, ContainsSubstring("signature: valid"));
}

TEST_CASE("control characters of the other side stay out of the terminal", "[client][security]") {
    Scene scene;
    scene.gateway.status = 403;
    scene.gateway.alter_body = [](Record& body) { body.put("title", Record::text("\x1b[2Jx")); };
    CHECK(scene.go() == kWanting);
    CHECK(scene.out.find('\x1b') == std::string::npos);
}

TEST_CASE("every certificate of a matter is checked", "[client][journey]") {
    Scene scene;
    scene.options.command = Command::matter;
    scene.options.name = "existing-home-transfer";
    CHECK(scene.go() == kGood);
    CHECK_THAT(scene.out, ContainsSubstring("home/certificate"));
    CHECK_THAT(scene.out, ContainsSubstring("certificate: valid (issuer land, 2 fields)"));

    scene.gateway.alter_body = [](Record& body) {
        Record& material = body.find("requirements")->items_to_edit()[0].find("materials")->items_to_edit()[0];
        std::erase_if(material.members_to_edit(), [](const auto& member) { return member.name == "answer"; });
        material.put("fault", tests::sample_problem());
    };
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("not_permitted"));
}

TEST_CASE("a material that is answered later is asked for later, whatever became of the others", "[client][journey]") {
    Scene scene;
    scene.options.command = Command::matter;
    scene.options.name = "existing-home-transfer";
    const auto put_pending = [](Record& body, const char* extra) {
        body.put("status", Record::text("/v1/exchanges/0190-x/materials"));
        Record answer = codec::read_json(R"({"exchange":"0190-x","service":"tax@1.0.0","outcome":"pending"})").value();
        if (*extra != '\0') {
            answer.put(extra, Record::object());
        }
        body.find("requirements")
            ->items_to_edit()[0]
            .find("materials")
            ->add(Record::object({{"material", Record::text("clearance")},
                                  {"service", Record::text("tax@1.0.0")},
                                  {"outcome", Record::text("pending")},
                                  {"answer", std::move(answer)}}));
    };
    constexpr const char* kLater = "ask later, with a signed GET: /v1/exchanges/0190-x/materials";
    scene.gateway.alter_body = [&](Record& body) { put_pending(body, ""); };
    CHECK(scene.go() == kPending);
    CHECK_THAT(scene.out, ContainsSubstring("home/clearance (tax@1.0.0): pending") && ContainsSubstring(kLater) &&
                              !ContainsSubstring("INVALID"));
    scene.gateway.alter_body = [&](Record& body) {
        put_pending(body, "");
        Record& first = body.find("requirements")->items_to_edit()[0].find("materials")->items_to_edit()[0];
        std::erase_if(first.members_to_edit(), [](const auto& member) { return member.name == "answer"; });
        first.put("fault", tests::sample_problem());
    };
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring(kLater) && !ContainsSubstring("INVALID"));
    scene.gateway.alter_body = [&](Record& body) { put_pending(body, "content"); };
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("INVALID") && !ContainsSubstring(kLater));
}

TEST_CASE("without a pinned file the gateway's own keys are used, and it says so", "[client][journey]") {
    Scene scene;
    scene.options.trust.clear();
    CHECK(scene.go() == kGood);
    CHECK_THAT(scene.err, ContainsSubstring("pin them with --trust"));
}

TEST_CASE("the gateway's keys are listed, and kept with --json", "[client][journey]") {
    Scene scene;
    scene.options.command = Command::keys;
    CHECK(scene.go() == kGood);
    CHECK_THAT(scene.out, ContainsSubstring("land-2026  department:land  ecdsa-p256-sha256"));
    scene.options.json = true;
    CHECK(scene.go() == kGood);
    CHECK(Trust::from_jwks(codec::read_json(scene.out).value()).has_value());
}

TEST_CASE("a kept answer is checked offline", "[client][journey]") {
    Scene scene;
    scene.options.command = Command::verify;
    scene.options.url.clear();
    Record answer = scene.gateway.envelope();
    scene.options.answer = scene.folder.put("answer.json", codec::write_json_for_people(answer));
    CHECK(scene.go() == kGood);
    CHECK_THAT(scene.out, ContainsSubstring("certificate: valid (issuer land, 2 fields)"));
    answer.put("as_of", Record::text("2026-02-01T08:00:00.000+08:00"));
    scene.options.answer = "-";
    CHECK(scene.go(codec::write_json(answer)) == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("/as_of"));
    CHECK(scene.go("{}") == kWanting);
    CHECK(scene.go("no json") == kWanting);
}

namespace {

std::string text_of(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// A scene whose certificate has a file, and a folder that it goes to.
struct FileScene : Scene {
    FileScene() {
        gateway.file.octets = "PK\x03\x04 sealed \x00\xff";
        options.files = (fs::path{options.key}.parent_path() / "licences").string();
    }
    [[nodiscard]] fs::path kept() const { return fs::path{options.files} / "realestate-certificate.document.file.ofd"; }
    [[nodiscard]] std::size_t count() const {
        return !fs::exists(options.files)
                   ? 0
                   : static_cast<std::size_t>(std::distance(fs::directory_iterator{options.files}, {}));
    }
};

}  // namespace

TEST_CASE("the files of an answer are fetched, checked and kept under names of their own", "[client][journey]") {
    FileScene scene;
    REQUIRE(scene.go() == kGood);
    CHECK(text_of(scene.kept()) == scene.gateway.file.octets);
    CHECK_THAT(scene.out, ContainsSubstring("realestate-certificate.document.file.ofd"));
    CHECK((fs::status(scene.kept()).permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);

    // the second run leaves what is there as it is, and says so
    std::ofstream{scene.kept(), std::ios::binary} << "mine";
    CHECK(scene.go() == kWanting);
    CHECK(text_of(scene.kept()) == "mine");
    CHECK_THAT(scene.out, ContainsSubstring("is there already"));

    // nor is a link followed
    fs::remove(scene.kept());
    const fs::path elsewhere = fs::path{scene.options.files} / "elsewhere";
    fs::create_symlink(elsewhere, scene.kept());
    CHECK(scene.go() == kWanting);
    CHECK_FALSE(fs::exists(elsewhere));
}

TEST_CASE("a file that stands in the content is kept alike, and those of a matter by their materials",
          "[client][journey]") {
    FileScene scene;
    scene.gateway.file.is_inlined = true;
    scene.gateway.file.path = "/附图";
    scene.gateway.file.media_type = "application/pdf";
    REQUIRE(scene.go() == kGood);
    CHECK(text_of(fs::path{scene.options.files} / "realestate-certificate.附图.pdf") == scene.gateway.file.octets);

    scene.options.command = Command::matter;
    scene.options.name = "existing-home-transfer";
    REQUIRE(scene.go() == kGood);
    CHECK(text_of(fs::path{scene.options.files} / "certificate.附图.pdf") == scene.gateway.file.octets);
    CHECK(scene.count() == 2);
}

TEST_CASE("a file that is not the one that was signed is not kept", "[client][journey][security]") {
    FileScene scene;
    scene.gateway.fetched = "PK\x03\x04 another";
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("NOT kept"));
    CHECK(scene.count() == 0);
}

TEST_CASE("names and addresses that lead elsewhere are refused", "[client][journey][security]") {
    FileScene scene;
    SECTION("a place that is no name") {
        scene.gateway.file.path = GENERATE(as<std::string>{}, "/../../x", "/.ssh", "/a/./b", "/a b", "/\x1b[2J", "x",
                                           "/\xe2\x80\xae"
                                           "fdp",
                                           "//x");
    }
    SECTION("an address that is not the gateway's") {
        scene.gateway.file.url = GENERATE(as<std::string>{}, "https://evil.example/v1/exchanges/x/files/0", "/v1/keys",
                                          "/v1/exchanges/0193f6a2-0000-7000-8000-000000000001/files/0?x",
                                          "/v1/exchanges/../../../keys-0000-000000000001-x/files/0", "");
    }
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.out, ContainsSubstring("NOT kept"));
    CHECK(scene.out.find('\x1b') == std::string::npos);
    CHECK(scene.count() == 0);
}

TEST_CASE("no file of an answer that does not verify is kept", "[client][journey][security]") {
    FileScene scene;
    SECTION("altered on its way") {
        scene.gateway.alter_answer = [](codec::HttpMessage& answer) { answer.body += " "; };
    }
    SECTION("a certificate that does not hold") {
        scene.gateway.alter_body = [](Record& body) { body.put("as_of", Record::text("2027")); };
    }
    SECTION("about somebody else") {
        scene.gateway.asked_id = "999901198001010024";
    }
    SECTION("to another query") {
        scene.gateway.asked_query = R"({"divisionCode":"999901"})";
    }
    CHECK(scene.go() == kWanting);
    CHECK(scene.count() == 0);
}

TEST_CASE("an answer to another query is told as one, and its own is good", "[client][journey][security]") {
    const std::string asked =
        R"({"context":{"subject":{"id_no":"999901198001010016"}},"query": {"area": 100.10, "n":"示例\n"}})";
    Scene scene;
    scene.gateway.asked_query = R"({"area":100.10,"n":"示例\n"})";
    CHECK(scene.go(asked) == kGood);
    Scene other;
    other.gateway.asked_query = R"({"area":100.1,"n":"示例\n"})";
    CHECK(other.go(asked) == kWanting);
    CHECK_THAT(other.out, ContainsSubstring("not about what was asked"));
    CHECK(Scene{}.go(asked) == kWanting);
}

TEST_CASE("files that can't be used and bodies that are no JSON are told apart", "[client]") {
    Scene scene;
    SECTION("no key file") {
        scene.options.key += ".none";
        CHECK(scene.go() == kConfig);
    }
    SECTION("no private key in it") {
        scene.options.key = scene.options.trust;
        CHECK(scene.go() == kConfig);
    }
    SECTION("no trust file") {
        scene.options.trust += ".none";
        CHECK(scene.go() == kConfig);
    }
    SECTION("no JWKS") {
        scene.options.trust = scene.folder.put("empty.jwks", "{}");
        CHECK(scene.go() == kConfig);
    }
    SECTION("no CA") {
        scene.options.ca = scene.folder.put("ca.pem", "none");
        CHECK(scene.go() == kConfig);
    }
    SECTION("a URL that is none") {
        scene.options.url = "gateway";
        CHECK(scene.go() == kConfig);
    }
    SECTION("a body that is no JSON") {
        CHECK(scene.go("{") == kUsage);
    }
    SECTION("a name that is none") {
        scene.options.name = "../x";
        CHECK(scene.go() == kUsage);
    }
    CHECK(scene.out.empty());
    CHECK_FALSE(scene.err.empty());
}

TEST_CASE("a gateway that is not there is no answer", "[client]") {
    Scene scene;
    {
        const tests::Loopback closed{[](const std::string&) { return std::string{}; }};
        scene.options.url = "http://" + closed.authority();
    }
    CHECK(scene.go() == kWanting);
    CHECK_THAT(scene.err, ContainsSubstring("no answer"));
}
