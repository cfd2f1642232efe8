// The front-end tables of construction approval (工程建设项目审批管理, SPGL_*), which planning and the investment
// projects' centre fill each in a database of its own. Nothing in them is ever updated: a correction is the row
// again, marked invalid with its reason, and then a new one.

#include "examples/departments/front_tables.h"
#include "examples/departments/households.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr const char* kProjects = R"(
CREATE TABLE SPGL_XMJBXXB (lsh TEXT, dfsjzj TEXT, xzqhdm TEXT, xmdm TEXT, xmmc TEXT, gcdm TEXT, gcfw TEXT, xmtzly TEXT,
  tdhqfs TEXT, tdsfdsjfa TEXT, splclx TEXT, lxlx TEXT, gcfl TEXT, xmsfwqfs TEXT, jsxz TEXT, xmztz TEXT, jsgm TEXT,
  sbsj TEXT, sjyxbs TEXT, sjwxyy TEXT, sjsczt TEXT, sync TEXT, sbyy TEXT, sjgxsj TEXT);
CREATE TABLE SPGL_XMDWXXB (lsh TEXT, dfsjzj TEXT, xmdm TEXT, dwmc TEXT, dwtyshxydm TEXT, dwlx TEXT, sjyxbs TEXT,
  sjsczt TEXT, sync TEXT);
)";
constexpr const char* kPermits = R"(
CREATE TABLE SPGL_XMDWXXB (lsh TEXT, dfsjzj TEXT, xmdm TEXT, dwmc TEXT, dwtyshxydm TEXT, dwlx TEXT, sjyxbs TEXT,
  sjsczt TEXT, sync TEXT);
CREATE TABLE SPGL_XMSPSXBLXXB (lsh TEXT, dfsjzj TEXT, xmdm TEXT, gcdm TEXT, spsxbm TEXT, spsxslbm TEXT, spbmbm TEXT,
  slfs TEXT, blspslbm TEXT, sxblsx TEXT, sxzt TEXT, sjyxbs TEXT, sjwxyy TEXT, sjsczt TEXT, sync TEXT, sjgxsj TEXT);
CREATE TABLE SPGL_XMSPSXPFWJXXB (lsh TEXT, dfsjzj TEXT, spsxslbm TEXT, pfrq TEXT, pfwh TEXT, pfwjbt TEXT, pfwjyxqx TEXT,
  ydmj TEXT, jzmj TEXT, sjyxbs TEXT, sjwxyy TEXT, sjsczt TEXT, sync TEXT);
)";

std::string serial(std::size_t index, int part) {
    return "9999" + fixed_number(static_cast<std::int64_t>(index), 6) + std::to_string(part);
}

/// The builder of project i is company i; ids stand one row off for the wrong person.
void insert_builder(const TableFile& file, const Town& town, std::size_t index, Trouble trouble) {
    const Company& company = town.companies[told_instead(index, trouble)];
    file.insert("INSERT INTO SPGL_XMDWXXB VALUES (?,?,?,?,?,?,?,?,?)",
                {serial(index, 7), serial(index, 7), project_code_of(index), company.name,
                 trouble == Trouble::wrong_person ? town.companies[index].uscc : company.uscc, "1", "1", "1", "1"});
}

void insert_project(const TableFile& file, const Town& town, std::size_t index, bool valid) {
    const bool again = index % 3 == 1;  // was corrected once
    const Company& company = town.companies[index];
    const std::string amount = ten_thousand_yuan(company.capital_fen * 4);
    file.insert("INSERT INTO SPGL_XMJBXXB VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                {serial(index, valid ? 1 : 0),
                 serial(index, again ? 1 : 0),
                 std::string{kDivisions[index % kDivisions.size()]},
                 project_code_of(index),
                 "示例市样例工程" + std::to_string(index) + (valid ? "号建设项目" : "号建设项日"),
                 project_code_of(index) + "-001",
                 "新建厂房及附属设施",
                 index % 2 == 0 ? "1" : "2",
                 index % 3 == 0 ? "1" : "3",
                 "0",
                 index % 4 == 0 ? "2" : "3",
                 "1",
                 index % 2 == 0 ? "02" : "01",
                 "0",
                 index % 5 == 0 ? "1" : "0",
                 amount,
                 "建筑面积" + std::to_string(2'000 + index * 13) + "平方米",
                 "2024-1-" + std::to_string(index % 28 + 1) + " 10:05:00",
                 valid ? "1" : "0",
                 valid ? "" : "项目名称录入有误",
                 "0",
                 valid ? "0" : "1",
                 "",
                 "2024-02-0" + std::to_string(valid ? 2 : 1) + " 08:00:00"});
}

void insert_permit(const TableFile& file, std::size_t index, bool valid) {
    const std::string instance = "GH" + fixed_number(static_cast<std::int64_t>(index), 8);
    const std::string year = valid ? "2024" : "2042";  // what the correction was about
    file.insert(
        "INSERT INTO SPGL_XMSPSXPFWJXXB VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        {serial(index, valid ? 4 : 3), serial(index, 4), instance, year + "0315",
         "建字第999901" + year + "GG" + fixed_number(static_cast<std::int64_t>(index), 7) + "号", "建设工程规划许可证",
         valid ? "20260315" : "", std::to_string(3'000 + index * 17), std::to_string(2'000 + index * 13) + ".50",
         valid ? "1" : "0", valid ? "" : "批复日期录入有误", "0", valid ? "0" : "1"});
}

}  // namespace

void fill_projects(const TableFile& file, const Town& town, Trouble trouble) {
    file.run(kProjects);
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        insert_builder(file, town, i, trouble);
        if (i % 3 == 1) {
            insert_project(file, town, i, false);
        }
        insert_project(file, town, i, true);
    }
}

void fill_planning(const TableFile& file, const Town& town, Trouble trouble) {
    file.run(kPermits);
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        insert_builder(file, town, i, trouble);
        const std::string instance = "GH" + fixed_number(static_cast<std::int64_t>(i), 8);
        file.insert(
            "INSERT INTO SPGL_XMSPSXBLXXB VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            {serial(i, 2), serial(i, 2), project_code_of(i), project_code_of(i) + "-001", "000115022000", instance,
             "11999901MB0000019U", "1", "", "10", i % 9 == 8 ? "12" : "11", "1", "", "0", "0", "2024-03-15 15:00:00"});
        if (i % 4 == 1) {
            insert_permit(file, i, false);
        }
        insert_permit(file, i, true);
    }
}

}  // namespace datong::departments
