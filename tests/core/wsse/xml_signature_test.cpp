#include "core/wsse/xml_signature.h"

#include <set>

#include "core/base/text.h"
#include "tests/core/wsse/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::wsse;
using crypto::VerifyingKey;

namespace {

/// @return the error, or none where every signature of the document holds by the key; without a key by the one that
///         stands in the message, which shows that the arithmetic is right and no more.
Status verdict(const std::string& bytes, const std::optional<VerifyingKey>& key) {
    const auto document = Document::read(bytes);
    if (!document) {
        return fail(document.error());
    }
    const auto signatures = find_all(document->root(), kDsig, "Signature");
    if (signatures.empty()) {
        return fail(Fault::not_signed, "no signature");
    }
    for (Element one : signatures) {
        const auto read = read_xml_signature(*document, one);
        if (!read) {
            return fail(read.error());
        }
        if (key) {
            return verify_value(*read, *key);
        }
        const auto pem = key_in(read->key_info);
        const auto its = pem ? VerifyingKey::from_pem(*pem) : fail(pem.error());
        if (!its) {
            return fail(Fault::not_signed, "policy: key " + its.error().detail());
        }
        if (auto good = verify_value(*read, *its); !good) {
            return good;
        }
    }
    return {};
}

/// The rule, shortened to its kind, or nothing where it is no matter of policy.
std::string rule_of(const Error& error) {
    const std::string& detail = error.detail();
    if (error.fault() == Fault::not_signed && detail.starts_with("policy: ")) {
        return detail.substr(8);
    }
    if (detail == "xml: a document type declaration") {
        return "document type declaration";
    }
    return detail.find("no canonical form") != std::string::npos ? "relative namespace URI" : "";
}

std::optional<VerifyingKey> key_of(const std::string& name) {
    auto key = VerifyingKey::from_pem(tests::data("xmldsig-crafted/" + name));
    return key ? std::optional{std::move(*key)} : std::nullopt;
}

std::vector<std::vector<std::string>> table(const std::string& name) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines{tests::data(name)};
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        rows.emplace_back();
        for (const std::string_view cell : split(line, '\t')) {
            rows.back().emplace_back(cell);
        }
    }
    return rows;
}

}  // namespace

TEST_CASE("signed XML with tampering, wrapping and odd forms gets the right verdict", "[wsse][security]") {
    tests::Tally tally;
    for (const auto& row : table("xmldsig-crafted/expected.tsv")) {
        CAPTURE(row[0], row[2]);
        const Status said = verdict(tests::data("xmldsig-crafted/" + row[0]), key_of(row[1]));
        const std::string rule = said ? "" : rule_of(said.error());
        INFO((said ? std::string{"accepted"} : said.error().detail()));
        const bool is_valid = row[2].starts_with("valid");
        if (said.has_value() == is_valid) {
            ++tally.passed;
        } else if (is_valid && !rule.empty()) {
            ++tally.by_policy[rule];
        } else {
            ++tally.failed;
            CHECK(tally.failed == 0);
        }
    }
    tally.print("xmldsig-crafted");
    CHECK(tally.passed == 15);
    CHECK(tally.refused() == 11);
}

TEST_CASE("a canonical form with prefixes without end is refused before anything is canonicalised",
          "[wsse][security]") {
    std::string signature = tests::data("xmldsig-interop/aleksey-xmldsig-01/enveloping-sha256-ecdsa-sha256.xml");
    const std::size_t at = signature.find("<CanonicalizationMethod");
    REQUIRE(at != std::string::npos);
    std::string list;
    for (int i = 0; i < 33; ++i) {
        list += "p" + std::to_string(i) + " ";
    }
    const std::size_t end = signature.find("/>", at);
    signature.replace(
        at, end + 2 - at,
        "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><e:InclusiveNamespaces "
        "xmlns:e=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"" +
            list + "\"/></CanonicalizationMethod>");
    const Status said = verdict(signature, std::nullopt);
    REQUIRE_FALSE(said.has_value());
    CHECK(rule_of(said.error()) == "more than 32 inclusive prefixes");
}

TEST_CASE("signatures made by others over the years hold, or are refused by a rule", "[wsse]") {
    tests::Tally tally;
    std::set<std::string> seen;
    std::set<std::string> valid;
    for (const auto& row : table("xmldsig-interop/expected.tsv")) {
        const std::string file = "xmldsig-interop/" + row[0] + ".xml";
        if (!tests::has_data(file) || !seen.insert(row[0]).second) {
            continue;
        }
        CAPTURE(row[0], row[1]);
        const bool is_mac = row[4].find("hmac-sha256") != std::string::npos;
        const auto mac = VerifyingKey::from_secret(Secret{tests::data("xmldsig-interop/keys/hmackey.bin")});
        const Status said = verdict(tests::data(file), is_mac ? std::optional{mac} : std::nullopt);
        INFO((said ? std::string{"accepted"} : said.error().detail()));
        const std::string rule = said ? "" : rule_of(said.error());
        if (said) {
            CHECK(row[1] == "success");
            valid.insert(row[0]);
            ++tally.passed;
        } else if (!rule.empty()) {
            ++tally.by_policy[rule];
        } else {
            CHECK(row[1] == "fail");
            ++(row[1] == "fail" ? tally.passed : tally.failed);
        }
    }
    tally.print("xmldsig-interop");
    for (const std::string& name : valid) {
        std::cout << "  valid: " << name << '\n';
    }
    CHECK(tally.passed == 5);
    CHECK(tally.refused() == 117);
    CHECK(tally.failed == 0);
}
