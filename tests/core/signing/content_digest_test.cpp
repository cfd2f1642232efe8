#include "core/signing/content_digest.h"

#include <string>

#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing;

TEST_CASE("every digest case of the RFC 9530 corpus gets its verdict", "[signing]") {
    const auto corpus = tests::json_data("rfc9530/digests.json");
    int cases = 0;
    int valid = 0;
    for (const auto& one : corpus.find("cases")->items()) {
        CAPTURE(one.text_of("id"));
        const std::string body = from_base64(one.text_of("content_b64")).value();
        const auto checked = check_content_digest(one.text_of("field_value"), body);
        ++cases;
        valid += checked ? 1 : 0;
        // "policy": a gateway that requires a digest refuses
        CHECK(checked.has_value() == (one.text_of("expect") == "valid"));
        if (checked && one.text_of("algorithm") == "sha-256") {
            CHECK(content_digest(body) == one.text_of("field_value"));
        }
    }
    CHECK(cases == 16);
    CHECK(valid == 10);
}

TEST_CASE("a refused digest says what is wrong with it", "[signing][security]") {
    struct Row {
        std::string why;
        std::string value;
        Fault fault;
    };
    const std::string good = content_digest("body");
    const auto row = GENERATE_COPY(values<Row>({
        {"another body", content_digest("Body"), Fault::signature_invalid},
        {"one good, one wrong", good + ", sha-512=:AAAA:", Fault::signature_invalid},
        {"twice, the last one good", content_digest("Body") + ", " + good, Fault::bad_request},
        {"no bytes", "sha-256=abc", Fault::bad_request},
        {"an inner list", "sha-256=(1 2)", Fault::bad_request},
        {"no structured field", "SHA-256=abc", Fault::bad_request},
        {"empty", "", Fault::not_signed},
        {"unknown only", "unixsum=30637", Fault::not_signed},
    }));
    CAPTURE(row.why);
    const auto checked = check_content_digest(row.value, "body");
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().fault() == row.fault);
    CHECK(check_content_digest(good, "body").has_value());
    CHECK(check_content_digest("unixsum=30637, " + good, "body").has_value());
}
