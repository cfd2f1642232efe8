#include "core/base/text.h"
#include "core/catalogue/granting.h"
#include "tests/core/access/hall.h"

using namespace datong;
using namespace datong::access_tests;

namespace {

const crypto::SigningKey& any_key() {
    static const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
    return key;
}

constexpr record::Date kToday{2026, 3, 2};

}  // namespace

TEST_CASE("an application is read whole, and nothing is wrong with a good one", "[access]") {
    const auto snapshot = city(any_key(), "grants/");
    Mistakes mistakes;
    const auto application = access::read_application(good_application(), "a.yaml", mistakes);
    REQUIRE(application);
    CHECK(application->organisation == "portal");
    CHECK(application->asked.fields == std::vector<std::string>{"/name", "/status"});
    CHECK(application->asked.legal_basis == "企业信息公示暂行条例（国务院令第654号）");
    CHECK(application->asked.quota->seconds == 3600);
    CHECK(application->retention_days == 30);
    CHECK(access::check_application(good_application(), "a.yaml", *snapshot, kToday).empty());
}

TEST_CASE("what is wrong with an application is said at its place, with what to write", "[access][security]") {
    struct Row {
        const char* why;
        const char* what;
        const char* with;
        const char* code;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"no application", "application/v1", "grant/v1", "C205", "a.yaml:1"},
        {"an unknown consumer", "consumer: portal", "consumer: portl", "C201", "portal"},
        {"an unknown service", "[licence]", "[licence, ownershp]", "C201", "ownership"},
        {"nothing to see", "fields: [/name, /status]", "fields: []", "C102", "fields"},
        {"a misspelt member", "retention_days", "retention_day", "C101", "retention_days"},
        {"no digest", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "abc", "C103", "sha256sum"},
        {"no contact", "contacts: [数据科 0000-0000]", "contacts: []", "C102", "contacts"},
        {"a date that is none", "2026-12-31", "2026-13-31", "C103", "valid_to"},
        {"over before it begins", "2026-12-31", "2026-02-28", "C243", "valid_to"},
        {"verify that nobody offers", "purposes", "verify: [/status]\npurposes", "C213", "licence"},
        {"longer than its basis allows", "2026-12-31", "2027-03-02", "C242", "2027-03-01"},
        {"a basis that is not listed", "第654号", "第654", "C241", "国务院令第654号"},
        {"a variable", "reason: 企业开办", "reason: ${HOME}企业开办", "C240", "${ }"},
        {"a case where no register is", "retention_days", "case_required: true\nretention_days", "C212",
         "case_register"},
    }));
    CAPTURE(row.why);
    const auto snapshot = city(any_key(), "grants/");
    snapshot->gateway.access.bases = {{.number = "国务院令第654号", .title = "企业信息公示暂行条例", .most_days = 366}};
    const std::string text = replaced(good_application(), row.what, row.with);
    const Mistakes mistakes = access::check_application(text, "a.yaml", *snapshot, kToday);
    REQUIRE_FALSE(mistakes.empty());
    std::string lines;
    for (const Mistake& one : mistakes) {
        lines += to_line(one) + '\n';
    }
    CHECK_THAT(lines, ContainsSubstring(row.code) && ContainsSubstring(row.says) && ContainsSubstring("a.yaml"));
}

TEST_CASE("without a list any basis will do, for as long as the gateway's own setting says", "[access]") {
    const auto snapshot = city(any_key(), "grants/");
    snapshot->gateway.access.most_days = 100;
    const Mistakes mistakes = access::check_application(good_application(), "a.yaml", *snapshot, kToday);
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes.front().code == "C242");
    CHECK(mistakes.front().hint == "2026-06-08");
}

TEST_CASE("a grant's file says what was applied for, and by which approval", "[access]") {
    Mistakes mistakes;
    const auto application = access::read_application(good_application(), "a.yaml", mistakes);
    REQUIRE(application);
    Dossier dossier{.id = "a-2026-0001", .text = good_application(), .state = State::approved};
    dossier.stage = "sandbox";
    dossier.approved_by = {"market-li", "security-qian"};
    dossier.approved_at = "2026-03-02T10:00:00.000+08:00";
    const std::string yaml = catalogue::to_yaml(access::to_grant(dossier, *application));
    const auto node = yaml::parse(yaml, "grant.yaml");
    REQUIRE(node);
    codec::SettingsReader reader{*node, mistakes};
    const policy::Grant read = catalogue::read_granted(reader, *node, mistakes);
    CHECK(mistakes.empty());
    CHECK(read.services == application->asked.services);
    CHECK(read.fields == application->asked.fields);
    CHECK(read.territory == application->asked.territory);
    CHECK(read.quota->calls == 600);
    CHECK(read.valid_to == application->asked.valid_to);
    CHECK(node->find("approval")->text_of("application") == "a-2026-0001");
    CHECK(node->text_of("legal_basis") == "企业信息公示暂行条例（国务院令第654号）");
}

TEST_CASE("what a reader does not see, and no grant's file can hold, is refused", "[access][security]") {
    const auto snapshot = city(any_key(), "grants/");
    const std::string unseen = GENERATE(as<std::string>{}, "\\x7f", "\\u0085", "\\u202e", "\\u2067", "\\x01");
    const std::string text = replaced(good_application(), "title: 企业信息公示暂行条例", "title: \"x" + unseen + '"');
    const Mistakes mistakes = access::check_application(text, "a.yaml", *snapshot, {2026, 3, 2});
    REQUIRE_FALSE(mistakes.empty());
    CHECK(mistakes.front().code == "C246");
}

TEST_CASE("a grant's file says what was granted, or it is known that it can't", "[access][security]") {
    policy::Grant grant{.id = "a-2026-0001",
                        .consumer = "portal",
                        .services = {"licence"},
                        .fields = {"/name"},
                        .purposes = {"enquiry"},
                        .legal_basis = "basis",
                        .territory = {"9999"},
                        .valid_from = {2026, 1, 1},
                        .valid_to = {2026, 12, 31}};
    CHECK(catalogue::reads_back(grant));
    for (char32_t c = 1; c <= 0xA0; ++c) {
        CAPTURE(static_cast<unsigned>(c));
        grant.legal_basis = "x" + to_utf8(std::u32string(1, c)) + ": #\"";
        CHECK(catalogue::reads_back(grant) == (c != 0x7F));
    }
}

namespace {

/// The same city whose business register has two subsets, and whose land register is sensitive.
std::shared_ptr<catalogue::Snapshot> city_of_subsets() {
    auto snapshot = city(any_key(), "grants/");
    auto& licence = *snapshot->services.find("licence")->second;
    licence.offers_verify = true;
    licence.subsets = {{.id = "status-only", .title = {"仅状态"}, .fields = {"/status"}, .needed = {"/status"}}};
    policy::Predicate active{.field = "/status", .op = policy::Relation::equals, .value = record::Record::text("on")};
    licence.subsets.push_back(
        {.id = "in-business", .title = {"在营"}, .verify = {{.predicate = active}}, .needed = {"/status"}});
    auto& ownership = *snapshot->services.find("ownership")->second;
    ownership.offers_verify = true;
    ownership.sensitive = true;
    return snapshot;
}

std::string lines_of(const Mistakes& mistakes) {
    std::string lines;
    for (const Mistake& one : mistakes) {
        lines += to_line(one) + '\n';
    }
    return lines;
}

}  // namespace

TEST_CASE("an application names subsets, caps and why sensitive fields are seen; its grant says the same",
          "[access][security]") {
    const std::string text = replaced(good_application(), "fields: [/name, /status]\n",
                                      "subsets: [status-only, in-business]\nsee_sensitive: 转移登记须核对权属\n"
                                      "most: {rows: 20, persons: 5, subjects_per_hour: 500, guesses_per_hour: 20}\n");
    const auto snapshot = city_of_subsets();
    CHECK(lines_of(access::check_application(text, "a.yaml", *snapshot, kToday)).empty());
    Mistakes mistakes;
    const auto application = access::read_application(text, "a.yaml", mistakes);
    REQUIRE(application);
    const policy::Grant& asked = application->asked;
    CHECK(asked.subsets == std::vector<std::string>{"status-only", "in-business"});
    CHECK(asked.see_sensitive == "转移登记须核对权属");
    CHECK(asked.most.rows == 20);
    CHECK(asked.most.persons == 5);
    CHECK(asked.most.subjects_per_hour == 500);
    CHECK(asked.most.guesses_per_hour == 20);
    CHECK_FALSE(asked.most.operator_subjects_per_hour);
    CHECK(catalogue::reads_back(asked));
    Dossier dossier{.id = "a-2026-0001", .text = text, .state = State::approved};
    const std::string yaml = catalogue::to_yaml(access::to_grant(dossier, *application));
    const auto node = yaml::parse(yaml, "grant.yaml");
    REQUIRE(node);
    codec::SettingsReader reader{*node, mistakes};
    const policy::Grant read = catalogue::read_granted(reader, *node, mistakes);
    CHECK(mistakes.empty());
    CHECK(read.subsets == asked.subsets);
    CHECK(read.see_sensitive == asked.see_sensitive);
    CHECK(read.most == asked.most);
}

TEST_CASE("what is wrong with subsets, caps and sensitive services is said at its place", "[access][security]") {
    struct Row {
        const char* why;
        const char* what;
        const char* with;
        const char* code;
        const char* says;
        const char* at;
    };
    const auto row = GENERATE(values<Row>({
        {"no such subset", "fields: [/name, /status]", "subsets: [status-onl, status-only]", "C201", "try: status-only",
         "a.yaml:6:11"},
        {"a service without any of them", "[licence]\nfields: [/name, /status]",
         "[licence, ownership]\nsubsets: [status-only]", "C213", "ownership", "a.yaml:6:10"},
        {"subsets and fields", "fields: [/name, /status]", "fields: [/name]\nsubsets: [status-only]", "C213", "both",
         "a.yaml:7:10"},
        {"fields of a sensitive service", "services: [licence]", "services: [licence, ownership]", "C250",
         "see_sensitive", "a.yaml:6:9"},
        {"a reason that is none", "fields:", "see_sensitive: true\nfields:", "C103", "reason", "a.yaml:6:16"},
        {"a switch for a reason", "fields:", "see_sensitive: \"True \"\nfields:", "C103", "reason", "a.yaml:6:16"},
        {"a word for a reason", "fields:", "see_sensitive: 是\nfields:", "C103", "reason", "a.yaml:6:16"},
        {"no word for a reason", "fields:", "see_sensitive: \" \"\nfields:", "C103", "reason", "a.yaml:6:16"},
        {"an empty list of subsets", "fields:", "subsets: []\nfields:", "C102", "subsets", "a.yaml:6:10"},
        {"a cap of nothing", "fields:", "most: {rows: 0}\nfields:", "C104", "rows", "a.yaml:6:14"},
        {"a misspelt cap", "fields:", "most: {row: 5}\nfields:", "C101", "rows", "a.yaml:6:8"},
        {"one subset twice", "fields: [/name, /status]", "subsets: [status-only, status-only]", "C247", "twice",
         "a.yaml:6:24"},
    }));
    CAPTURE(row.why);
    const auto snapshot = city_of_subsets();
    const std::string text = replaced(good_application(), row.what, row.with);
    const std::string lines = lines_of(access::check_application(text, "a.yaml", *snapshot, kToday));
    CHECK_THAT(lines, ContainsSubstring(row.code) && ContainsSubstring(row.says) && ContainsSubstring(row.at));
}

TEST_CASE("a sensitive service may be asked by predicates without a word, and seen with one", "[access][security]") {
    const auto snapshot = city_of_subsets();
    const std::string asks = replaced(replaced(good_application(), "[licence]", "[ownership]"),
                                      "fields: [/name, /status]", "verify: [/status]");
    CHECK(lines_of(access::check_application(asks, "a.yaml", *snapshot, kToday)).empty());
    const std::string sees = replaced(replaced(good_application(), "[licence]", "[ownership]"),
                                      "fields:", "see_sensitive: 转移登记须核对权属\nfields:");
    CHECK(lines_of(access::check_application(sees, "a.yaml", *snapshot, kToday)).empty());
}

TEST_CASE("a cap is the grant's, else the service's, else the gateway's", "[access][security]") {
    const auto snapshot = city_of_subsets();
    auto& licence = *snapshot->services.find("licence")->second;
    licence.most.rows = 7;
    policy::Grant grant{.id = "g"};
    grant.most.persons = 3;
    const policy::Most most = catalogue::most_of(grant, licence, snapshot->gateway);
    CHECK(most.rows == 7);
    CHECK(most.persons == 3);
    CHECK(most.subjects_per_hour == snapshot->gateway.most.subjects_per_hour);
    CHECK(most.guesses_per_hour == 100);
    CHECK_FALSE(most.operator_subjects_per_hour);
    grant.most.rows = 50;
    CHECK(catalogue::most_of(grant, licence, snapshot->gateway).rows == 50);
}
