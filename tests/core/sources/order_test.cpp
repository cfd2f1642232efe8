#include "core/sources/order.h"

#include "tests/support/catch.h"

using namespace datong;
using namespace std::chrono_literals;
using sources::Order;

namespace {

const auto kKey = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
const sources::WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 2h + 7ms;

Result<Order> read_payload(const std::string& payload, const std::string& type = "datong-source-order+jws") {
    const auto compact = signing::sign_jws(payload, "land-2026", type, kKey.default_algorithm(), kKey);
    return sources::read_order(signing::read_jws(compact.value()).value());
}

}  // namespace

TEST_CASE("an order says the same after it was signed and read", "[sources]") {
    const Order order{.what = GENERATE(Order::What::pause, Order::What::resume),
                      .gateway = "shili",
                      .source = "land/land-registry",
                      .at = kNow,
                      .until = std::nullopt};
    const auto jws = signing::read_jws(sources::sign_order(order, "land-2026", kKey).value()).value();
    CHECK(signing::verify_jws(jws, kKey.verifying_key()).has_value());
    CHECK(jws.keyid() == "land-2026");
    const auto read = sources::read_order(jws);
    REQUIRE(read);
    CHECK(read->what == order.what);
    CHECK(read->gateway == "shili");
    CHECK(read->source == "land/land-registry");
    CHECK(read->at == kNow);
    CHECK_FALSE(read->until.has_value());
}

TEST_CASE("what is no order is refused", "[sources][security]") {
    struct Row {
        const char* why;
        const char* payload;
    };
    const auto row = GENERATE(values<Row>({
        {"another word", R"({"order":"stop","gateway":"g","source":"a/b","at":1772416800000})"},
        {"no time", R"({"order":"pause","gateway":"g","source":"a/b"})"},
        {"a time that is text", R"({"order":"pause","gateway":"g","source":"a/b","at":"1772416800000"})"},
        {"a time beyond all calendars", R"({"order":"pause","gateway":"g","source":"a/b","at":99999999999999999})"},
        {"a negative time", R"({"order":"pause","gateway":"g","source":"a/b","at":-1})"},
        {"no source", R"({"order":"pause","gateway":"g","at":1772416800000})"},
        {"an end that can't be read",
         R"({"order":"pause","gateway":"g","source":"a/b","at":1772416800000,"until":"x"})"},
        {"a resumption with an end", R"({"order":"resume","gateway":"g","source":"a/b","at":1,"until":2})"},
        {"no object", R"(["pause"])"},
        {"no JSON", "pause"},
    }));
    CAPTURE(row.why);
    CHECK(read_payload(row.payload).error().fault() == Fault::bad_request);
    const char* good = R"({"order":"pause","gateway":"g","source":"a/b","at":1772416800000,"until":1772416900000})";
    CHECK(read_payload(good).has_value());
    CHECK(read_payload(good, "datong-certificate+jws").error().fault() == Fault::bad_request);
}
