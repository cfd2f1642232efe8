#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/app/recall.h"
#include "core/codec/compression.h"
#include "core/codec/json.h"
#include "core/container/archive.h"
#include "core/container/check.h"
#include "core/ledger/index.h"
#include "tests/journeys/container_kit.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using container::Checked;
using record::Record;

namespace {

/// The same container with other files: its signature stays what it was.
std::string packed(const Files& files) {
    std::vector<container::Part> parts;
    for (const auto& [name, octets] : files) {
        if (name != "mimetype" && name != container::kSignatures) {
            parts.push_back({.name = name, .media = "application/octet-stream", .octets = octets});
        }
    }
    const auto made =
        container::write_asic(parts, files.at(std::string{container::kSignatures}), std::chrono::system_clock::now());
    REQUIRE(made);
    return *made;
}

void replace_in(std::string& text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("a consumer fetches the proof of its own exchange, and it holds with every policy", "[journey][container]") {
    const std::string policy = GENERATE(as<std::string>{}, "none", "sealed", "kept");
    CAPTURE(policy);
    GatewayUnderTest gateway{with_evidence("  bodies: " + policy + "\n  auditor: auditor.pem\n")};
    const std::string one = exchange_of(gateway.platform().call(kFund, gateway.body(kFund)));
    const std::string matter = exchange_of(gateway.platform().call(kMatter, gateway.matter_body()));
    gateway.city().faults().set(departments::System::land, {.trouble = departments::Trouble::wrong_person});
    const std::string failed = exchange_of(gateway.platform().call(kLand, gateway.body(kLand)));
    const std::string refused = exchange_of(gateway.platform("portal").call(kLand, gateway.body(kLand)));
    for (const auto& [exchange, consumer, outcome] : {std::tuple{one, "one-window", "found"},
                                                      {matter, "one-window", "found"},
                                                      {failed, "one-window", "person_mismatch"},
                                                      {refused, "portal", "not_permitted"}}) {
        CAPTURE(outcome);
        const Checked checked = check(gateway, fetch(gateway, exchange, consumer));
        CHECK(found(checked).empty());
        CHECK(checked.exchange == exchange);
        CHECK(checked.consumer == consumer);
        CHECK(checked.outcome == outcome);
        CHECK(checked.signed_by == "gateway-2026");
        CHECK(checked.proofs.size() >= 2);
    }
    // a second later its seal is there
    REQUIRE(wait_until([&] { return check(gateway, fetch(gateway, one)).is_sealed; }));
    gateway.stop();
    const auto verdict = gateway.verify();
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
}

TEST_CASE("what departments sent is in the operator's container, and never in the consumer's",
          "[journey][container][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    Record verify = gateway.body(kMarket);
    verify.find("context")->put("purpose", Record::text("enterprise-check"));
    Record predicate = Record::object();
    predicate.put("field", Record::text("/inBusiness"));
    predicate.put("operator", Record::text("equals"));
    predicate.put("value", Record::boolean(true));
    verify.put("verify", Record::list({predicate}));
    const auto matched = gateway.platform("portal").call(kMarket, verify);
    REQUIRE(json_of(matched).text_of("outcome") == "match");
    gateway.city().faults().set(departments::System::land, {.trouble = departments::Trouble::wrong_person});
    const auto mismatched = gateway.platform().call(kLand, gateway.body(kLand));
    REQUIRE(mismatched.status == 502);
    const auto replies_in = [](const std::string& octets) {
        const Files files = container::read_asic(octets).value();
        return std::count_if(files.begin(), files.end(), [](const auto& f) { return f.first.starts_with("replies/"); });
    };
    for (const auto& [exchange, consumer] :
         {std::pair{exchange_of(matched), "portal"}, {exchange_of(mismatched), "one-window"}}) {
        CAPTURE(consumer);
        const std::string theirs = fetch(gateway, exchange, consumer);
        CHECK(replies_in(theirs) == 0);
        CHECK(found(check(gateway, theirs)).empty());
        const auto snapshot = gateway.program().current().get();
        const auto entry = app::find_exchange(snapshot->gateway.evidence_folder, exchange);
        REQUIRE(entry);
        const auto ours = app::container_of(*entry, snapshot->gateway, snapshot->public_keys(true),
                                            std::chrono::system_clock::now(), app::Reader::gateway_operator);
        REQUIRE(ours);
        CHECK(replies_in(*ours) == 1);
        CHECK(found(check(gateway, *ours)).empty());
    }
}

TEST_CASE("the proof gives an answer again only as far as a grant of the moment shows it",
          "[journey][container][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    const std::string one = exchange_of(gateway.platform().call(kFund, gateway.body(kFund)));
    const std::string matter = exchange_of(gateway.platform().call(kMatter, gateway.matter_body()));
    Record verify = gateway.body(kMarket);
    verify.find("context")->put("purpose", Record::text("enterprise-check"));
    Record predicate = Record::object();
    predicate.put("field", Record::text("/inBusiness"));
    predicate.put("operator", Record::text("equals"));
    predicate.put("value", Record::boolean(true));
    verify.put("verify", Record::list({predicate}));
    const std::string asked = exchange_of(gateway.platform("portal").call(kMarket, verify));
    const std::string grants = gateway.folder() + "/config/grants/";
    const std::string home = "one-window-existing-home-transfer.yaml";
    const std::string licence = "portal-verify-licence.yaml";
    struct Row {
        const char* why;
        const std::string& grant;
        const char* what;  ///< of it
        const char* with;
        std::string again;  ///< whose answers are given again: of the service, the matter, the predicates
    };
    const std::vector<Row> rows{
        {"all stand", home, "quota: {calls: 100000,", "quota: {calls: 100001,", "smp"},
        {"without one of the services", home, ", fund-deposit-certificate, business-licence]", "]", "p"},
        {"without another", home, "tax-clearance, ", "", "sp"},
        {"it is over", home, "valid_to: 2027-12-31", "valid_to: 2026-01-02", "p"},
        {"for another purpose", home, "purposes: [existing-home-transfer]", "purposes: [homes]", "p"},
        {"for another territory", home, "[\"9999\"]", "[\"999903\"]", "p"},
        {"fewer fields", home, "fields: [\"*\"]", "fields: [/certificateTypeName]", "p"},
        {"it needs a consent", home, "case_required: true", "case_required: true\nconsent: required", "p"},
        {"no predicates", licence, "verify: [/status, /inBusiness, /establishedDate, /capitalFen, /validTo]",
         "fields: [/status]", "sm"},
        {"other predicates", licence, "[/status, /inBusiness,", "[/status,", "smp"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.why);
        const std::string before = read_file(grants + row.grant);
        std::string after = before;
        replace_in(after, row.what, row.with);
        write_text(grants + row.grant, after);
        const auto reloaded = gateway.admin("POST", "/v1/reload");
        CAPTURE(reloaded.body);
        REQUIRE(reloaded.status == 200);
        std::string again;
        for (const auto& [exchange, consumer, letter] :
             {std::tuple{one, "one-window", 's'}, {matter, "one-window", 'm'}, {asked, "portal", 'p'}}) {
            const std::string octets = fetch(gateway, exchange, consumer);
            CHECK(found(check(gateway, octets)).empty());
            const Files files = container::read_asic(octets).value();
            CHECK(files.contains("records/outcome.json"));
            CHECK(files.contains("request/body.json"));
            const bool is_given = files.contains("answer/body.json");
            const bool has_certificates =
                std::ranges::any_of(files, [](const auto& file) { return file.first.starts_with("certificates/"); });
            CHECK(has_certificates == is_given);
            const Record facts = codec::read_json(files.at("exchange.json")).value();
            CHECK(facts.text_of("withheld") == (is_given ? "" : "answer"));
            again += is_given ? std::string{letter} : std::string{};
        }
        CHECK(again == row.again);
        write_text(grants + row.grant, before);
    }
}

TEST_CASE("evidence of others and evidence of nobody is the same 404", "[journey][container][security]") {
    GatewayUnderTest gateway;
    const std::string one = exchange_of(gateway.platform().call(kFund, gateway.body(kFund)));
    const auto ask = [&](const std::string& consumer, const std::string& exchange) {
        const Platform platform = gateway.platform(consumer);
        return platform.send(platform.prepare_get("/v1/exchanges/" + exchange + "/evidence"));
    };
    const auto others = ask("portal", one);
    const auto nobodys = ask("portal", "00000000-0000-0000-0000-000000000000");
    CHECK(others.status == 404);
    CHECK(nobodys.status == 404);
    for (const char* name : {"code", "title", "detail", "todo"}) {
        CHECK(json_of(others).text_of(name) == json_of(nobodys).text_of(name));
    }
    auto unsigned_one = gateway.platform().prepare_get("/v1/exchanges/" + one + "/evidence");
    std::erase_if(unsigned_one.fields, [](const auto& f) { return f.name.starts_with("Signature"); });
    CHECK(gateway.platform().send(std::move(unsigned_one)).status == 401);
    CHECK(gateway.platform().call("/v1/exchanges/" + one + "/evidence", gateway.body(kFund)).status == 405);
    CHECK(ask("one-window", "../../etc/passwd").status == 400);
}

TEST_CASE("what was altered in a container is named, field by field", "[journey][container][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    const std::string one = exchange_of(gateway.platform().call(kFund, gateway.body(kFund)));
    const std::string matter = exchange_of(gateway.platform().call(kMatter, gateway.matter_body()));
    REQUIRE(wait_until([&] { return check(gateway, fetch(gateway, matter)).is_sealed; }));
    const Files good = container::read_asic(fetch(gateway, one)).value();
    const Files good_matter = container::read_asic(fetch(gateway, matter)).value();
    REQUIRE(found(check(gateway, packed(good))).empty());
    const auto altered = [&](Files files, const std::string& file, const std::string& what, const std::string& with) {
        replace_in(files.at(file), what, with);
        return found(check(gateway, packed(files)));
    };
    const std::string name = departments::demo_person().person.name;
    using Lines = std::vector<std::string>;

    CHECK(altered(good, "answer/body.json", "\"source\":\"fund/fund-front\"", "\"source\":\"fund/fund-other\"")
              .at(2)
              .starts_with("certificate answer/body.json /content/"));
    {
        Record answer = codec::read_json(good.at("answer/body.json")).value();
        Record& content = *answer.find("content");
        const std::string field{content.members().back().name.view()};
        content.put(field, Record::text("altered"));
        Files files = good;
        files["answer/body.json"] = codec::write_json(answer);
        const Lines lines = found(check(gateway, packed(files)));
        CHECK(std::find(lines.begin(), lines.end(), "certificate answer/body.json /content/" + field) != lines.end());
        CHECK(std::find(lines.begin(), lines.end(), "file_altered answer/body.json") != lines.end());
        CHECK(std::find(lines.begin(), lines.end(), "body answer/body.json") != lines.end());
    }
    {
        const Lines lines = altered(good_matter, "answer/body.json", name, "李四");
        CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
            return line.starts_with("certificate answer/body.json ") && line.find(": /content/") != std::string::npos;
        }));
    }
    CHECK(altered(good, "request/body.json", name, "李四") ==
          Lines{"file_altered request/body.json", "body request/body.json"});
    CHECK(altered(good, "records/intent.json", departments::demo_person().case_number, "999901-1999-000001") ==
          Lines{"file_altered records/intent.json", "record records/intent.json /case_number",
                "seal records/intent.json"});
    CHECK(altered(good, "records/intent.json", "\"consumer\":\"one-window\"", "\"consumer\":\"portal\"").at(1) ==
          "record records/intent.json /request/keyid");
    CHECK(
        altered(good, "records/outcome.json", "\"status\":200", "\"status\":404") ==
        Lines{"file_altered records/outcome.json", "record records/outcome.json /status", "seal records/outcome.json"});
    CHECK(altered(good, "seal/place.json", "\"index\":", "\"index\":1") ==
          Lines{"file_altered seal/place.json", "seal records/outcome.json"});
    CHECK(altered(good, "META-INF/signatures.xml", "<ds:SignatureValue>", "<ds:SignatureValue>AAAA") ==
          Lines{"signature META-INF/signatures.xml"});
    {
        Files files = good;
        files["extra.txt"] = "not signed";
        CHECK(found(check(gateway, packed(files))) == Lines{"file_unsigned extra.txt", "file_unknown extra.txt"});
        files = good;
        files.erase("exchange.json");
        CHECK(found(check(gateway, packed(files))) == Lines{"file_missing exchange.json"});
    }
    // another gateway's signature over the very same files
    const auto none = container::check_container(packed(good), codec::read_json(R"({"keys":[]})").value());
    REQUIRE(none);
    CHECK(found(*none).front() == "signer META-INF/signatures.xml");
}
