// A department behind a front-end exchange database (前置库): what stands in its tables afterwards, too.

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/codec/json.h"
#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::journeys;
using departments::Question;
using departments::System;
using departments::Trouble;
using record::Record;

namespace {

constexpr const char* kPermit = "/v1/services/construction-permit";

/// What the bureau's people see who look into the database.
class Tables {
public:
    explicit Tables(GatewayUnderTest& gateway) {
        sqlite3* opened = nullptr;
        const std::string file = gateway.city().where(System::construction_exchange);
        if (sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
            throw std::runtime_error{"no exchange database"};
        }
        database_.reset(opened);
        sqlite3_busy_timeout(opened, 5'000);
    }
    /// Every cell of every row, joined by commas.
    [[nodiscard]] std::string read(const std::string& sql) const {
        std::string joined;
        const auto take = [](void* into, int columns, char** cells, char**) {
            auto& text = *static_cast<std::string*>(into);
            for (int i = 0; i < columns; ++i) {
                text += (text.empty() ? "" : ",") + std::string{cells[i] == nullptr ? "" : cells[i]};
            }
            return 0;
        };
        if (sqlite3_exec(database_.get(), sql.c_str(), take, &joined, nullptr) != SQLITE_OK) {
            throw std::runtime_error{sqlite3_errmsg(database_.get())};
        }
        return joined;
    }

private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close(database); }
    };
    std::unique_ptr<sqlite3, Close> database_;
};

Record body_about(const departments::Subject& company) {
    Record subject = Record::object();
    subject.put("name", Record::text(company.name));
    subject.put("id_type", Record::text(company.id_type));
    subject.put("id_no", Record::text(company.id_no));
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("division", Record::text("999901"));
    Record context = Record::object();
    context.put("purpose", Record::text("no-resubmission"));
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record body = Record::object();
    body.put("context", std::move(context));
    body.put("query", Record::object());
    return body;
}

departments::Subject company(GatewayUnderTest& gateway, std::size_t household) {
    const auto& one = gateway.city().town().companies[household];
    return {one.name, "001", one.uscc};
}

}  // namespace

TEST_CASE("a question is a row, and its answer are rows of which only those that hold are told",
          "[journey][packs][exchange]") {
    GatewayUnderTest gateway;
    const auto answer = gateway.platform().call(kPermit, body_about(company(gateway, 1)));  // corrected once
    CAPTURE(answer.body, gateway.log());
    REQUIRE(answer.status == 200);
    const Record content = *json_of(answer).find("content");
    REQUIRE(content.find("permits")->items().size() == 1);
    const Tables tables{gateway};
    CHECK(tables.read("SELECT sync, xxlx, cxyt FROM GX_CXQQ") == "1,SGXKZ,no-resubmission");
    CHECK(tables.read("SELECT sjyxbs, sjwxyy, sync FROM GX_SGXKZ ORDER BY lsh") == "0,合同价格单位有误,1,1,,1");
    // ten thousand yuan, taken for yuan, is what the row said that holds no more
    const std::string price{content.find("permits")->items()[0].find("contractFen")->scalar()};
    CHECK(std::stoll(price) == gateway.city().town().companies[1].capital_fen * 3);
}

TEST_CASE("questions asked at once have an answer each", "[journey][packs][exchange]") {
    GatewayUnderTest gateway;
    constexpr std::size_t kCallers = 8;
    std::vector<std::string> told(kCallers);
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < kCallers; ++i) {
        callers.emplace_back([&, i] {
            const auto answer = gateway.platform().call(kPermit, body_about(company(gateway, i)));
            told[i] = answer.status == 200 ? json_of(answer).find("content")->find("builder")->text_of("uscc") : "";
        });
    }
    callers.clear();
    for (std::size_t i = 0; i < kCallers; ++i) {
        CHECK(told[i] == gateway.city().town().companies[i].uscc);
    }
    CHECK(Tables{gateway}.read("SELECT count(*), sum(sync) FROM GX_CXQQ") == "8,8");
}

TEST_CASE("a row that the department can't use is set aside with its reason, and stops no other",
          "[journey][packs][exchange]") {
    GatewayUnderTest gateway;
    departments::Subject rare = company(gateway, 1);
    rare.name = "示例市𠮷样有限公司";  // beyond GBK, in which the bureau's own system is
    const auto refused = gateway.platform().call(kPermit, body_about(rare));
    CAPTURE(refused.body, gateway.log());
    CHECK(refused.status == 502);
    CHECK(json_of(refused).text_of("code") == "department_refused");
    CHECK(refused.body.find("无法识别") == std::string::npos);  // the department's words may be about a person
    CHECK(Tables{gateway}.read("SELECT sync, sbyy FROM GX_CXQQ") == "9,单位名称含有无法识别的字符");
    CHECK(gateway.platform().call(kPermit, body_about(company(gateway, 1))).status == 200);
}

TEST_CASE("an answer that nobody can use is set aside with its reason, and stops no other",
          "[journey][packs][exchange]") {
    GatewayUnderTest gateway;
    gateway.city().faults().set(System::construction_exchange, {.trouble = Trouble::malformed});
    const auto answer = gateway.platform().call(kPermit, body_about(company(gateway, 0)));
    CAPTURE(answer.body);
    CHECK(answer.status == 502);
    CHECK(json_of(answer).text_of("code") == "department_invalid");
    CHECK(Tables{gateway}.read("SELECT DISTINCT sync, sbyy FROM GX_SGXKZ") == "9,too many rows or octets");
    gateway.city().faults().clear_all();
    CHECK(gateway.platform().call(kPermit, body_about(company(gateway, 0))).status == 200);
}

TEST_CASE("a name that would end a statement is a name", "[journey][packs][exchange][security]") {
    GatewayUnderTest gateway;
    departments::Subject hostile = company(gateway, 1);
    hostile.name = "示例'); DROP TABLE GX_SGXKZ; --";
    const auto answer = gateway.platform().call(kPermit, body_about(hostile));
    CAPTURE(answer.body);
    CHECK(json_of(answer).text_of("outcome") == "not_found");
    CHECK(Tables{gateway}.read("SELECT dwmc FROM GX_CXQQ") == hostile.name);
}
