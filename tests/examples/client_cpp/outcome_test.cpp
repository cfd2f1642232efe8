#include "core/codec/json.h"
#include "tests/examples/client_cpp/scene.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::client;
using record::Record;

TEST_CASE("the outcome of a submission that is repeated without its certificate is told as that", "[client][journey]") {
    constexpr const char* kWord =
        R"({"exchange":"0190-x","service":"tax@1.0.0","outcome":"accepted","as_of":"2026-01-01T08:00:00.000+08:00",)"
        R"("scope":{},"status":"/v1/submissions/0190-x"})";
    struct Row {
        const char* why;
        const char* member;  ///< that is another; null: none
        const char* value;
        bool is_alone;
    };
    const auto row = GENERATE(values<Row>({
        {"as the gateway writes it", nullptr, nullptr, true},
        {"content beside it", "content", "x", false},
        {"a certificate beside it", "certificate", "x", false},
        {"no submission's outcome", "outcome", "found", false},
        {"no submission's address", "status", "/v1/exchanges/0190-x/materials", false},
    }));
    const bool in_matter = GENERATE(false, true);
    CAPTURE(row.why, in_matter);
    tests::Scene scene;
    Record kept;
    scene.gateway.alter_body = [&](Record& body) {
        Record word = codec::read_json(kWord).value();
        if (row.member != nullptr) {
            word.put(row.member, Record::text(row.value));
        }
        if (!in_matter) {
            body = std::move(word);
        } else {
            body.put("exchange", Record::text("0190-x"));
            Record material = Record::object({{"material", Record::text("clearance")},
                                              {"service", Record::text("tax@1.0.0")},
                                              {"outcome", Record::text(word.text_of("outcome"))}});
            material.put("answer", std::move(word));
            body.find("requirements")->items_to_edit()[0].put("materials", Record::list({std::move(material)}));
        }
        kept = body;
    };
    if (in_matter) {
        scene.options.command = Command::matter;
        scene.options.name = "existing-home-transfer";
    }
    CHECK(scene.go() == (row.is_alone ? kGood : kWanting));
    CHECK((scene.out.find("the outcome alone, no certificate: the gateway's word") != std::string::npos) ==
          row.is_alone);
    CHECK((scene.out.find("INVALID") == std::string::npos) == row.is_alone);
    scene.options.command = Command::verify;
    scene.options.answer = "-";
    CHECK(scene.go(codec::write_json(kept)) == kWanting);  // without the gateway's signature it is nobody's word
    CHECK((scene.out.find("nothing here proves it") != std::string::npos) == row.is_alone);
    CHECK((scene.out.find("INVALID") == std::string::npos) == row.is_alone);
}
