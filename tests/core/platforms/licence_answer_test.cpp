#include "core/catalogue/caller_door.h"
#include "core/codec/json.h"
#include "core/platforms/held_calls.h"
#include "core/platforms/licence_a_answer.h"
#include "core/platforms/licence_record.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::platforms;
using record::Record;

namespace {

const std::string kType = "11100000MB03271699001";
const std::string kOne = "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.R";

/// A call about a licence with a number, an identifier and a state that can be voided.
struct Scene {
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
    HeldCalls held{clock};
    exchange::Visit visit{};

    explicit Scene(const std::string& data) {
        auto snapshot = std::make_shared<catalogue::Snapshot>();
        auto service = std::make_unique<catalogue::Service>();
        service->id = "deed";
        catalogue::Licence licence;
        licence.code = kType;
        licence.service = service.get();
        licence.identifier = "/id";
        licence.number = "/no";
        licence.state = "/status";
        licence.voided = {"ended"};
        licence.suspended = {"frozen"};
        licence.file = "/file";
        snapshot->licences.emplace(kType, std::move(licence));
        snapshot->services.emplace("deed", std::move(service));
        visit.snapshot = std::move(snapshot);
        visit.request.name = "deed";
        visit.http.body = R"({"data":)" + data + "}";
    }
    [[nodiscard]] Record asked(exchange::Answer& answer, LicenceAsk ask) {
        return *codec::read_json(licence_a_answer(answer, visit, ask, held));
    }
};

std::string text_at(const Record& said, std::initializer_list<std::string_view> path) {
    const Record* found = said.find_path(path);
    return found != nullptr ? std::string{found->scalar()} : std::string{};
}

/// The answer to what is shown, then to the states that void or suspend.
exchange::Answer verdicts(const std::string& shown, const std::string& voided, const std::string& suspended) {
    const auto one = [](const std::string& result) { return R"({"result":")" + result + R"("})"; };
    return {.outcome = "mismatch",
            .body = R"({"content":{"results":[)" + one(shown) + ',' + one(voided) + ',' + one(suspended) + "]}}"};
}

}  // namespace

TEST_CASE("a verification says voided of a state that is there, and of none that nothing is there", "[platforms]") {
    Scene scene{"{}"};
    const auto predicate = [](const char* field, policy::Relation op, const char* value) {
        return policy::Predicate{.field = field, .op = op, .value = Record::text(value)};
    };
    scene.visit.request.verify = {predicate("/no", policy::Relation::equals, "1"),
                                  predicate("/status", policy::Relation::not_equals, "ended"),
                                  predicate("/status", policy::Relation::not_equals, "frozen")};
    const auto result = [&scene](exchange::Answer answer) {
        return text_at(scene.asked(answer, LicenceAsk::verify), {"data", "result"});
    };
    CHECK(result(verdicts("match", "match", "match")) == "0");
    CHECK(result(verdicts("match", "mismatch", "match")) == "3");
    CHECK(result(verdicts("match", "match", "mismatch")) == "2");
    CHECK(result(verdicts("match", "not_found", "not_found")) == "4");
    CHECK(result(verdicts("not_found", "match", "match")) == "4");
    CHECK(result(verdicts("mismatch", "not_found", "not_found")) == "6");
}

TEST_CASE("a licence without an end does not expire, and an end that is shown must be its own",
          "[platforms][security]") {
    Scene scene{"{}"};
    auto snapshot = std::make_shared<catalogue::Snapshot>();
    auto service = std::make_unique<catalogue::Service>();
    service->id = "deed";
    snapshot->licences.emplace(kType, catalogue::Licence{.code = kType, .service = service.get(), .valid_to = "/end"});
    snapshot->services.emplace("deed", std::move(service));
    scene.visit.snapshot = std::move(snapshot);
    const auto result = [&scene](policy::Relation op) {
        scene.visit.request.verify = {{.field = "/end", .op = op, .value = Record::text("2099-01-01")}};
        exchange::Answer answer{.outcome = "mismatch", .body = R"({"content":{"results":[{"result":"not_found"}]}})"};
        return text_at(scene.asked(answer, LicenceAsk::verify), {"data", "result"});
    };
    CHECK(result(policy::Relation::at_least) == "0");
    CHECK(result(policy::Relation::equals) == "4");
}

TEST_CASE("a certificate that is shown is its holder's who is asked about", "[platforms][security]") {
    catalogue::Licence licence;
    licence.columns = {{"certNo", "/no"}};
    const auto predicates = [&licence](const std::string& shown) {
        const auto data =
            codec::read_json(R"({"holder":"甲","holderCode":"1","holderTypeCode":"111","certData":)" + shown + "}");
        REQUIRE(data);
        return predicates_of(licence, *data, "2026-11-30");
    };
    CHECK(predicates(R"({"certNo":"5"})"));
    CHECK(predicates(R"({"certNo":"5","holder":"甲","holderCode":"1","holderTypeCode":"111"})"));
    for (const char* other : {R"("holder":"乙")", R"("holderCode":"2")", R"("holderTypeCode":"001")"}) {
        CAPTURE(other);
        const auto refused = predicates(std::string{R"({"certNo":"5",)"} + other + "}");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault() == Fault::bad_request);
    }
}

TEST_CASE("what was asked by its identifier is answered with that licence or with none", "[platforms][security]") {
    const std::string other = R"({"exchange":"e","content":{"no":"7"}})";
    for (const char* name : {"certIdentifier", "certificateIdentifier", "qrcode"}) {
        CAPTURE(name);
        Scene scene{R"({")" + std::string{name} + R"(":")" + kOne + R"("})"};
        scene.visit.results->push_back({.exchange = "e", .code_mac = "m", .shown = "{}"});
        exchange::Answer answer{.outcome = "found", .body = other};
        const auto ask = std::string_view{name} == "qrcode" ? LicenceAsk::by_qr_code : LicenceAsk::by_identifier;
        const Record said = scene.asked(answer, ask);
        CHECK(text_at(said, {"head", "status"}) == "10");
        CHECK(said.find("data")->members().empty());
        CHECK_FALSE(answer.tells_codes);  // no code of what it does not tell is kept
        CHECK(scene.held.size() == 0);
    }
}

TEST_CASE("a licence that is not what it says is its department's fault, before anything of it is signed",
          "[platforms][security]") {
    Scene scene{"{}"};
    judge_licences(scene.visit.request, scene.visit);
    const auto& service = *scene.visit.snapshot->services.find("deed")->second;
    const auto judged = [&](const std::string& identifier) {
        const auto content = codec::read_json(R"({"id":")" + identifier + R"(","no":"7"})");
        return scene.visit.request.judge(service, content.value());
    };
    CHECK(judged(kOne));
    const auto wrong = judged(kOne.substr(0, kOne.size() - 1) + "S");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().fault() == Fault::department_invalid);
    CHECK(wrong.error().detail().find(kOne.substr(0, 10)) == std::string::npos);
}

TEST_CASE("an address is given for as long as its caller wants, and never longer than its door says",
          "[platforms][security]") {
    struct Row {
        const char* why;
        std::string data;
        std::chrono::seconds life;
    };
    constexpr std::chrono::seconds kHold{600};  // the scene's clock stands at 2027-01-15 08:00:00Z
    const auto row = GENERATE_COPY(values<Row>({
        {"nothing said", "{}", kHold},
        {"a minute", R"({"expiryTime":"2027-01-15 16:01:00"})", std::chrono::seconds{60}},
        {"a day", R"({"expiryTime":"2027-01-16 16:00:00"})", kHold},
        {"the past", R"({"expiryTime":"2020-01-01 00:00:00"})", std::chrono::seconds{1}},
        {"for ever", R"({"expiryTime":"9999-12-31 23:59:59"})", kHold},
        {"the last that the clock holds", R"({"expiryTime":"2261-12-31 23:59:59"})", kHold},
        {"more digits than the clock has", R"({"expiryTime":"9999999999999"})", kHold},
    }));
    CAPTURE(row.why);
    Scene scene{row.data};
    catalogue::Consumer consumer{.id = "province"};
    const catalogue::ConsumerKey key{
        .id = "k", .key = crypto::VerifyingKey::from_secret(Secret{"s"}), .consumer = &consumer};
    consumer.door = std::make_shared<const catalogue::CallerDoor>(catalogue::CallerDoor{.hold = kHold, .caller = key});
    scene.visit.claim.key = &key;
    scene.visit.at = scene.clock.now();
    exchange::Answer answer{.outcome = "found", .body = R"({"exchange":"e","content":{"no":"7","file":"AAEC"}})"};
    const Record said = scene.asked(answer, LicenceAsk::address);
    const std::string address = text_at(said, {"data", "content"});
    const std::string handle = address.substr(address.find("id=") + 3);
    scene.clock.advance(row.life - std::chrono::seconds{1});
    CHECK(scene.held.find(handle).has_value());
    scene.clock.advance(std::chrono::seconds{1});
    CHECK_FALSE(scene.held.find(handle).has_value());
}
