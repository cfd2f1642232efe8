#include "examples/departments/exchange_office.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "examples/departments/acceptance_doors.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr std::chrono::milliseconds kRound{20};  // of the daemon
constexpr std::size_t kOverAndOver = 60;         // rows of an answer that a loop in the daemon writes again and again

// lsh is the database's own number of a row; sync: 0 waits, 1 done, 9 set aside with its reason in sbyy
constexpr const char* kTables = R"(
CREATE TABLE GX_CXQQ (cxqqdh TEXT PRIMARY KEY, xxlx TEXT, dwmc TEXT, tyshxydm TEXT, cxyt TEXT, sync TEXT, sbyy TEXT,
  sjgxsj TEXT);
CREATE TABLE GX_SGXKZ (lsh INTEGER PRIMARY KEY, cxqqdh TEXT, jgdm TEXT, sgxkzbh TEXT, xmdm TEXT, gcmc TEXT,
  gclx TEXT, xkzt TEXT, jsdw TEXT, jsdwdm TEXT, jsdd TEXT, jsgm TEXT, mj TEXT, htje TEXT, kgrq TEXT, jgrq TEXT, kcdw TEXT, sjdw TEXT,
  sgdw TEXT, jldw TEXT, fzjg TEXT, fzrq TEXT, sjyxbs TEXT, sjwxyy TEXT, sync TEXT, sbyy TEXT);
CREATE TABLE GX_BJTS (bjbh TEXT PRIMARY KEY, sxbm TEXT, xm TEXT, zjlx TEXT, zjhm TEXT, dqbm TEXT, sync TEXT,
  sbyy TEXT);
CREATE TABLE GX_BJHZ (lsh INTEGER PRIMARY KEY, bjbh TEXT, slh TEXT, zt TEXT, yy TEXT, slsj TEXT, zjhm TEXT,
  wsbh TEXT, wsmc TEXT, fzrq TEXT, wjzy TEXT);
CREATE VIEW IF NOT EXISTS GX_BJXZ AS SELECT * FROM GX_BJHZ WHERE lsh IN (SELECT max(lsh) FROM GX_BJHZ GROUP BY bjbh);
CREATE VIEW IF NOT EXISTS GX_BJWS AS SELECT * FROM GX_BJXZ WHERE wsbh <> '';
)";
constexpr const char* kInsert =
    "INSERT INTO GX_SGXKZ (cxqqdh, jgdm, sgxkzbh, xmdm, gcmc, gclx, xkzt, jsdw, jsdwdm, jsdd, jsgm, mj, htje, kgrq, "
    "jgrq, kcdw, sjdw, sgdw, jldw, fzjg, fzrq, sjyxbs, sjwxyy, sync) "
    "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'0')";

/// The permit of company i, as it holds or as it was before its correction.
std::vector<std::string> permit(const Town& town, std::size_t index, const std::string& question, bool holds) {
    const Company& company = town.companies[index];
    const std::string serial = fixed_number(static_cast<std::int64_t>(index), 4);
    return {question,
            "0000",
            "9999012024" + serial + "0101",
            project_code_of(index),
            "示例市样例工程" + std::to_string(index) + "号建设项目",
            index % 2 == 0 ? "02" : "01",
            index % 10 == 9 ? "2" : "1",
            company.name,
            company.uscc,
            company.address,
            "框架结构，地上" + std::to_string(index % 20 + 3) + "层",
            std::to_string(2'000 + index * 13) + ".50㎡",
            ten_thousand_yuan(company.capital_fen * (holds ? 3 : 300)),  // yuan, taken for 万元
            "2024-4-" + std::to_string(index % 28 + 1),
            "2026-10-8",
            "示例市样例勘察有限公司",
            "示例市样例设计有限公司",
            "示例市样例建筑工程有限公司",
            index % 4 == 0 ? "/" : "示例市样例监理有限公司",
            "示例市住房和城乡建设局",
            "2024年3月" + std::to_string(index % 28 + 1) + "日",
            holds ? "1" : "0",
            holds ? "" : "合同价格单位有误"};
}

std::vector<std::string> none(const std::string& question) {
    std::vector<std::string> row(23);
    row[0] = question;
    row[1] = "1001";
    row[21] = "1";
    return row;
}

/// This bureau's own system is in GBK.
bool is_readable(const std::string& name) {
    return std::none_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0xF0U;  // begins a character beyond the basic plane
    });
}

/// What is left for one question: cxqqdh, name, code.
void answer(const TableFile& file, const Town& town, const std::vector<std::string>& question, Trouble trouble) {
    const std::string& number = question[0];
    if (!is_readable(question[1])) {
        file.insert("UPDATE GX_CXQQ SET sync = '9', sbyy = '单位名称含有无法识别的字符' WHERE cxqqdh = ?", {number});
        return;
    }
    const auto found = find_company(town, question[1], question[2]);
    if (!found) {
        file.insert(kInsert, none(number));
    } else {
        const std::size_t told = told_instead(*found, trouble);
        const auto leave = [&](bool holds) {
            auto row = permit(town, told, number, holds);
            row[7] = trouble == Trouble::wrong_encoding ? to_gb18030(row[7]) : row[7];
            file.insert(kInsert, row);
        };
        if (told % 3 == 1) {
            leave(false);
        }
        for (std::size_t i = 0; i < (trouble == Trouble::malformed ? kOverAndOver : 1); ++i) {
            leave(true);
        }
    }
    file.insert("UPDATE GX_CXQQ SET sync = '1' WHERE cxqqdh = ?", {number});
}

void leave_receipt(const TableFile& file, const std::string& case_number, std::vector<std::string> receipt) {
    receipt.insert(receipt.begin(), case_number);
    file.insert(
        "INSERT INTO GX_BJHZ (bjbh, slh, zt, yy, slsj, zjhm, wsbh, wsmc, fzrq, wjzy) "
        "VALUES (?,?,?,?,?,?,?,?,?,?)",
        receipt);
}

/// Takes a case: bjbh, zjhm. Where the bureau is busy the row goes on waiting.
void take_case(const TableFile& file, AcceptanceDesk& desk, const std::vector<std::string>& row) {
    const Said said = desk.push("construction", {.serial = row[0], .case_number = row[0], .id_no = row[1]});
    if (said.word == Said::Word::busy) {
        return;
    }
    if (auto receipt = construction_receipt(said, row[1])) {
        leave_receipt(file, row[0], std::move(*receipt));
    }
    file.insert("UPDATE GX_BJTS SET sync = '1' WHERE bjbh = ?", {row[0]});
}

std::vector<std::string> receipt_of(const AcceptedCase& one) {
    return construction_receipt({.about = one}, one.id_no).value_or(std::vector<std::string>(2));
}

/// Cases whose state is not that of their last row, by number. What got lost comes when nothing is wrong any more.
std::map<std::string, AcceptedCase> changed(const TableFile& file, const AcceptanceDesk& desk) {
    if (desk.mood("construction") != AcceptanceDesk::Mood::accepting) {
        return {};
    }
    auto cases = desk.cases("construction");
    std::erase_if(cases, [&](const auto& one) {
        const auto last = file.rows("SELECT zt FROM GX_BJXZ WHERE bjbh = ?", {one.first});
        return !last.empty() && last[0][0] == receipt_of(one.second)[1];
    });
    return cases;
}

/// Everything that waits, in one transaction.
void work(const TableFile& file, const Town& town, AcceptanceDesk& desk, Trouble trouble) {
    const bool is_idle = file.rows(
                                 "SELECT 1 FROM GX_CXQQ WHERE sync = '0' UNION ALL "
                                 "SELECT 1 FROM GX_BJTS WHERE sync = '0' LIMIT 1")
                             .empty();
    if (is_idle && changed(file, desk).empty()) {
        return;
    }
    file.run("BEGIN IMMEDIATE");
    for (const auto& question : file.rows("SELECT cxqqdh, dwmc, tyshxydm FROM GX_CXQQ WHERE sync = '0'")) {
        answer(file, town, question, trouble);
    }
    for (const auto& row : file.rows("SELECT bjbh, zjhm FROM GX_BJTS WHERE sync = '0'")) {
        take_case(file, desk, row);
    }
    for (const auto& [number, one] : changed(file, desk)) {
        leave_receipt(file, number, receipt_of(one));
    }
    file.run("COMMIT");
}

}  // namespace

ExchangeOffice::ExchangeOffice(const Town& town, Faults& faults, AcceptanceDesk& desk, std::filesystem::path file)
    : town_{town},
      faults_{faults},
      desk_{desk},
      tables_{town, faults, System::construction_exchange, std::move(file),
              [](const TableFile& made, const Town&, Trouble) { made.run(kTables); }} {
    daemon_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void ExchangeOffice::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock waiting{mutex};
    while (!stop.stop_requested()) {
        try {
            const Trouble trouble = faults_.peek(System::construction_exchange).trouble;
            tables_.visit([&](const TableFile& file) { work(file, town_, desk_, trouble); });
        } catch (const std::exception&) {
            // others hold the file: the rows still wait in the next round
        }
        wake.wait_for(waiting, stop, kRound, [] { return false; });
    }
}

}  // namespace datong::departments
