// What the clients in other languages say of answers that are more than found or not found.
#include <functional>

#include "core/codec/json.h"
#include "tests/commands/kit_bench.h"
#include "tests/support/catch.h"

using namespace datong::commands;
using datong::departments::System;
using datong::departments::Trouble;
using datong::record::Record;

namespace {

constexpr const char* kFund = "fund-deposit-certificate";
constexpr const char* kFar = "2999-12-31";
constexpr const char* kLong = "2001-01-01";

/// Answers say until when they may be used.
void let_share(const Installation& installation) {
    installation.replace("config/gateway.yaml", "calendar:", "sharing: {valid_days: 30, code_days: 30}\ncalendar:");
}

struct Row {
    const char* why;
    std::function<void(Record& answer)> change;
};

/// How long an answer may be used is what its issuer signed, though it stands beside the code that nobody signs.
void check_last_day(const Bench& bench) {
    const Ran good = bench.service(kFund, bench.trust);
    CAPTURE(good.err);
    REQUIRE(good.code == 0);
    const Record answer = datong::codec::read_json(good.out).value();
    const std::string until = answer.find("sharing")->text_of("valid_until");
    CHECK_THAT(good.err, ContainsSubstring("usable until " + until));
    CHECK_THAT(good.err, !ContainsSubstring("it is over"));
    const std::string kept = bench.installation.path("kept.json");
    const auto day = [](const char* other) {
        return [other](Record& said) { said.find("sharing")->put("valid_until", Record::text(other)); };
    };
    const std::vector<Row> rows{
        {"lengthened", day(kFar)},
        {"shortened", day(kLong)},
        {"taken out",
         [](Record& said) {
             std::erase_if(said.members_to_edit(), [](const auto& one) { return one.name == "sharing"; });
         }},
        {"moved to the top",
         [&until](Record& said) {
             said.put("valid_until", Record::text(until));
             said.find("sharing")->put("valid_until", Record::text(kFar));
         }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Record altered = answer;
        row.change(altered);
        write_file(kept, datong::codec::write_json(altered));
        const Ran ran = bench.call({"verify", kept});
        CAPTURE(ran.err);
        CHECK(ran.code == 1);
        CHECK_THAT(ran.err, ContainsSubstring("valid_until"));
    }
    Record without_code = answer;  // the code is the holder's, and good once
    without_code.put("sharing", Record::object({{"valid_until", Record::text(until)}}));
    write_file(kept, datong::codec::write_json(without_code));
    CHECK(bench.call({"verify", kept}).code == 0);
}

Record person(const std::string& name, const char* id_type, const std::string& id_no) {
    return Record::object(
        {{"name", Record::text(name)}, {"id_type", Record::text(id_type)}, {"id_no", Record::text(id_no)}});
}

/// The demo household's matter, of which nothing is missing.
Record whole_matter() {
    const datong::departments::Demo demo = datong::departments::demo_person();
    Record body = datong::codec::read_json(fund_body()).value();
    Record& context = *body.find("context");
    context.put("applicant", person(demo.buyer.name, "111", demo.buyer.id));
    context.put("agent", person(demo.agency.name, "001", demo.agency.uscc));
    context.put("facts", Record::object({{"divisionCode", Record::text(demo.flat.division)}}));
    return Record::object({{"context", context}});
}

/// What a platform acts on is the outcome, in the answer and around it.
void check_outcome(const Bench& bench, const std::string& answer) {
    const std::string kept = bench.installation.path("kept.json");
    // the outcome of the whole is the gateway's, which no department signs
    std::size_t at = answer.find("\"requirements\"");
    for (const char* whose : {"of the material", "of its answer"}) {
        at = answer.find("\"found\"", at + 1);
        REQUIRE(at != std::string::npos);
        write_file(kept, answer.substr(0, at) + "\"not_found\"" + answer.substr(at + 7));
        CAPTURE(whose);
        const Ran ran = bench.call({"verify", kept});
        CHECK(ran.code == 1);
        CHECK_THAT(ran.err, ContainsSubstring("INVALID"));
    }
}

/// A matter of which all is there, one of whose materials is called "certificate".
void check_whole(const Bench& bench, const std::string& body) {
    const Ran good = bench.call({"matter", "existing-home-transfer", body});
    CAPTURE(good.err);
    CHECK(good.code == 0);
    const std::string kept = bench.installation.path("kept.json");
    write_file(kept, good.out);
    const Ran again = bench.call({"verify", kept});
    CAPTURE(again.err);
    CHECK(again.code == 0);
    CHECK((again.err.find("certificate: valid") != std::string::npos) == bench.kit.checks_fields);
    CHECK((again.err.find("content was not compared") != std::string::npos) == !bench.kit.checks_fields);
    check_outcome(bench, good.out);
}

Record& tax_of(Record& answer) {
    for (Record& requirement : answer.find("requirements")->items_to_edit()) {
        if (requirement.text_of("id") == "tax") {
            return requirement.find("materials")->items_to_edit().front();
        }
    }
    FAIL("no requirement tax");
    return answer;
}

/// A material that its department answers later is neither good nor bad; one that only says so is bad.
void check_pending(Bench& bench, const std::string& body) {
    REQUIRE(bench.installation.city().faults().set(System::tax, {.trouble = Trouble::hang}));
    const Ran called = bench.call({"matter", "existing-home-transfer", body});
    bench.installation.city().faults().clear_all();
    CAPTURE(called.err);
    CHECK(called.code == 1);
    CHECK_THAT(called.err, !ContainsSubstring("INVALID"));
    const Record answer = datong::codec::read_json(called.out).value();
    CHECK_THAT(called.err, ContainsSubstring("ask later: " + answer.text_of("status")));
    const std::vector<Row> rows{
        {"content beside it", [](Record& one) { one.find("answer")->put("content", Record::object()); }},
        {"another outcome around it", [](Record& one) { one.put("outcome", Record::text("found")); }},
        {"another service around it", [](Record& one) { one.put("service", Record::text("tax-clearance@9.0.0")); }},
        {"found, and nothing that proves it",
         [](Record& one) {
             one.put("outcome", Record::text("found"));
             one.find("answer")->put("outcome", Record::text("found"));
         }},
        {"of another exchange", [](Record& one) { one.find("answer")->put("exchange", Record::text("01a2-other")); }},
    };
    const std::string kept = bench.installation.path("kept.json");
    write_file(kept, called.out);
    CHECK_THAT(bench.call({"verify", kept}).err, ContainsSubstring("ask later") && !ContainsSubstring("INVALID"));
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Record altered = answer;
        REQUIRE(tax_of(altered).text_of("outcome") == "pending");
        row.change(tax_of(altered));
        write_file(kept, datong::codec::write_json(altered));
        const Ran ran = bench.call({"verify", kept});
        CHECK(ran.code == 1);
        CHECK_THAT(ran.err, ContainsSubstring("INVALID"));
    }
}

/// What became of a submission, repeated without its certificate, is no forgery, and nothing that a kept file proves.
void check_outcome_alone(const Bench& bench) {
    struct Told {
        const char* why;
        const char* member;  ///< that is another; null: none
        const char* value;
        bool is_alone;
    };
    const std::string kept = bench.installation.path("kept.json");
    for (const Told& row : std::vector<Told>{
             {"as the gateway writes it", nullptr, nullptr, true},
             {"content beside it", "content", "x", false},
             {"no submission's outcome", "outcome", "found", false},
             {"no submission's address", "status", "/v1/exchanges/0190-x/materials", false},
         }) {
        CAPTURE(row.why);
        Record word = datong::codec::read_json(
                          R"({"exchange":"0190-x","service":"tax@1.0.0","outcome":"accepted",)"
                          R"("as_of":"2026-01-01T08:00:00.000+08:00","scope":{},"status":"/v1/submissions/0190-x"})")
                          .value();
        if (row.member != nullptr) {
            word.put(row.member, Record::text(row.value));
        }
        write_file(kept, datong::codec::write_json(word));
        const Ran ran = bench.call({"verify", kept});
        CAPTURE(ran.err);
        CHECK(ran.code == 1);
        CHECK((ran.err.find("the outcome alone, no certificate") != std::string::npos) == row.is_alone);
    }
}

void configure(const Installation& installation) {
    let_share(installation);
    installation.replace("config/matters/existing-home-transfer.yaml", "deadline_ms: 8000", "deadline_ms: 3000");
    installation.replace("config/services/tax-clearance.yaml", "deadline_ms: 5000",
                         "slow: {question_s: 4, ask_again_s: 1, within_s: 600}\ndeadline_ms: 5000");
}

void check_kit(const std::string& name) {
    Bench bench{name, configure};
    check_last_day(bench);
    check_outcome_alone(bench);
    const std::string body = bench.installation.path("matter.json");
    write_file(body, datong::codec::write_json(whole_matter()));
    check_whole(bench, body);
    check_pending(bench, body);
}

}  // namespace

TEST_CASE("the shell client tells altered and pending answers from good ones", "[commands][clients]") {
    check_kit("shell");
}

TEST_CASE("the Node client tells altered and pending answers from good ones", "[commands][clients]") {
    check_kit("node");
}

TEST_CASE("the Java client tells altered and pending answers from good ones", "[commands][clients]") {
    check_kit("java");
}
