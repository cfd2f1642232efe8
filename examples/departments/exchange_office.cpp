#include "examples/departments/exchange_office.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

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

/// Everything that waits, in one transaction.
void work(const TableFile& file, const Town& town, Trouble trouble) {
    if (file.rows("SELECT 1 FROM GX_CXQQ WHERE sync = '0' LIMIT 1").empty()) {
        return;
    }
    file.run("BEGIN IMMEDIATE");
    for (const auto& question : file.rows("SELECT cxqqdh, dwmc, tyshxydm FROM GX_CXQQ WHERE sync = '0'")) {
        answer(file, town, question, trouble);
    }
    file.run("COMMIT");
}

}  // namespace

ExchangeOffice::ExchangeOffice(const Town& town, Faults& faults, std::filesystem::path file)
    : town_{town},
      faults_{faults},
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
            tables_.visit([&](const TableFile& file) { work(file, town_, trouble); });
        } catch (const std::exception&) {
            // others hold the file: the rows still wait in the next round
        }
        wake.wait_for(waiting, stop, kRound, [] { return false; });
    }
}

}  // namespace datong::departments
