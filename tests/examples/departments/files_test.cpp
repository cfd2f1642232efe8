#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "examples/departments/city.h"
#include "examples/departments/legacy_text.h"
#include "tests/examples/departments/raw_client.h"
#include "tests/support/catch.h"

using namespace datong::departments;
using namespace datong::departments::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// Asks the tax office by a file, as a front-end machine does.
std::optional<std::string> ask_tax(const City& city, const std::string& number, const std::string& id,
                                   const std::string& name, std::chrono::milliseconds patience = 10s) {
    const fs::path request = city.tax_folder() / "req" / (number + ".req");
    std::ofstream{request.string() + ".tmp"} << "<CX><LSH>" << number << "</LSH><SBH>" << id << "</SBH><MC>"
                                             << xml_escaped(name) << "</MC><YT>test</YT></CX>";
    fs::rename(request.string() + ".tmp", request);
    return wait_for_file((city.tax_folder() / "rep" / (number + ".dat")).string(), patience);
}

std::vector<std::string> records_of(const std::string& file) {
    std::vector<std::string> records;
    for (std::size_t at = 0; at < file.size();) {
        const std::size_t end = file.find("\r\n", at);
        records.push_back(file.substr(at, end - at));
        at = end == std::string::npos ? file.size() : end + 2;
    }
    return records;
}

struct Looked {
    int result{};                    ///< of the last step
    std::vector<std::string> cells;  ///< of the first row
    int rows{};
};

/// One look into the fund's database on a connection of its own.
Looked look(const City& city, const std::string& sql, const std::string& parameter = {}, int patience_ms = 5000) {
    Looked looked;
    sqlite3* handle = nullptr;
    looked.result = sqlite3_open_v2(city.fund_database().c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
    if (looked.result != SQLITE_OK) {
        sqlite3_close(handle);
        return looked;
    }
    sqlite3_busy_timeout(handle, patience_ms);
    sqlite3_stmt* statement = nullptr;
    looked.result = sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr);
    if (looked.result == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, parameter.data(), static_cast<int>(parameter.size()), SQLITE_TRANSIENT);
        while ((looked.result = sqlite3_step(statement)) == SQLITE_ROW) {
            for (int i = 0; looked.rows == 0 && i < sqlite3_column_count(statement); ++i) {
                const void* cell = sqlite3_column_blob(statement, i);
                const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
                looked.cells.emplace_back(static_cast<const char*>(cell != nullptr ? cell : ""), size);
            }
            ++looked.rows;
        }
    }
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return looked;
}

constexpr const char* kAccount =
    "SELECT p.XINGMING, p.ZJHM, a.GRZHYE FROM GRXX p JOIN GRZHXX a ON a.GRZH = p.GRZH WHERE p.ZJHM = ?";

}  // namespace

TEST_CASE("the tax office answers a request file in records of 120 octets", "[departments]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Person& person = city.town().persons[5];  // the name that fills its column

    const auto reply = ask_tax(city, "E1", person.id, person.name);
    REQUIRE(reply);
    const auto records = records_of(*reply);
    REQUIRE(records.size() == 4);
    for (const std::string& record : records) {
        CHECK(record.size() == 120);
    }
    CHECK(records[0].substr(0, 1) + records[1].substr(0, 1) + records[2].substr(0, 1) + records[3].substr(0, 1) ==
          "HDDT");
    CHECK(records[0].substr(21, 18) == person.id);
    CHECK(from_gb18030(records[0].substr(41, 60)) == person.name);
    CHECK(records[3].substr(1, 6) == "000002");
    CHECK(records[3].substr(22, 1) == (city.town().taxes[5].arrears ? "Y" : "N"));
    CHECK_FALSE(fs::exists(city.tax_folder() / "req" / "E1.req"));
}

TEST_CASE("the tax office says X about a taxpayer that it does not know", "[departments]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    const Person& stranger = city.town().persons.back();

    const auto reply = ask_tax(city, "E2", stranger.id, stranger.name);
    REQUIRE(reply);
    const auto records = records_of(*reply);
    REQUIRE(records.size() == 2);
    CHECK(records[0].substr(21, 18) == stranger.id);
    CHECK(records[1].substr(0, 23) == "T000000000000000000000X");
}

TEST_CASE("every trouble of the tax office does what it says", "[departments]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};
    const Person& person = city.town().persons[1];
    const auto set = [&](Trouble trouble, std::chrono::milliseconds time = 0ms) {
        REQUIRE(city.faults().set(System::tax, {.trouble = trouble, .time = time, .times = 0}));
    };
    const auto good = ask_tax(city, "good", person.id, person.name);
    REQUIRE(good);

    SECTION("down: requests stay where they are until it is up") {
        set(Trouble::down);
        CHECK_FALSE(ask_tax(city, "T", person.id, person.name, 200ms));
        CHECK(fs::exists(city.tax_folder() / "req" / "T.req"));
        set(Trouble::none);
        CHECK(wait_for_file((city.tax_folder() / "rep" / "T.dat").string(), 10s) == good);
    }
    SECTION("hang: the request is taken, the reply never comes") {
        set(Trouble::hang);
        CHECK_FALSE(ask_tax(city, "T", person.id, person.name, 200ms));
        CHECK_FALSE(fs::exists(city.tax_folder() / "req" / "T.req"));
    }
    SECTION("late") {
        set(Trouble::late, 300ms);
        const auto begin = std::chrono::steady_clock::now();
        CHECK(ask_tax(city, "T", person.id, person.name) == good);
        CHECK(std::chrono::steady_clock::now() - begin >= 300ms);
    }
    SECTION("partial") {
        set(Trouble::partial);
        (void)ask_tax(city, "T", person.id, person.name);
        const auto half = wait_for_file((city.tax_folder() / "rep" / "T.dat").string(), 10s);
        REQUIRE(half);
        CHECK(half->size() <= good->size() / 2);
        CHECK(good->compare(0, half->size(), *half) == 0);
    }
    SECTION("malformed: detail records are short") {
        set(Trouble::malformed);
        const auto reply = ask_tax(city, "T", person.id, person.name);
        REQUIRE(reply);
        CHECK(records_of(*reply)[1].size() < 120);
    }
    SECTION("wrong_encoding: the name is in UTF-8") {
        set(Trouble::wrong_encoding);
        const auto reply = ask_tax(city, "T", person.id, person.name);
        REQUIRE(reply);
        CHECK(records_of(*reply)[0].substr(41, person.name.size()) == person.name);
    }
    SECTION("empty_body") {
        set(Trouble::empty_body);
        CHECK(ask_tax(city, "T", person.id, person.name) == "");
    }
    SECTION("wrong_person") {
        set(Trouble::wrong_person);
        const auto reply = ask_tax(city, "T", person.id, person.name);
        REQUIRE(reply);
        CHECK(records_of(*reply)[0].substr(21, 18) == city.town().persons[2].id);
    }
}

TEST_CASE("the fund's tables hold names in GBK octets and some ids in 15 digits", "[departments]") {
    const TemporaryFolder folder;
    const City city{{.folder = folder.path()}};
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const FundAccount& account = city.town().accounts[i];
        const Looked looked = look(city, kAccount, account.stored_id);
        REQUIRE(looked.rows == 1);
        CHECK(from_gb18030(looked.cells[0]) == city.town().persons[i].name);
        CHECK(looked.cells[2] == yuan(account.balance_fen));
    }
    CHECK(look(city, "SELECT count(*) FROM GRXX").cells[0] == "220");
    CHECK(look(city, "SELECT count(*) FROM GRMX").cells[0] == std::to_string(220 * 14));
    CHECK(look(city, "SELECT count(*) FROM DWXX").cells[0] == "220");
    CHECK(look(city, kAccount, "999901190001010000").rows == 0);
}

TEST_CASE("every trouble of the fund's tables does what it says", "[departments]") {
    const TemporaryFolder folder;
    City city{{.folder = folder.path()}};
    const Person& person = city.town().persons[1];
    const auto set = [&](Trouble trouble, std::chrono::milliseconds time = 0ms) {
        REQUIRE(city.faults().set(System::fund, {.trouble = trouble, .time = time, .times = 0}));
    };
    const Looked good = look(city, kAccount, person.id);
    REQUIRE(good.rows == 1);

    SECTION("down: the file is gone, open connections read garbage, and it comes back") {
        sqlite3* open = nullptr;
        REQUIRE(sqlite3_open_v2(city.fund_database().c_str(), &open, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
        REQUIRE(sqlite3_exec(open, "SELECT * FROM GRXX", nullptr, nullptr, nullptr) == SQLITE_OK);
        set(Trouble::down);
        CHECK(look(city, kAccount, person.id).result == SQLITE_CANTOPEN);
        CHECK(sqlite3_exec(open, "SELECT * FROM GRXX", nullptr, nullptr, nullptr) == SQLITE_CORRUPT);
        sqlite3_close(open);
        set(Trouble::none);
        CHECK(look(city, kAccount, person.id).cells == good.cells);
    }
    SECTION("hang: the file stays locked until it is cleared") {
        set(Trouble::hang);
        CHECK(look(city, kAccount, person.id, 200).result == SQLITE_BUSY);
        set(Trouble::none);
        CHECK(look(city, kAccount, person.id).cells == good.cells);
    }
    SECTION("slow: the loader holds the file in turns") {
        set(Trouble::slow, 100ms);
        const auto until = std::chrono::steady_clock::now() + 10s;
        bool was_held = false;
        while (!was_held && std::chrono::steady_clock::now() < until) {
            was_held = look(city, kAccount, person.id, 1).result == SQLITE_BUSY;
        }
        CHECK(was_held);
        CHECK(look(city, kAccount, person.id, 10'000).cells == good.cells);
    }
    SECTION("wrong_encoding: names are in UTF-8") {
        set(Trouble::wrong_encoding);
        CHECK(look(city, kAccount, person.id).cells[0] == person.name);
    }
    SECTION("malformed: the balance is no number") {
        set(Trouble::malformed);
        CHECK(look(city, kAccount, person.id).cells[2] == "********");
    }
    SECTION("null_body: the name is null") {
        set(Trouble::null_body);
        CHECK(look(city, kAccount, person.id).cells[0].empty());
    }
    SECTION("wrong_person: the neighbour's name stands under the id") {
        set(Trouble::wrong_person);
        CHECK(from_gb18030(look(city, kAccount, person.id).cells[0]) == city.town().persons[2].name);
    }
    CHECK_FALSE(city.faults().set(System::fund, {.trouble = Trouble::token_expired}));
}
