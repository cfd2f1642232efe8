#include <chrono>
#include <filesystem>
#include <set>
#include <vector>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/profiles/national.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using codec::HttpMessage;
using record::Record;

namespace {

const std::string kAppkey = "0123456789abcdef0123456789abcdef";
const std::string kRid = "DEMO-RID-0001@demo-app";
const std::string kSid = "s_1200000900000_2108";

std::string door_of(const std::string& protocol) {
    return "door:\n  protocol: " + protocol + "\n  rid: " + kRid +
           "\n  appkey: {file: ../keys/province.appkey}\n  inbound: doors/national.inbound.yaml\n"
           "  services: [{sid: " +
           kSid + ", service: tax-clearance}]\n";
}

/// A client certificate below an authority that the listener trusts: province.*.pem beside the other keys.
void make_certificate(const std::string& config) {
    const std::string keys = config + "/../keys";
    const auto authority = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    const crypto::Validity validity{.not_before = std::chrono::system_clock::now() - std::chrono::hours{1}, .days = 2};
    const auto ca = crypto::make_ca(*authority, "clients of the test", validity);
    const auto chain = crypto::make_x509({.pem = *ca, .key = *authority}, *key,
                                         {.common_name = "province", .for_client = true, .validity = validity});
    REQUIRE(chain.has_value());
    write_text(keys + "/client-ca.pem", *ca);
    write_text(keys + "/province.chain.pem", *chain);
    write_text(keys + "/province.key.pem", key->to_pem()->reveal());
    std::string gateway = read_file(config + "/gateway.yaml");
    write_text(config + "/gateway.yaml", gateway.replace(gateway.find("/ca.pem\""), 7, "/client-ca.pem"));
}

/// A provincial platform that may ask the tax bureau, by a national protocol.
GatewayUnderTest::Options with_province(std::string connection, std::string protocol = "gjgxjhpt") {
    return {.files = {}, .change = [connection, protocol](const std::string& config) {
                write_text(config + "/../keys/province.appkey", kAppkey + "\n");
                std::filesystem::permissions(config + "/../keys/province.appkey", std::filesystem::perms{0600});
                make_certificate(config);
                write_text(config + "/consumers/province.yaml",
                           "datong: consumer/v1\nid: province\ntitle: 省平台\n" + connection + door_of(protocol));
                std::string grant = read_file(config + "/grants/one-window-existing-home-transfer.yaml");
                const auto put = [&grant](const std::string& from, const std::string& to) {
                    grant.replace(grant.find(from), from.size(), to);
                };
                put("id: one-window-existing-home-transfer", "id: province-tax");
                put("consumer: one-window", "consumer: province");
                put("[realestate-certificate, tax-clearance, fund-deposit-certificate, business-licence]",
                    "[tax-clearance]");
                write_text(config + "/grants/province-tax.yaml", grant);
            }};
}

const std::string kListed = "networks: [\"127.0.0.0/8\"]\n";

std::string now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

/// What makes bodies differ: the account of the operator.
std::string body_of(const std::string& account) {
    const departments::Demo demo = departments::demo_person();
    Record who = Record::object();
    who.put("account", Record::text(account));
    who.put("division_code", Record::text(demo.flat.division));
    Record body = Record::object();
    body.put("sxbm", Record::text("existing-home-transfer"));
    body.put("bjbh", Record::text(demo.case_number));
    body.put("usecause", Record::text("存量房转移登记"));
    body.put("xm", Record::text(demo.person.name));
    body.put("zjhm", Record::text(demo.person.id));
    body.put("operator", std::move(who));
    return codec::write_json(body);
}

/// The other end: the platform's own client, which knows rid, sid and appkey only.
class Province {
public:
    explicit Province(const GatewayUnderTest& gateway, profiles::Platform platform = profiles::Platform::gjgxjhpt)
        : line_{gateway.platform()}, platform_{platform} {}

    void show_certificate(const std::string& name) { line_.show_certificate(name); }

    [[nodiscard]] HttpMessage ask_secret(const std::string& rtime = now_ms()) const {
        return line_.send(with_host(profiles::national_secret_request(platform_, call(rtime), Secret{kAppkey})));
    }
    void fetch_secret() {
        const auto answer = ask_secret();
        CAPTURE(answer.status, answer.body);
        auto lent = profiles::read_national_secret(answer.body, Secret{kAppkey});
        REQUIRE(lent.has_value());
        REQUIRE(lent->ends.has_value());
        CHECK(*lent->ends > std::chrono::system_clock::now());
        secret_ = lent->secret;
    }
    [[nodiscard]] HttpMessage prepare(const std::string& body, const std::string& rtime = now_ms()) const {
        HttpMessage request;
        request.method = "POST";
        request.target = "/gateway/httpproxy";
        request.body = body;
        request.add("Content-Type", "application/json");
        for (const auto& field :
             profiles::national_fields(platform_, call(rtime), profiles::national_sign(call(rtime), secret_))) {
            request.add(field.name, field.value);
        }
        return with_host(std::move(request));
    }
    [[nodiscard]] HttpMessage send(HttpMessage request) const { return line_.send(std::move(request)); }
    [[nodiscard]] const Secret& secret() const { return secret_; }

    static profiles::NationalCall call(const std::string& rtime) { return {.rid = kRid, .sid = kSid, .rtime = rtime}; }

private:
    [[nodiscard]] HttpMessage with_host(HttpMessage request) const {
        const HttpMessage native = line_.prepare_get("/");
        request.scheme = "https";
        request.authority = native.authority;
        request.set("Host", native.authority);
        return request;
    }
    journeys::Platform line_;
    profiles::Platform platform_;
    Secret secret_;
};

/// That nothing was asked: the evidence has refusals and no exchange.
void check_nothing_asked(GatewayUnderTest& gateway, std::uint64_t exchanges = 0) {
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason, verdict.number);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == exchanges);
}

}  // namespace

TEST_CASE("a platform fetches its secret, asks by the national protocol, and the answer proves", "[journey]") {
    const bool other = GENERATE(false, true);
    const auto platform = other ? profiles::Platform::gjzwfwpt : profiles::Platform::gjgxjhpt;
    GatewayUnderTest gateway{with_province(kListed, other ? "gjzwfwpt" : "gjgxjhpt")};
    Province province{gateway, platform};
    province.fetch_secret();
    HttpMessage request = province.prepare(body_of("window-07"));
    const auto answer = province.send(request);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    const Record said = json_of(answer);
    CHECK(said.find("code")->scalar() == (other ? "200" : "0"));
    CHECK(said.find_path({"data", "outcome"})->scalar() == "found");
    CHECK(said.find_path({"data", "content"}) != nullptr);
    CHECK(said.find_path({"data", "certificate"})->scalar().starts_with("eyJ"));

    // the signature is bound to this body and to this keyed digest
    request.set("Content-Digest", signing::content_digest(request.body));
    const auto key = crypto::VerifyingKey::from_pem(read_file(gateway.folder() + "/keys/gateway.pub.pem"));
    const auto signature = signing::read_http_signature(answer, &request);
    REQUIRE(signature.has_value());
    CHECK(signing::verify_http(*signature, *key).has_value());
    CHECK(signing::check_content_digest(answer.field("content-digest").value_or(""), answer.body).has_value());
    HttpMessage another = request;
    another.set("Content-Digest", signing::content_digest("{}"));
    CHECK_FALSE(signing::verify_http(*signing::read_http_signature(answer, &another), *key).has_value());

    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.exchanges == 1);
    CHECK(verdict.attested == 1);
}

TEST_CASE("200 honest calls of one millisecond get 200 answers, and none of them twice", "[journey][security]") {
    constexpr std::size_t kCalls = 200;
    GatewayUnderTest gateway{with_province(kListed)};
    Province province{gateway};
    province.fetch_secret();
    const std::string moment = now_ms();
    std::vector<HttpMessage> requests;
    for (std::size_t i = 0; i < kCalls; ++i) {
        requests.push_back(province.prepare(body_of("window-" + std::to_string(i)), moment));
    }
    std::set<std::string> exchanges;
    std::size_t answered = 0;
    for (const HttpMessage& request : requests) {
        const Record said = json_of(province.send(request));
        answered += said.text_of("code") == "0" ? 1 : 0;
        exchanges.insert(said.find("data") != nullptr ? said.find("data")->text_of("exchange") : "");
    }
    CHECK(answered == kCalls);
    CHECK(exchanges.size() == kCalls);
    std::size_t refused = 0;
    for (const HttpMessage& request : requests) {
        const Record said = json_of(province.send(request));
        refused += said.find("data")->text_of("code") == "replayed" ? 1 : 0;
    }
    CHECK(refused == kCalls);
    check_nothing_asked(gateway, kCalls);
}

TEST_CASE("a national call that is not the caller's own is refused and no department asked", "[journey][security]") {
    struct Row {
        const char* why;
        void (*spoil)(HttpMessage&, const Province&);
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"rid before sid",
         [](HttpMessage& m, const Province& p) {
             const std::string text = kRid + kSid + m.field("gjgxjhpt_rtime").value_or("");
             m.set("gjgxjhpt_sign", to_base64(crypto::hmac_sha256(p.secret().reveal(), text)));
         },
         "signature_invalid"},
        {"signed with the appkey",
         [](HttpMessage& m, const Province&) {
             const auto call = Province::call(m.field("gjgxjhpt_rtime").value_or(""));
             m.set("gjgxjhpt_sign", profiles::national_sign(call, Secret{kAppkey}));
         },
         "signature_invalid"},
        {"another consumer's rid", [](HttpMessage& m, const Province&) { m.set("gjgxjhpt_rid", "DEMO-RID-0002@x"); },
         "signature_invalid"},
        {"a sid that is not theirs", [](HttpMessage& m, const Province&) { m.set("gjgxjhpt_sid", "s_1_2"); },
         "signature_invalid"},
        {"another time",
         [](HttpMessage& m, const Province&) {
             m.set("gjgxjhpt_rtime", std::to_string(*to_whole_number(*m.field("gjgxjhpt_rtime")) + 1));
         },
         "signature_invalid"},
        {"stale",
         [](HttpMessage& m, const Province& p) {
             const std::string rtime = std::to_string(*to_whole_number(*m.field("gjgxjhpt_rtime")) - 400'000);
             m.set("gjgxjhpt_rtime", rtime);
             m.set("gjgxjhpt_sign", profiles::national_sign(Province::call(rtime), p.secret()));
         },
         "signature_stale"},
        {"without its digest",
         [](HttpMessage& m, const Province&) {
             std::erase_if(m.fields, [](const auto& f) { return f.name == "gjgxjhpt_sign"; });
         },
         "not_signed"},
        {"the rid twice", [](HttpMessage& m, const Province&) { m.add("gjgxjhpt_rid", kRid); }, "not_signed"},
        {"the other platform's headers too",
         [](HttpMessage& m, const Province&) {
             m.add("gjzwfwpt_rid", kRid);
             m.add("gjzwfwpt_sign", "AAAA");
         },
         "bad_request"},
        {"personal data in the URL", [](HttpMessage& m, const Province&) { m.target += "?zjhm=1"; }, "bad_request"},
        {"a use that no table has",
         [](HttpMessage& m, const Province&) {
             m.body.replace(m.body.find("存量房转移登记"), std::string{"存量房转移登记"}.size(), "随便看看");
         },
         "bad_request"},
    }));
    CAPTURE(row.why);
    GatewayUnderTest gateway{with_province(kListed)};
    Province province{gateway};
    province.fetch_secret();
    HttpMessage request = province.prepare(body_of("window-07"));
    row.spoil(request, province);
    const auto answer = province.send(std::move(request));
    CAPTURE(answer.body);
    const Record said = json_of(answer);
    REQUIRE(said.find("data") != nullptr);
    CHECK(said.find("data")->text_of("code") == row.code);
    CHECK((said.text_of("code") == "-1" || said.find("code")->scalar() == "300"));
    CHECK(province.send(province.prepare(body_of("window-08"))).status == 200);
    check_nothing_asked(gateway, 1);
}

TEST_CASE("a national call from elsewhere, or without its certificate, is refused, and no secret lent",
          "[journey][security]") {
    const std::string connection = GENERATE(as<std::string>{}, "networks: [\"192.0.2.0/24\"]\n",
                                            "certificates: [{file: ../keys/province.chain.pem}]\n");
    CAPTURE(connection);
    GatewayUnderTest gateway{with_province(connection)};
    Province province{gateway};
    const Record refused = json_of(province.ask_secret());
    CHECK(refused.text_of("code") == "-1");
    CHECK(refused.find("data")->text_of("code") == "wrong_certificate");
    if (connection.starts_with("certificates")) {
        province.show_certificate("province");
        province.fetch_secret();
        CHECK(province.send(province.prepare(body_of("window-07"))).status == 200);
        Province bare{gateway};
        HttpMessage stolen = province.prepare(body_of("window-08"));
        CHECK(json_of(bare.send(std::move(stolen))).find("data")->text_of("code") == "wrong_certificate");
        check_nothing_asked(gateway, 1);
    }
}

TEST_CASE("a lent secret holds over a restart, and a used call does not", "[journey][security]") {
    GatewayUnderTest gateway{with_province(kListed)};
    Province province{gateway};
    province.fetch_secret();
    const std::string ahead = std::to_string(*to_whole_number(now_ms()) + 25'000);
    const HttpMessage used = province.prepare(body_of("window-07"), ahead);
    REQUIRE(province.send(used).status == 200);
    gateway.restart();
    Province again{gateway};
    HttpMessage repeated = used;
    repeated.authority = again.prepare("{}").authority;
    repeated.set("Host", repeated.authority);
    CHECK(json_of(again.send(repeated)).find("data")->text_of("code") == "replayed");
    HttpMessage fresh = province.prepare(body_of("window-08"), ahead);
    fresh.authority = repeated.authority;
    fresh.set("Host", repeated.authority);
    CHECK(again.send(fresh).status == 200);
}

TEST_CASE("a door that could let strangers in is no configuration", "[journey][security]") {
    struct Row {
        const char* why;
        const char* connection;
        const char* protocol;
        const char* code;
    };
    const auto row = GENERATE(values<Row>({
        {"from anywhere", "", "gjgxjhpt", "C230"},
        {"MD5", "networks: [\"127.0.0.0/8\"]\n", "zj-md5", "C231"},
        {"SHA-1", "networks: [\"127.0.0.0/8\"]\n", "sha1-appkey", "C231"},
        {"a bare token", "networks: [\"127.0.0.0/8\"]\n", "body-token", "C231"},
        {"none of ours", "networks: [\"127.0.0.0/8\"]\n", "telepathy", "C105"},
        {"no network", "networks: [\"127.0.0.1/8\"]\n", "gjgxjhpt", "C103"},
    }));
    CAPTURE(row.why);
    CHECK_THROWS_WITH((GatewayUnderTest{with_province(row.connection, row.protocol)}), ContainsSubstring(row.code));
}
