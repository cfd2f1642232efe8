// A department's files on their way to the consumer: in the answer, by an address, and by no other way.

#include <filesystem>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/signing/jws.h"
#include "examples/departments/licence_file.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/journeys/file_house.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

const std::string kOfd = departments::sealed_ofd("test");

FileHouse::Told ofd(const std::string& /*request*/) {
    return {.head = "200 OK\r\nContent-Type: application/ofd", .body = kOfd};
}

Record permit_body() {
    return body_of(permit_question());
}

/// The one file that an answer names.
Record file_of(const codec::HttpMessage& answer) {
    const Record body = json_of(answer);
    const Record* files = body.find("files");
    INFO(answer.body.substr(0, 1000));
    REQUIRE(files != nullptr);
    REQUIRE(files->items().size() == 1);
    return files->items().front();
}

/// What the issuer signed of the files.
Record signed_file_of(const codec::HttpMessage& answer) {
    const auto jws = signing::read_jws(json_of(answer).text_of("certificate"));
    REQUIRE(jws);
    const auto payload = codec::read_json(jws->payload);
    REQUIRE(payload);
    REQUIRE(payload->find("file_digests") != nullptr);
    return payload->find("file_digests")->items().front();
}

/// What is wrong with the file.
std::string rule_of(const codec::HttpMessage& answer) {
    const Record body = json_of(answer);
    const Record* errors = body.find("errors");
    return errors != nullptr && errors->items().size() == 1 ? errors->items().front().text_of("rule") : std::string{};
}

bool is_below(const std::filesystem::path& folder, const std::string& octets) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (entry.is_regular_file() && read_file(entry.path()).find(octets) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("a sealed licence file comes by an address that only its consumer can fetch", "[journey][files][security]") {
    GatewayUnderTest gateway;
    const Platform platform = gateway.platform();
    const auto request = platform.prepare(kPermit, codec::write_json(permit_body()));
    const auto answer = platform.send(request);
    CAPTURE(answer.body, gateway.log());
    REQUIRE(answer.status == 200);
    REQUIRE(platform.check_signature(answer, request));
    CHECK(json_of(answer).find("content")->find("document") == nullptr);
    const Record file = file_of(answer);
    CHECK(file.text_of("path") == "/document/file");
    CHECK(file.text_of("media_type") == "application/ofd");
    for (const char* member : {"path", "media_type", "sha256", "length"}) {
        CHECK(*file.find(member) == *signed_file_of(answer).find(member));
    }
    const std::string url = file.text_of("url");
    for (int i = 0; i < 2; ++i) {  // a download that broke is begun anew
        const auto asked = platform.prepare_get(url);
        const auto fetched = platform.send(asked);
        CHECK(fetched.status == 200);
        CHECK(platform.check_signature(fetched, asked));
        CHECK(fetched.field("content-type") == "application/ofd");
        CHECK(to_hex(crypto::sha256(fetched.body)) == file.text_of("sha256"));
        CHECK(std::to_string(fetched.body.size()) == file.find("length")->scalar());
    }
    // nobody else's, not unsigned, no other number, and all of it looks alike
    const auto other = gateway.platform("portal");
    CHECK(json_of(other.send(other.prepare_get(url))).text_of("code") == "no_such_resource");
    CHECK(rule_of(platform.send(platform.prepare_get(url + "1"))) == "file.gone");
    auto bare = platform.prepare_get(url);
    std::erase_if(bare.fields, [](const auto& field) { return field.name.starts_with("Signature"); });
    CHECK(platform.send(bare).status == 401);
    CHECK(platform.send(platform.prepare(url, "{}")).status == 405);
    CHECK(platform.send(platform.prepare_get(url + "x")).status == 404);  // no path of ours at all
}

TEST_CASE("a small file stands in the answer; who wants it elsewhere says so", "[journey][files]") {
    FileHouse house{ofd};
    auto options = house.options();
    const auto change = options.change;
    options.change = [change](const std::string& config) {
        change(config);
        edit(config + "/services/discharge-permit.yaml", "inline_bytes: 16384", "inline_bytes: 65536");
    };
    GatewayUnderTest gateway{std::move(options)};
    const Platform platform = gateway.platform();
    Record body = permit_body();
    const auto inlined = platform.call(kPermit, body);
    CAPTURE(inlined.body.substr(0, 500));
    REQUIRE(inlined.status == 200);
    CHECK(json_of(inlined).find_path({"content", "document", "file"})->scalar() == to_base64(kOfd));
    CHECK(file_of(inlined).find("url") == nullptr);
    CHECK(file_of(inlined).text_of("sha256") == to_hex(crypto::sha256(kOfd)));

    body.put("files", Record::text("url"));
    const auto named = platform.call(kPermit, body);
    CHECK(json_of(named).find("content")->find("document") == nullptr);
    CHECK(platform.send(platform.prepare_get(file_of(named).text_of("url"))).body == kOfd);
    body.put("files", Record::text("mail"));
    CHECK(json_of(platform.call(kPermit, body)).text_of("code") == "bad_request");
}

TEST_CASE("a file that a department gives as Base64 in its record goes the same ways", "[journey][files]") {
    GatewayUnderTest gateway;
    const auto all = departments::questions_found();
    const auto question =
        *std::find_if(all.begin(), all.end(), [](const auto& one) { return one.service == "deed-tax-receipt"; });
    const Platform platform = gateway.platform();
    const auto answer = platform.call(kReceipt, body_of(question));
    CAPTURE(answer.body.substr(0, 500));
    REQUIRE(answer.status == 200);
    CHECK(json_of(answer).find_path({"content", "document", "pdf"}) == nullptr);
    CHECK(json_of(answer).find_path({"content", "document", "id"}) != nullptr);
    const auto pdf = platform.send(platform.prepare_get(file_of(answer).text_of("url"))).body;
    CHECK(pdf.starts_with("%PDF-"));
    CHECK(to_hex(crypto::sha256(pdf)) == file_of(answer).text_of("sha256"));
}

TEST_CASE("an address holds for its time, while the grant stands, and not over a restart",
          "[journey][files][security]") {
    FileHouse house{ofd};
    auto options = house.options();
    auto clock = std::make_unique<support::FakeClock>(std::chrono::system_clock::now());
    support::FakeClock& now = *clock;
    options.clock = std::move(clock);
    const auto change = options.change;
    options.change = [change](const std::string& config) {
        change(config);
        write_text(config + "/gateway.yaml", read_file(config + "/gateway.yaml") + "files: {keep_s: 20}\n");
    };
    GatewayUnderTest gateway{std::move(options)};
    now.advance(std::chrono::system_clock::now() -
                now.now());  // a start takes its time; platforms sign by their own clock
    const Platform platform = gateway.platform();
    const auto fetch = [&](const std::string& url) { return platform.send(platform.prepare_get(url)).status; };
    const std::string first = file_of(platform.call(kPermit, permit_body())).text_of("url");
    CHECK(fetch(first) == 200);
    now.advance(std::chrono::seconds{21});
    CHECK(fetch(first) == 404);

    const std::string second = file_of(platform.call(kPermit, permit_body())).text_of("url");
    CHECK(fetch(second) == 200);
    const std::string grant = gateway.folder() + "/config/grants/one-window-city-services.yaml";
    edit(grant, "fields: [\"*\"]", "fields: [/permitNo]");
    REQUIRE(gateway.program().reload().taken);
    CHECK(fetch(second) == 404);
    edit(grant, "fields: [/permitNo]", "fields: [\"*\"]");
    REQUIRE(gateway.program().reload().taken);
    CHECK(fetch(second) == 200);
    edit(grant, "id: one-window-city-services", "id: another");
    REQUIRE(gateway.program().reload().taken);
    CHECK(fetch(second) == 404);
}

TEST_CASE("a grant that does not show the file has it not even fetched", "[journey][files][security]") {
    FileHouse house{ofd};
    auto options = house.options();
    const auto change = options.change;
    options.change = [change](const std::string& config) {
        change(config);
        edit(config + "/grants/one-window-city-services.yaml", "fields: [\"*\"]", "fields: [/permitNo, /holder/name]");
    };
    GatewayUnderTest gateway{std::move(options)};
    const auto answer = gateway.platform().call(kPermit, permit_body());
    CAPTURE(answer.body);
    CHECK(answer.status == 200);
    CHECK(json_of(answer).find("files") == nullptr);
    Record verify = permit_body();
    verify.put("verify", codec::read_json(R"([{"field": "/status", "operator": "equals", "value": "valid"}])").value());
    CHECK(gateway.platform().call(kPermit, verify).status == 200);
    CHECK(house.asked().empty());
}

TEST_CASE("the gateway fetches a file where the settings say, and nowhere else", "[journey][files][security]") {
    FileHouse elsewhere{ofd};
    FileHouse house{ofd};
    GatewayUnderTest gateway{house.options("headers: {X-App-Key: k-1}")};
    const std::string port = house.url().substr(house.url().rfind(':'));
    for (const std::string& address :
         {elsewhere.url() + "/pwxk/permit/file", elsewhere.url(), house.url() + "/admin",
          house.url() + "/pwxk/permit/file/../../../admin", house.url() + "/pwxk/permit/file/%2e%2E/query",
          house.url() + "/pwxk/permit/filet", "http://127.0.0.1" + port + "@evil/pwxk/permit/file",
          "http://127.0.0.1@evil" + port + "/pwxk/permit/file", std::string{"//127.0.0.1/pwxk/permit/file"},
          "https://127.0.0.1" + port + "/pwxk/permit/file", std::string{"file:///etc/passwd"},
          std::string{"/pwxk/permit/file?a=1 HTTP/1.1"}, std::string{"/pwxk/permit/file#x"},
          std::string{"pwxk/permit/file"}, std::string{"ftp://127.0.0.1/pwxk/permit/file"}}) {
        CAPTURE(address);
        house.name(address);
        const auto answer = gateway.platform().call(kPermit, permit_body());
        CHECK(answer.status == 502);
        CHECK(json_of(answer).text_of("code") == "department_invalid");
        CHECK(rule_of(answer) == "file.address");
        CHECK(answer.body.find("127.0.0.1") == std::string::npos);
    }
    CHECK(house.asked().empty());
    CHECK(elsewhere.asked().empty());
    CHECK(gateway.log().find("evil") == std::string::npos);
    for (const std::string& address :
         {std::string{"/pwxk/permit/file?permitCode=1"}, house.url() + "/pwxk/permit/file?permitCode=1",
          house.url() + "/pwxk/permit/file/1.ofd"}) {
        house.name(address);
        CHECK(gateway.platform().call(kPermit, permit_body()).status == 200);
    }
    REQUIRE(house.asked().size() == 3);
    CHECK_THAT(house.asked().front(), ContainsSubstring("X-App-Key: k-1"));
}

TEST_CASE("a file elsewhere is fetched from a host that the settings list, without our credentials",
          "[journey][files][security]") {
    FileHouse store{ofd};
    FileHouse house{ofd};
    house.name(store.url() + "/licences/1.ofd");
    auto options = house.options("headers: {X-App-Key: k-1}");
    const auto change = options.change;
    options.change = [change, url = store.url()](const std::string& config) {
        change(config);
        edit(config + "/departments/environment.yaml", "files_at: [", "files_at: [\"" + url + "/licences/\", ");
    };
    GatewayUnderTest gateway{std::move(options)};
    CHECK(gateway.platform().call(kPermit, permit_body()).status == 200);
    REQUIRE(store.asked().size() == 1);
    CHECK(store.asked().front().find("X-App-Key") == std::string::npos);
    CHECK(house.asked().empty());
}

TEST_CASE("what is no file of the service's becomes a fault of the department that says what is wrong",
          "[journey][files][security]") {
    FileHouse elsewhere{ofd};
    struct Row {
        const char* why;
        FileHouse::Told told;
        const char* code;
        const char* rule;
    };
    const std::vector<Row> rows{
        {"a redirect", {"302 Found\r\nLocation: " + elsewhere.url() + "/x", ""}, "department_refused", ""},
        {"not there", {"404 Not Found", "no"}, "department_refused", ""},
        {"broken", {"500 Oops", "no"}, "department_down", ""},
        {"a maintenance page",
         {"200 OK\r\nContent-Type: application/ofd", "<html>维护</html>"},
         "department_invalid",
         "file.media_type"},
        {"nothing", {"200 OK\r\nContent-Type: application/ofd", ""}, "department_invalid", "file.media_type"},
        {"too large", {"200 OK", kOfd + std::string(8U << 20, 'x')}, "department_invalid", "file.too_large"}};
    const Row* now = nullptr;
    FileHouse house{[&now](const std::string&) { return now->told; }};
    auto options = house.options();
    const auto change = options.change;
    options.change = [change](const std::string& config) {
        change(config);
        edit(config + "/departments/environment.yaml", "breaker_failures: 5", "breaker_failures: 100");
    };
    GatewayUnderTest gateway{std::move(options)};
    for (const Row& row : rows) {
        CAPTURE(row.why);
        now = &row;
        const auto answer = gateway.platform().call(kPermit, permit_body());
        CHECK(json_of(answer).text_of("code") == row.code);
        CHECK(json_of(answer).text_of("blame") == "department");
        CHECK(rule_of(answer) == row.rule);
    }
    CHECK(elsewhere.asked().empty());
    CHECK(gateway.verify().valid);
}

TEST_CASE("a file that is not kept is nowhere on the disk, and its digest is in the evidence",
          "[journey][files][security]") {
    const std::string policy = GENERATE(as<std::string>{}, "none", "kept");
    CAPTURE(policy);
    FileHouse house{ofd};
    auto options = house.options();
    const auto change = options.change;
    GatewayUnderTest gateway{with_evidence("  bodies: " + policy + "\n", change)};
    const Platform platform = gateway.platform();
    const auto answer = platform.call(kPermit, permit_body());
    REQUIRE(answer.status == 200);
    CHECK(platform.send(platform.prepare_get(file_of(answer).text_of("url"))).status == 200);
    gateway.stop();
    CHECK(is_below(gateway.folder(), kOfd.substr(2'000, 400)) == (policy == "kept"));
    CHECK_FALSE(is_below(gateway.folder(), to_base64(kOfd.substr(3'000, 300))));
    const std::string digest = to_hex(crypto::sha256(kOfd));
    const auto outcomes = records_of(gateway, "outcome");
    REQUIRE(outcomes.size() == 2);
    const Record& asked = outcomes.front();
    CHECK(codec::write_json(*asked.find("materials")).find("/document/file sha-256=" + digest) != std::string::npos);
    CHECK(codec::write_json(*asked.find("reply_digests")).find("environment/permit-system:" + digest) !=
          std::string::npos);
    CHECK(outcomes.back().text_of("answer_digest") == digest);
    const auto intents = records_of(gateway, "intent");
    CHECK(intents.back().text_of("service") == "file");
    CHECK(intents.back().text_of("of") == json_of(answer).text_of("exchange"));
    const auto verdict = gateway.verify();
    CAPTURE(verdict.text_en);
    CHECK(verdict.valid);
}

TEST_CASE("what a service says wrongly of its files keeps the old configuration, and the mistake says where",
          "[journey][files]") {
    struct Row {
        const char* why;
        const char* file;
        const char* what;
        const char* with;
        const char* says;
    };
    const std::vector<Row> rows{
        {"no such place", "services/discharge-permit.yaml", "at: /document/file", "at: /document/fil", "C214"},
        {"an unknown media type", "services/discharge-permit.yaml", "application/ofd", "application/odf", "C201"},
        {"nowhere to fetch it", "departments/environment.yaml", "files_at", "files_at: []\n      #", "C232"},
        {"too much", "services/discharge-permit.yaml", "max_bytes: 8388608", "max_bytes: 33554433", "C104"}};
    GatewayUnderTest gateway;
    for (const Row& row : rows) {
        CAPTURE(row.why);
        const std::string file = gateway.folder() + "/config/" + row.file;
        const std::string before = read_file(file);
        edit(file, row.what, row.with);
        const auto said = gateway.admin("POST", "/v1/reload");
        CHECK(said.status == 422);
        CHECK_THAT(said.body, ContainsSubstring(row.says));
        write_text(file, before);
    }
    CHECK(gateway.admin("POST", "/v1/reload").status == 200);
}
