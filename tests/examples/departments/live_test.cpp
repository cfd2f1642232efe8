// What the departments really answer about everybody, through the mappings that the gateway runs.

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <sqlite3.h>

#include "core/yaml/node.h"
#include "examples/departments/city.h"
#include "examples/departments/ids.h"
#include "examples/departments/legacy_text.h"
#include "tests/examples/departments/mapping_files.h"
#include "tests/examples/departments/raw_client.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::departments;
using namespace datong::departments::test;
using record::Record;
using namespace std::chrono_literals;

namespace {

const auto kNow = std::chrono::sys_days{std::chrono::year{2026} / 7 / 1} + 2h;

mapping::Output run(const mapping::Mapping& mapping, const Record* tree, const std::string& bytes,
                    const Record& context) {
    mapping::Input input;
    input.tree = tree;
    input.bytes = bytes;
    input.context = &context;
    input.now = kNow;
    return mapping.run(input);
}

/// Request and response mapping of one service.
struct Pair {
    explicit Pair(const std::string& path)
        : request{compiled(path + ".request.yaml")}, response{compiled(path + ".yaml")} {}

    [[nodiscard]] mapping::Output ask(const Record& context, const Record& query = Record::object()) const {
        mapping::Output out = run(*request, &query, {}, context);
        INFO(findings_of(out));
        REQUIRE(out.outcome == mapping::Outcome::ok);
        return out;
    }

    std::shared_ptr<const mapping::Mapping> request;
    std::shared_ptr<const mapping::Mapping> response;
};

/// Names as people compare them: dots of every kind are one, blanks none.
bool same_name(std::string_view one, std::string_view other) {
    return comparable_name(one) == comparable_name(other);
}

Record query_of(const std::string& division) {
    Record query = Record::object();
    query.put("divisionCode", Record::text(division));
    return query;
}

mapping::Output ask_land(const City& city, const Pair& pair, const std::string& division, const Record& context) {
    const mapping::Output asked = pair.ask(context, query_of(division));
    const Raw raw = post(city.land_url(), "/services/BdcService", asked.content_type, asked.wire);
    return run(*pair.response, nullptr, raw.body(), context);
}

std::string form_of(const Record& fields) {
    std::string form;
    for (const record::Member& member : fields.members()) {
        form += (form.empty() ? "" : "&") + member.name + "=" + std::string{member.value.scalar()};
    }
    return form;
}

mapping::Output ask_market(const City& city, const Pair& pair, const Record& context) {
    const mapping::Output asked = pair.ask(context);
    const Raw raw =
        post(city.market_url(), "/entquery/Qyxxcx", "application/x-www-form-urlencoded", form_of(asked.target));
    return run(*pair.response, nullptr, raw.body(), context);
}

mapping::Output ask_tax(const City& city, const Pair& pair, const Record& context, const std::string& number) {
    const mapping::Output asked = pair.ask(context);
    const auto request = city.tax_folder() / "req" / (number + ".req");
    std::ofstream{request.string() + ".tmp", std::ios::binary} << asked.wire;
    std::filesystem::rename(request.string() + ".tmp", request);
    const auto reply = wait_for_file((city.tax_folder() / "rep" / (number + ".dat")).string(), 10s);
    REQUIRE(reply);
    return run(*pair.response, nullptr, *reply, context);
}

/// The statements of config/departments/fund.yaml, run as the sql adapter runs them.
class Fund {
public:
    explicit Fund(const City& city) {
        std::ostringstream text;
        text << std::ifstream{DATONG_SOURCE_DIR "/config/departments/fund.yaml"}.rdbuf();
        auto root = yaml::parse(text.str(), "fund.yaml");
        REQUIRE(root);
        const yaml::Node* at = &*root;
        for (const char* key : {"sources", "fund-front", "settings", "operations", "account", "sets"}) {
            at = at->find(key);
            REQUIRE(at != nullptr);
        }
        for (const auto& [name, look] : at->entries) {
            sets_[name.text] = look.text_of("sql");
        }
        REQUIRE(sqlite3_open_v2(city.fund_database().c_str(), &handle_, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    }
    ~Fund() { sqlite3_close(handle_); }
    Fund(const Fund&) = delete;
    Fund& operator=(const Fund&) = delete;

    [[nodiscard]] mapping::Output ask(const Pair& pair, const Record& context) const {
        const mapping::Output asked = pair.ask(context);
        Record rows = Record::object();
        for (const auto& [name, sql] : sets_) {
            rows.put(name, look(sql, asked.target));
        }
        return run(*pair.response, &rows, {}, context);
    }

private:
    [[nodiscard]] Record look(const std::string& sql, const Record& fields) const {
        sqlite3_stmt* statement = nullptr;
        REQUIRE(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
        for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
            const std::string value = fields.text_of(sqlite3_bind_parameter_name(statement, i) + 1);
            sqlite3_bind_text(statement, i, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
        }
        Record rows = Record::list();
        while (sqlite3_step(statement) == SQLITE_ROW) {
            Record row = Record::object();
            for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                const void* cell = sqlite3_column_blob(statement, i);
                const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
                row.put(sqlite3_column_name(statement, i),
                        cell == nullptr ? Record{} : Record::bytes(std::string{static_cast<const char*>(cell), size}));
            }
            rows.add(std::move(row));
        }
        sqlite3_finalize(statement);
        return rows;
    }

    sqlite3* handle_{};
    std::map<std::string, std::string> sets_;
};

/// Any holder of a certificate is that person.
bool has_holder(const Record& target, const std::string& name, const std::string& id) {
    for (const Record& holder : target.find("holders")->items()) {
        if (holder.text_of("idNo") == id && same_name(holder.text_of("name"), name)) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("every flat's registration becomes a certificate of its owner", "[departments][mapping]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Pair pair{"land/realestate-certificate"};
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const Person& person = city.town().persons[i];
        const Flat& flat = city.town().flats[i];
        const Record context = context_about(person.name, "111", person.id, "11999901MB0000019U");
        const mapping::Output out = ask_land(city, pair, flat.division, context);
        CAPTURE(i, findings_of(out));
        REQUIRE(out.outcome == mapping::Outcome::ok);
        CHECK(out.warnings.empty());
        CHECK(out.target.text_of("unitNo") == flat.unit_no);
        CHECK(out.target.find("house")->find("priceFen")->scalar() == std::to_string(flat.price_fen));
        CHECK(out.target.find("holders")->items().size() == flat.holders.size());
        CHECK(has_holder(out.target, person.name, person.id));
        CHECK(out.target.find("transferable")->truth() == !flat.seized);
    }
    const Person& stranger = city.town().persons.back();
    const Record context = context_about(stranger.name, "111", stranger.id, "11999901MB0000019U");
    CHECK(ask_land(city, pair, "999901", context).outcome == mapping::Outcome::not_found);
}

TEST_CASE("every tax file becomes a clearance of its taxpayer", "[departments][mapping]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Pair pair{"tax/clearance"};
    for (std::size_t i = 0; i < city.town().taxes.size(); ++i) {
        const TaxFile& file = city.town().taxes[i];
        const bool is_person = i < kHouseholds;
        const Record context = context_about(file.name, is_person ? "111" : "001", file.taxpayer, "11999901MB0000027N");
        const mapping::Output out = ask_tax(city, pair, context, "T" + std::to_string(i));
        CAPTURE(i, findings_of(out));
        REQUIRE(out.outcome == mapping::Outcome::ok);
        const Record* taxpayer = out.target.find("taxpayer");
        CHECK(taxpayer->text_of("idNo") == file.taxpayer);
        CHECK(taxpayer->text_of("idType") == (is_person ? "111" : "001"));
        CHECK(taxpayer->text_of("name") == file.name);
        CHECK(out.target.find("inArrears")->truth() == file.arrears);
    }
    const Person& stranger = city.town().persons.back();
    const Record context = context_about(stranger.name, "111", stranger.id, "11999901MB0000027N");
    CHECK(ask_tax(city, pair, context, "none").outcome == mapping::Outcome::not_found);
}

TEST_CASE("every fund account becomes a deposit certificate, also those with 15-digit ids", "[departments][mapping]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Pair pair{"fund/deposit-certificate"};
    const Fund fund{city};
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const Person& person = city.town().persons[i];
        const FundAccount& account = city.town().accounts[i];
        const Record context = context_about(person.name, "111", person.id, "12999901MB0000035E");
        const mapping::Output out = fund.ask(pair, context);
        CAPTURE(i, findings_of(out));
        REQUIRE(out.outcome == mapping::Outcome::ok);
        CHECK(out.warnings.empty());
        CHECK(out.target.find("holder")->text_of("idNo") == person.id);
        CHECK(out.target.find("holder")->text_of("name") == person.name);
        CHECK(out.target.find("employer")->text_of("uscc") == city.town().companies[account.employer].uscc);
        CHECK(out.target.find("balanceFen")->scalar() == std::to_string(account.balance_fen));
        CHECK(out.target.find("recent")->items().size() == 12);
    }
    const Person& stranger = city.town().persons.back();
    const Record context = context_about(stranger.name, "111", stranger.id, "12999901MB0000035E");
    CHECK(fund.ask(pair, context).outcome == mapping::Outcome::not_found);
}

TEST_CASE("every company becomes a business licence, in a list or alone", "[departments][mapping]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};
    const Pair pair{"market/business-licence"};
    for (const Trouble trouble : {Trouble::none, Trouble::one_element_as_object}) {
        REQUIRE(city.faults().set(System::market, {.trouble = trouble}));
        for (std::size_t i = 0; i < kHouseholds; ++i) {
            const Company& company = city.town().companies[i];
            const Record context = context_about(company.name, "001", company.uscc, "11999901MB0000043C");
            const mapping::Output out = ask_market(city, pair, context);
            CAPTURE(i, findings_of(out));
            REQUIRE(out.outcome == mapping::Outcome::ok);
            CHECK(out.target.text_of("uscc") == company.uscc);
            CHECK(out.target.text_of("name") == company.name);
            CHECK(out.target.text_of("legalRepresentative") == city.town().persons[company.legal_person].name);
            CHECK(out.target.find("capitalFen")->scalar() == std::to_string(company.capital_fen));
            const std::string& day = company.established;
            CHECK(out.target.text_of("establishedDate") ==
                  day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6, 2));
            CHECK(out.target.find("inBusiness")->truth() == (company.state == "1"));
        }
    }
    const Record context =
        context_about("示例市没有的公司", "001", credit_code("91", "999901", "MA999999"), "11999901MB0000043C");
    CHECK(ask_market(city, pair, context).outcome == mapping::Outcome::not_found);
}

TEST_CASE("every case of the register is read, with its persons", "[departments][mapping]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Pair pair{"cases/case"};
    for (const Case& one : city.town().cases) {
        Record context = context_about("", "", "", "11999901MB00000517");
        context.put("case_number", Record::text(one.number));
        const mapping::Output asked = pair.ask(context);
        const Raw raw = get(city.cases_url(), "/cases/" + asked.target.text_of("number"));
        const mapping::Output out = run(*pair.response, nullptr, raw.body(), context);
        CAPTURE(one.number, findings_of(out));
        REQUIRE(out.outcome == mapping::Outcome::ok);
        CHECK(out.target.text_of("caseNumber") == one.number);
        CHECK((out.target.text_of("state") == "open") == (one.state == "3" || one.state == "8"));
        CHECK((out.target.text_of("matter") == "existing-home-transfer") == (one.matter == "BDC-0200"));
        CHECK(out.target.find("persons")->items().size() == one.persons.size());
    }
}

TEST_CASE("no trouble of a department is ever taken for 'no record' or for an answer", "[departments][mapping]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};
    const Demo demo = demo_person();
    const Pair land{"land/realestate-certificate"};
    const Pair market{"market/business-licence"};
    const Record owner = context_about(demo.person.name, "111", demo.person.id, "11999901MB0000019U");
    const Record agency = context_about(demo.agency.name, "001", demo.agency.uscc, "11999901MB0000043C");
    const Trouble trouble = GENERATE(Trouble::wrong_encoding, Trouble::malformed, Trouble::html_200,
                                     Trouble::empty_body, Trouble::null_body, Trouble::token_expired);
    CAPTURE(name_of(trouble));
    REQUIRE(city.faults().set(System::land, {.trouble = trouble}));
    REQUIRE(city.faults().set(System::market, {.trouble = trouble}));

    for (const mapping::Output& out :
         {ask_land(city, land, demo.flat.division, owner), ask_market(city, market, agency)}) {
        CAPTURE(findings_of(out));
        CHECK(out.outcome != mapping::Outcome::ok);
        CHECK(out.outcome != mapping::Outcome::not_found);
        CHECK((out.outcome == mapping::Outcome::retry) == (trouble == Trouble::token_expired));
    }
}
