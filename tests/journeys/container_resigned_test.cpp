#include <algorithm>
#include <chrono>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/container/archive.h"
#include "core/crypto/digest.h"
#include "tests/journeys/container_kit.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/journeys/soap_platform.h"
#include "tests/support/catch.h"

// Containers made anew by whoever holds the gateway's key: what only others can sign must be missed.

using namespace datong;
using namespace datong::journeys;
using record::Record;
using Lines = std::vector<std::string>;

namespace {

/// What a good gateway's key would put in place of the answer: body, digest in the record, and both signed anew.
void answer_anew(const GatewayUnderTest& gateway, Files& files, const Record& answer) {
    Record outcome = codec::read_json(files.at("records/outcome.json")).value();
    const std::string old_body = files.at("answer/body.json");
    const std::string body = codec::write_json(answer);
    Record seen = *outcome.find("answer");
    std::string base{seen.text_of("base")};
    const std::string was = to_base64(crypto::sha256(old_body));
    const auto at = base.find(was);
    REQUIRE(at != std::string::npos);
    base.replace(at, was.size(), to_base64(crypto::sha256(body)));
    const auto snapshot = gateway.program().current().get();
    const auto& key = snapshot->gateway.key.at(std::chrono::system_clock::now());
    const auto signature = key.key->sign(crypto::algorithm_by_name(seen.text_of("alg")).value(), base);
    REQUIRE(signature);
    seen.put("base", Record::text(base));
    seen.put("signature", Record::text(to_base64(*signature)));
    outcome.put("answer", seen);
    outcome.put("answer_digest", Record::text(to_hex(crypto::sha256(body))));
    files["answer/body.json"] = body;
    files["records/outcome.json"] = codec::write_json(outcome);
    for (const char* file : {"seal/place.json", "seal/seal.jws", "intent-seal/place.json", "intent-seal/seal.jws"}) {
        files.erase(file);
    }
}

/// Without the certificates' own files.
void erase_certificates(Files& files) {
    std::erase_if(files, [](const auto& file) { return file.first.starts_with("certificates/"); });
}

Record without_certificate(const Record& answer) {
    Record made = Record::object();
    for (const record::Member& member : answer.members()) {
        if (member.name != "certificate" && member.name != "provenance" && member.name != "digests") {
            made.put(std::string{member.name.view()}, member.value);
        }
    }
    return made;
}

}  // namespace

TEST_CASE("an answer without its certificate is found out, also when the gateway signed it anew",
          "[journey][container][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    const std::string one = exchange_of(gateway.platform().call(kFund, gateway.body(kFund)));
    const std::string matter = exchange_of(gateway.platform().call(kMatter, gateway.matter_body()));
    const std::string in_record = "certificate records/outcome.json /certificate_digests";
    {
        Files files = container::read_asic(fetch(gateway, one)).value();
        Files same = files;
        const Record answer = codec::read_json(files.at("answer/body.json")).value();
        answer_anew(gateway, same, answer);
        REQUIRE(found(check(gateway, resigned(gateway, same))).empty());
        erase_certificates(files);
        answer_anew(gateway, files, without_certificate(answer));
        CHECK(found(check(gateway, resigned(gateway, files))) ==
              Lines{"certificate answer/body.json /certificate", in_record});
        Record outcome = codec::read_json(files.at("records/outcome.json")).value();
        outcome.put("certificate_digests", Record::list());
        files["records/outcome.json"] = codec::write_json(outcome);
        CHECK(found(check(gateway, resigned(gateway, files))) ==
              Lines{"certificate answer/body.json /certificate", in_record});
    }
    {
        Files files = container::read_asic(fetch(gateway, matter)).value();
        Record answer = codec::read_json(files.at("answer/body.json")).value();
        Record& requirement = answer.find("requirements")->items_to_edit().front();
        Record& material = requirement.find("materials")->items_to_edit().front();
        REQUIRE(material.text_of("outcome") == "found");
        material.put("answer", without_certificate(*material.find("answer")));
        erase_certificates(files);
        answer_anew(gateway, files, answer);
        CHECK(found(check(gateway, resigned(gateway, files))) ==
              Lines{"certificate answer/body.json " + material.text_of("material") + ": /certificate", in_record});
    }
}

TEST_CASE("a container that leaves something open, brings something twice or is by a key of another time says so",
          "[journey][container][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    const std::string one = exchange_of(gateway.platform().call(kFund, gateway.body(kFund)));
    REQUIRE(wait_until([&] { return check(gateway, fetch(gateway, one)).is_sealed; }));
    const Files good = container::read_asic(fetch(gateway, one)).value();
    const auto with = [&](const std::string& file, const std::string& octets) {
        Files files = good;
        files[file] = octets;
        return found(check(gateway, resigned(gateway, files)));
    };
    REQUIRE(found(check(gateway, resigned(gateway, good))).empty());
    CHECK_FALSE(check(gateway, resigned(gateway, good)).is_open);
    CHECK(with("answer/body.xml", "<other/>") == Lines{"file_twice answer/body.xml"});
    CHECK(with("answer/note.txt", "other") == Lines{"file_unknown answer/note.txt"});
    CHECK(with("records/extra.json", "{}") == Lines{"file_unknown records/extra.json"});
    {
        Files files = good;
        std::erase_if(files, [](const auto& file) {
            return file.first.starts_with("answer/") || file.first.starts_with("certificates/") ||
                   file.first.find("seal") != std::string::npos || file.first == "records/outcome.json";
        });
        const auto checked = check(gateway, resigned(gateway, files));
        CHECK(found(checked).empty());
        CHECK(checked.is_open);
    }
    {
        Record seal = codec::read_json(good.at("records/outcome.json")).value();
        seal.put("kind", Record::text("erased"));  // a kind whose rules ask for nothing
        const Lines lines = with("records/outcome.json", codec::write_json(seal));
        CHECK(std::find(lines.begin(), lines.end(), "record records/outcome.json /kind") != lines.end());
    }
    {
        Record keys = trusted(gateway);
        for (Record& key : keys.find("keys")->items_to_edit()) {
            if (key.text_of("datong_owner") == "gateway") {
                key.put("datong_to", Record::text("2020-01-01"));
            }
        }
        const auto checked = container::check_container(resigned(gateway, good), keys);
        REQUIRE(checked);
        const Lines lines = found(*checked);
        for (const char* line : {"signer META-INF/signatures.xml", "seal seal/seal.jws", "seal intent-seal/seal.jws"}) {
            CAPTURE(line);
            CHECK(std::find(lines.begin(), lines.end(), line) != lines.end());
        }
    }
}

TEST_CASE("a container says of nobody that they signed what nobody signed", "[journey][container][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    const std::string one = exchange_of(gateway.platform().call(kFund, gateway.body(kFund)));
    const std::string body = R"({"context": {}})";
    Record refusal = Record::object();
    refusal.put("kind", Record::text("refusal"));
    refusal.put("exchange", Record::text(one));
    refusal.put("at", Record::text(to_rfc3339(std::chrono::system_clock::now())));
    refusal.put("fault", Record::text("bad_request"));
    refusal.put("request_digest", Record::text(to_hex(crypto::sha256(body))));
    const auto checked =
        check(gateway,
              resigned(gateway, {{"records/refusal.json", codec::write_json(refusal)}, {"request/body.json", body}}));
    REQUIRE(checked.proofs.size() >= 2);
    for (const auto& proof : checked.proofs) {
        CAPTURE(proof.file, proof.text_en);
        CHECK(proof.text_en.find("the consumer signed") == std::string::npos);
    }
    // and an answer whose record has no digest of it is none
    refusal.put("answer", Record::object({{"form", Record::text("soap")}}));
    const Lines lines = found(check(gateway, resigned(gateway, {{"records/refusal.json", codec::write_json(refusal)},
                                                                {"answer/body.bin", "garbage"}})));
    CHECK(std::find(lines.begin(), lines.end(), "body answer/body.bin") != lines.end());
}

TEST_CASE("certificates in a SOAP answer are proven field by field, and compared with their record",
          "[journey][container][soap][security]") {
    GatewayUnderTest gateway{with_evidence("  bodies: kept\n")};
    const SoapPlatform soap{gateway.platform(), gateway.folder() + "/keys", "one-window", "1.1"};
    const char* path = "/soap/tax-clearance";
    const auto answer = soap.post(path, soap.sign(soap.parts(path, gateway.body(kTax))));
    const std::string exchange = record_of(answer.body).text_of("exchange");
    REQUIRE_FALSE(exchange.empty());
    const std::string octets = fetch(gateway, exchange);
    const auto good = check(gateway, octets);
    CHECK(found(good).empty());
    CHECK(std::ranges::any_of(good.proofs, [](const auto& proof) {
        return proof.file == "answer/body.xml" && proof.text_en.starts_with("certificate valid, issuer tax");
    }));

    auto files = container::read_asic(octets).value();
    Record outcome = codec::read_json(files.at("records/outcome.json")).value();
    outcome.put("certificate_digests", Record::list({Record::text(std::string(64, '0'))}));
    files["records/outcome.json"] = codec::write_json(outcome);
    erase_certificates(files);
    for (const char* file : {"seal/place.json", "seal/seal.jws", "intent-seal/place.json", "intent-seal/seal.jws"}) {
        files.erase(file);
    }
    const auto lines = found(check(gateway, resigned(gateway, files)));
    CAPTURE(lines);
    CHECK(std::ranges::find(lines, "certificate records/outcome.json /certificate_digests") != lines.end());
}
