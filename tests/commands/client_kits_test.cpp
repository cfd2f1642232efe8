// The clients of examples/clients in other languages, each run as its README says, against a gateway that runs.
#include <functional>

#include "core/codec/json.h"
#include "tests/commands/kit_bench.h"
#include "tests/support/catch.h"

using namespace datong::commands;
using datong::record::Record;

namespace {

/// The trusted keys with another's public key under this id, or without it.
std::string trust_with(const Installation& installation, const std::string& keyid, bool without) {
    Record keys = datong::codec::read_json(installation.read("keys/trust.jwks")).value();
    Record list = Record::list();
    const Record other = keys.find("keys")->items().back();
    for (const Record& jwk : keys.find("keys")->items()) {
        Record one = jwk;
        if (jwk.text_of("kid") == keyid) {
            one.put("x", Record::text(other.text_of("x")));
            one.put("y", Record::text(other.text_of("y")));
        }
        if (!without || jwk.text_of("kid") != keyid) {
            list.add(std::move(one));
        }
    }
    Record changed = Record::object();
    changed.put("keys", std::move(list));
    const std::string file = installation.path("other.jwks");
    write_file(file, datong::codec::write_json(changed));
    return file;
}

constexpr const char* kFund = "fund-deposit-certificate";

/// A service, a matter of which a material is missing, and a refusal. @return the service's answer
std::string check_calls(const Bench& bench) {
    const Ran good = bench.service(kFund, bench.trust);
    CAPTURE(good.err);
    CHECK(good.code == 0);
    CHECK_THAT(good.err, ContainsSubstring("signature: valid (key gateway-2026)"));
    CHECK_THAT(good.err, ContainsSubstring("certificate: valid (issuer fund"));
    CHECK(datong::codec::read_json(good.out).value().text_of("outcome") == "found");

    Record of_matter = Record::object();
    of_matter.put("context", *datong::codec::read_json(bench.installation.read("body.json")).value().find("context"));
    write_file(bench.installation.path("matter.json"), datong::codec::write_json(of_matter));
    const Ran matter = bench.call({"matter", "existing-home-transfer", bench.installation.path("matter.json")});
    CAPTURE(matter.err);
    CHECK(datong::codec::read_json(matter.out).value().text_of("matter") == "existing-home-transfer@1.1.0");
    CHECK(matter.code == 1);  // the agent, and so the agency's licence, is missing
    CHECK_THAT(matter.err, ContainsSubstring("certificate: valid (issuer tax"));

    const Ran refused = bench.service("no-such-service", bench.trust);
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err, ContainsSubstring("signature: valid") && ContainsSubstring("403 not_permitted"));
    return good.out;
}

void check_trust(const Bench& bench) {
    for (const bool without : {true, false}) {
        const Ran bad = bench.service(kFund, trust_with(bench.installation, "gateway-2026", without));
        CHECK(bad.code == 1);
        CHECK(bad.out.empty());
        CHECK_THAT(bad.err, ContainsSubstring(without ? "not trusted" : "signature: INVALID"));
    }
    REQUIRE(bench.installation.read("keys/trust.jwks").find("fund-2026") != std::string::npos);
    const Ran bad = bench.service(kFund, trust_with(bench.installation, "fund-2026", false));
    CHECK(bad.code == 1);
    CHECK_THAT(bad.err, ContainsSubstring("certificate: INVALID"));
}

/// An answer that was kept, and then altered by one character.
void check_kept(const Bench& bench, const std::string& answer) {
    const std::string kept = bench.installation.path("kept.json");
    write_file(kept, answer);
    CHECK(bench.call({"verify", kept}).code == 0);
    for (const std::string_view member : {"\"paidThrough\":\"", "\"as_of\":\"", "\"certificate\":\""}) {
        CAPTURE(member);
        std::string altered = answer;
        const auto at = altered.find(member);
        REQUIRE(at != std::string::npos);
        char& octet = altered[at + member.size() + 3];
        octet = octet == '1' ? '2' : '1';
        write_file(kept, altered);
        const bool sees = bench.kit.checks_fields || member != "\"paidThrough\":\"";
        CHECK((bench.call({"verify", kept}).code != 0) == sees);
    }
}

/// What stands beside the fields must be what the issuer signed, too.
void check_words_around(const Bench& bench, const std::string& answer) {
    struct Row {
        const char* why;
        std::function<void(Record& answer)> change;
    };
    const auto origin = [](const char* name) {
        return [name](Record& said) {
            said.find("provenance")->items_to_edit().front().put(name, Record::text("2020-01-01T00:00:00+08:00"));
        };
    };
    const std::vector<Row> rows{
        {"another time of record", origin("record_time")},
        {"another department", origin("department")},
        {"another source", origin("source")},
        {"another mapping", origin("mapping")},
        {"a consent that nobody signed",
         [](Record& said) { said.put("consent", Record::object({{"mode", Record::text("store")}})); }},
        {"a subset that nobody signed", [](Record& said) { said.put("subset", Record::text("everything")); }},
        {"a file that nobody signed",
         [](Record& said) {
             said.put("files", Record::list({Record::object({{"path", Record::text("/scan")},
                                                             {"media_type", Record::text("application/pdf")},
                                                             {"length", Record::integer(1)},
                                                             {"sha256", Record::text(std::string(64, '0'))}})}));
         }},
    };
    const std::string kept = bench.installation.path("kept.json");
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Record altered = datong::codec::read_json(answer).value();
        row.change(altered);
        write_file(kept, datong::codec::write_json(altered));
        CHECK(bench.call({"verify", kept}).code == (bench.kit.checks_fields ? 1 : 0));
    }
}

/// An answer to another question than the one that was asked.
void check_question(const Bench& bench, const std::string& answer) {
    if (!bench.kit.checks_fields) {
        return;
    }
    const std::string kept = bench.installation.path("kept.json");
    const std::string asked = bench.installation.path("asked.json");
    write_file(kept, answer);
    const Record sent = datong::codec::read_json(bench.installation.read("body.json")).value();
    const auto code_of = [&](const Record& request) {
        write_file(asked, datong::codec::write_json_for_people(request));
        return bench.call({"verify", kept, asked}).code;
    };
    CHECK(code_of(sent) == 0);
    Record other = sent;
    other.put("query", Record::object({{"month", Record::number("1.0")}}));
    CHECK(code_of(other) == 1);
    other = sent;
    other.find("context")->find("subject")->put("id_no", Record::text("999901198001010024"));
    CHECK(code_of(other) == 1);
    other = sent;
    other.put("subset", Record::text("everything"));
    CHECK(code_of(other) == 1);
    other = sent;
    other.put("verify", Record::list());
    CHECK(code_of(other) == 1);

    write_file(asked, datong::codec::write_json_for_people(sent));
    CHECK(bench.service(kFund, bench.trust).code == 0);
    CHECK(bench.call({"service", kFund, asked}).code == 0);  // laid out otherwise than the gateway writes it
}

/// Answers in which nothing is left to verify are not "verified".
void check_emptied(const Bench& bench, const std::string& answer) {
    const std::string kept = bench.installation.path("kept.json");
    Record without = datong::codec::read_json(answer).value();
    std::erase_if(without.members_to_edit(), [](const auto& member) { return member.name == "certificate"; });
    write_file(kept, datong::codec::write_json(without));
    CHECK(bench.call({"verify", kept}).code == 1);
    without.put("requirements", Record::list());
    write_file(kept, datong::codec::write_json(without));
    CHECK(bench.call({"verify", kept}).code == 1);

    const Ran matter = bench.call({"matter", "existing-home-transfer", bench.installation.path("matter.json")});
    std::string other = matter.out;
    const auto exchange = other.find(R"("exchange":")") + 12;
    other[exchange] = other[exchange] == '1' ? '2' : '1';  // of the whole: its certificates are of another
    write_file(kept, other);
    const Ran moved = bench.call({"verify", kept});
    CHECK(moved.code == 1);
    CHECK((!bench.kit.checks_fields || moved.err.find("INVALID") != std::string::npos));
}

/// Another outcome than was signed, and what was signed where nobody looks for it.
void check_decoys(const Bench& bench, const std::string& answer) {
    const auto asked = answer.find(",\"asked\":");
    REQUIRE(asked != std::string::npos);
    const std::string facts = answer.substr(1, asked - 1);
    const std::string found = R"("outcome":"found",)";
    const auto at = facts.find(found);
    REQUIRE(at != std::string::npos);
    const std::string without = facts.substr(0, at) + facts.substr(at + found.size());
    const std::string other = R"("outcome":"not_found",)";
    const std::string rest = ",\"note\":{" + facts + "}" + answer.substr(asked);
    const std::string open = answer.substr(0, answer.rfind('}'));
    const std::vector<std::pair<const char*, std::string>> rows{
        {"a blank before it", "{" + facts.substr(0, at) + " " + other + facts.substr(at + found.size()) + rest},
        {"in another order", "{" + without + "," + R"("outcome":"not_found")" + rest},
        {"before the others", "{" + other + without + rest},
        {"twice", open + R"(,"outcome":"not_found"})"},
        {"twice, by another spelling", open + R"(,"outc\u006fme":"not_found"})"},
        {"in a consent",
         "{" + without + "," + R"("outcome":"not_found","consent":{"note":{)" + facts + "}}" + answer.substr(asked)},
    };
    const std::string kept = bench.installation.path("kept.json");
    for (const auto& [why, altered] : rows) {
        CAPTURE(why);
        write_file(kept, altered);
        const int code = bench.call({"verify", kept}).code;
        CHECK((code == 1 || (bench.kit.checks_fields && code == 78)));  // their JSON has no name twice
    }
}

/// A matter of a material that was found, twice; what is changed in the first is what a kit must see.
void check_materials(const Bench& bench) {
    const Ran called = bench.call({"matter", "existing-home-transfer", bench.installation.path("matter.json")});
    struct Row {
        const char* why;
        std::function<void(Record& material)> change;
        int code;
    };
    const auto forge = [](Record& material) {
        Record& said = material.find("answer")->find("provenance")->items_to_edit().front();
        said.put("digest", Record::text("forged"));
    };
    const auto without_answer = [](Record& material) {
        std::erase_if(material.members_to_edit(), [](const auto& member) { return member.name == "answer"; });
    };
    const std::vector<Row> rows{
        {"as it is", [](Record&) {}, 0},
        {"a fault beside it", [](Record& one) { one.put("fault", Record::object()); }, 1},
        {"a fault beside a forged one",
         [&](Record& one) {
             one.put("fault", Record::object());
             forge(one);
         },
         1},
        {"an open outcome around a forged one",
         [&](Record& one) {
             one.put("outcome", Record::text("unknown"));
             forge(one);
         },
         1},
        {"another outcome around it, in another order",
         [](Record& one) {
             const Record service = *one.find("service");
             std::erase_if(one.members_to_edit(), [](const auto& member) { return member.name == "service"; });
             one.put("outcome", Record::text("not_found"));
             one.put("service", service);
         },
         1},
        {"a fault alone",
         [&](Record& one) {
             one.put("fault", Record::object());
             without_answer(one);
         },
         1},
        {"nothing", without_answer, 1},
        {"an answer without what proves it, in another order",
         [](Record& one) {
             const Record& was = *one.find("answer");
             Record other = Record::object({{"outcome", *was.find("outcome")}, {"exchange", *was.find("exchange")}});
             other.put("service", *was.find("service"));
             other.put("content", *was.find("content"));
             one.put("answer", std::move(other));
         },
         1},
        {"words in its place",
         [&](Record& one) {
             without_answer(one);
             one.put("outcome", Record::text("not_found"));
             one.put("title", Record::text("x"));
         },
         1},
    };
    Record answer = datong::codec::read_json(called.out).value();
    std::vector<Record> found;
    for (const Record& requirement : answer.find("requirements")->items()) {
        const Record* all = requirement.find("materials");
        for (const Record& one : all != nullptr ? all->items() : Record::List{}) {
            if (one.text_of("outcome") == "found") {
                found.push_back(one);
            }
        }
    }
    REQUIRE_FALSE(found.empty());
    const Record good = found.front();
    const std::string kept = bench.installation.path("kept.json");
    std::string whole;
    for (const Row& row : rows) {
        CAPTURE(row.why);
        Record changed = good;
        row.change(changed);
        Record requirement = Record::object({{"id", Record::text("home")}});
        requirement.put("materials", Record::list({std::move(changed), good}));
        answer.put("requirements", Record::list({std::move(requirement)}));
        const std::string written = datong::codec::write_json(answer);
        whole = whole.empty() ? written : whole;
        write_file(kept, written);
        CHECK(bench.call({"verify", kept}).code == row.code);
        // laid out anew it is the same, but for the shell, which takes none such
        write_file(kept, datong::codec::write_json_for_people(answer));
        CHECK(bench.call({"verify", kept}).code == (bench.kit.checks_fields ? row.code : 1));
    }
    const std::string_view around = R"("outcome":"found","answer":)";
    REQUIRE(whole.find(around) != std::string::npos);
    write_file(kept, whole.replace(whole.find(around), around.size(), R"( "outcome":"not_found","answer":)"));
    CHECK(bench.call({"verify", kept}).code == 1);
}

void check_words(const Bench& bench) {
    CHECK(bench.call({}).code == 2);
    CHECK(bench.service("../keys", bench.trust).code == 2);
    const Ran no_trust = bench.service(kFund, "");
    CHECK(no_trust.code == 78);
    CHECK_THAT(no_trust.err, ContainsSubstring("DATONG_TRUST"));
    CHECK(bench.call({"service", kFund, "/none"}).code == 78);
}

/// What a kit says before there is an answer that was verified: all that helps, and not that it was.
void check_hints(const Bench& bench) {
    const Ran unknown = bench.call({"service", kFund, bench.body}, {{"DATONG_KEYID", "nobody-2026"}, {"LC_ALL", "C"}});
    CHECK(unknown.code == 1);
    CHECK(unknown.out.empty());
    CHECK_THAT(unknown.err, ContainsSubstring("not signed") && ContainsSubstring("未验签") &&
                                ContainsSubstring("a hint only: 401 signature_invalid") && ContainsSubstring("私钥"));
    CHECK_THAT(unknown.err, !ContainsSubstring("signature: valid"));

    const Ran nobody = bench.call({"service", kFund, bench.body}, {{"DATONG_URL", "https://127.0.0.1:1"}});
    CHECK(nobody.code == 1);
    CHECK_THAT(nobody.err, ContainsSubstring("no answer from https://127.0.0.1:1") && !ContainsSubstring("hint"));

    const Ran none = bench.call({"verify", "/none.json"});
    CHECK(none.code == 78);
    CHECK_THAT(none.err, ContainsSubstring("/none.json") && !ContainsSubstring("Exception"));

    const Ran help = bench.call({"--help"});
    CHECK(help.code == 0);
    CHECK(help.err.empty());
    CHECK_THAT(help.out, ContainsSubstring("DATONG_TRUST") && ContainsSubstring("verify"));
}

void check_kit(const std::string& name) {
    const Bench bench{name};
    const std::string answer = check_calls(bench);
    check_kept(bench, answer);
    check_words_around(bench, answer);
    check_question(bench, answer);
    check_emptied(bench, answer);
    check_decoys(bench, answer);
    check_materials(bench);
    check_trust(bench);
    check_words(bench);
    check_hints(bench);
}

}  // namespace

TEST_CASE("the shell client signs, calls and verifies", "[commands][clients]") {
    check_kit("shell");
}

TEST_CASE("the Node client signs, calls and verifies", "[commands][clients]") {
    check_kit("node");
}

TEST_CASE("the Java client signs, calls and verifies", "[commands][clients]") {
    check_kit("java");
}
