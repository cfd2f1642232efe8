#include <algorithm>
#include <vector>

#include "examples/departments/front_tables.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {

/// CHAR columns full of blanks, GBK octets, dates in Chinese.
void fill_talents(const TableFile& file, const Town& town, Trouble trouble) {
    file.run(
        "CREATE TABLE RCK (RCBH CHAR(30), XM BLOB, ZJHM CHAR(30), XB TEXT, CSRQ TEXT, XLDM TEXT, XWDM TEXT, ZC TEXT,"
        " RCLB TEXT, GZDW TEXT, DWXYDM TEXT, RDRQ TEXT, YXQZ TEXT, BTBZ TEXT, LJBT TEXT, ZT TEXT)");
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const Person& person = town.persons[told_instead(i, trouble)];
        const Company& employer = town.companies[town.accounts[i].employer];
        const auto number = static_cast<std::int64_t>(i);
        std::vector<std::string> row{"RC9999" + fixed_number(number, 6),
                                     person.name,
                                     town.persons[i].id,
                                     i % 2 == 0 ? "男" : "女",
                                     unpadded_day(person.birth, "年", "月", "日"),
                                     i % 3 == 0   ? "10"
                                     : i % 3 == 1 ? "14"
                                                  : "21",
                                     i % 3 == 2 ? "" : "3",
                                     "高级工程师",
                                     std::string(1, static_cast<char>('A' + i % 6)),
                                     employer.name,
                                     employer.uscc,
                                     "2022年" + std::to_string(i % 12 + 1) + "月1日",
                                     i % 4 == 0 ? "长期" : "2027年12月31日",
                                     yuan(100'000 + number * 500),
                                     ten_thousand_yuan((100'000 + number * 500) * 18),
                                     i % 16 == 15 ? "注销" : "在库"};
        for (std::string& cell : row) {
            cell = to_gb18030(cell);
            cell = fixed_column(cell, std::max<std::size_t>(cell.size(), 30));
        }
        file.insert("INSERT INTO RCK VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row, 1);
    }
}

}  // namespace datong::departments
