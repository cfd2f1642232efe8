#include "examples/departments/front_tables.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

// 个人信息, 个人账户, 单位, 个人明细: columns of JGJ/T 320-2014, all text as such fronts hold them
constexpr const char* kSchema = R"(
CREATE TABLE GRXX (GRZH TEXT PRIMARY KEY, XINGMING BLOB, XMQP TEXT, ZJLX TEXT, ZJHM TEXT, CSNY TEXT, DWZH TEXT);
CREATE TABLE GRZHXX (GRZH TEXT PRIMARY KEY, GRZHZT TEXT, KHRQ TEXT, JZNY TEXT, GRJCJS TEXT, GRJCBL TEXT,
                     GRYJCE TEXT, DWYJCE TEXT, GRZHYE TEXT);
CREATE TABLE DWXX (DWZH TEXT PRIMARY KEY, DWMC TEXT, DWXYDM TEXT);
CREATE TABLE GRMX (GRZH TEXT, HBJNY TEXT, FSE TEXT, YWLX TEXT, JZRQ TEXT);
CREATE INDEX GRXX_ZJHM ON GRXX (ZJHM);
CREATE INDEX GRMX_GRZH ON GRMX (GRZH);
)";

std::string dashed(const std::string& day) {
    return day.substr(0, 4) + '-' + day.substr(4, 2) + '-' + day.substr(6, 2) + " 00:00:00";
}

std::string month_before(const std::string& month, int back) {
    int count = std::stoi(month.substr(0, 4)) * 12 + std::stoi(month.substr(4, 2)) - 1 - back;
    return fixed_number(count / 12, 4) + fixed_number(count % 12 + 1, 2);
}

void fill_account(const TableFile& file, const Town& town, std::size_t index, Trouble trouble) {
    const FundAccount& account = town.accounts[index];
    // the wrong person: ids stand one row off
    const std::size_t told =
        trouble == Trouble::wrong_person ? town.accounts[(index + 1) % kHouseholds].person : account.person;
    const Person& person = town.persons[told];
    const std::string name = trouble == Trouble::wrong_encoding ? person.name : to_gb18030(person.name);
    file.insert("INSERT INTO GRXX VALUES (?,?,?,?,?,?,?)",
                {account.number, name, "", "01", account.stored_id, person.birth.substr(0, 6),
                 town.companies[account.employer].uscc.substr(8, 8)},
                1, trouble == Trouble::null_body ? 1 : -1);
    const std::int64_t each = account.base_fen * account.percent / 100;
    const std::string rate = index % 4 == 3 ? "0." + fixed_number(account.percent, 2) : std::to_string(account.percent);
    file.insert("INSERT INTO GRZHXX VALUES (?,?,?,?,?,?,?,?,?)",
                {account.number, account.state, dashed(account.opened), account.paid_through, yuan(account.base_fen),
                 rate, yuan(each), yuan(each), trouble == Trouble::malformed ? "********" : yuan(account.balance_fen)});
    for (int back = 0; back < 14; ++back) {
        const std::string month = month_before(account.paid_through, back);
        file.insert("INSERT INTO GRMX VALUES (?,?,?,?,?)",
                    {account.number, month, yuan(2 * each), back == 6 ? "02" : "01", month + "15"});
    }
}

}  // namespace

void fill_fund(const TableFile& file, const Town& town, Trouble trouble) {
    file.run(kSchema);
    for (const Company& company : town.companies) {
        file.insert("INSERT INTO DWXX VALUES (?,?,?)",
                    {company.uscc.substr(8, 8), to_gb18030(company.name), company.uscc});
    }
    for (std::size_t i = 0; i < town.accounts.size(); ++i) {
        fill_account(file, town, i, trouble);
    }
}

}  // namespace datong::departments
