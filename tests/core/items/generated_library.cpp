#include "tests/core/items/generated_library.h"

#include <array>
#include <cstdio>

namespace datong::tests {
namespace {

constexpr std::array<const char*, 10> kNames{
    "不动产权证书", "营业执照", "居民身份证（原件）", "申请书", "户口簿", "住房公积金缴存证明", "完税证明", "委托书",
    "照片",         "结婚证"};
constexpr std::array<const char*, 10> kSources{"20", "20", "20", "10", "20", "20", "20", "10", "10", "20"};

std::string padded(int number, int width) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%0*d", width, number);
    return text.data();
}

std::string task(int item, int version, const char* operation) {
    return "t" + std::to_string(item) + "-v" + std::to_string(version) + ",示例事项" + std::to_string(item) + ',' +
           code_of(item) + ',' + std::to_string(version) + ",示例市第" + std::to_string(item % 40) + "局,11999901MB" +
           padded(item % 40, 8) + "," + operation + ",2026-01-0" + std::to_string(version) + " 08:00:00\r\n";
}

std::string material(int number, int item, int version, int order) {
    const auto kind = static_cast<std::size_t>(number * 7 + order) % kNames.size();
    return "m" + std::to_string(number) + "-v" + std::to_string(version) + ',' + kNames[kind] + ',' +
           std::to_string(number % 3 + 1) + ',' + kSources[kind] + ",示例," + std::to_string(order) + ',' +
           code_of(item) + ",t" + std::to_string(item) + "-v" + std::to_string(version) + ",I\r\n";
}

}  // namespace

std::string code_of(int item) {
    return "11999901MB" + padded(item % 40, 8) + padded(item, 13);
}

GeneratedTables generate_tables() {
    GeneratedTables tables{
        .tasks = "row_guid,task_name,task_code,task_version,dept_name,dept_code,cd_operation,cd_time\r\n",
        .materials =
            "row_guid,material_name,is_need,source_type,source_explain,order_num,task_code,task_guid,cd_operation\r\n"};
    for (int item = 0; item < kItems; ++item) {
        if (item % 10 == 0) {  // every tenth had a version before this one
            tables.tasks += task(item, 1, item % 20 == 0 ? "D" : "I");
            tables.materials += material(kMaterials + item, item, 1, 1);
        }
        tables.tasks += task(item, 2, "I");
    }
    for (int number = 0; number < kMaterials; ++number) {
        tables.materials += material(number, number % kItems, 2, number / kItems + 1);
    }
    return tables;
}

}  // namespace datong::tests
