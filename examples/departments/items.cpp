#include "examples/departments/front_tables.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr const char* kSchema = R"(
CREATE TABLE up_task_general_basic (row_guid TEXT, task_name TEXT, catalog_code TEXT, local_catalog_code TEXT,
  task_type TEXT, by_law TEXT, use_level TEXT, task_code TEXT, task_handle_item TEXT, task_state TEXT, task_version TEXT,
  dept_name TEXT, dept_code TEXT, anticipate_day TEXT, anticipate_type TEXT, promise_day TEXT, promise_type TEXT,
  accept_condition TEXT, is_fee TEXT, server_type TEXT, project_type TEXT, limit_scene_num TEXT, link_addr TEXT,
  cd_operation TEXT, cd_time TEXT, cd_batch TEXT, data_source TEXT);
CREATE TABLE up_task_general_material (row_guid TEXT, material_name TEXT, material_type TEXT, material_format TEXT,
  is_need TEXT, source_type TEXT, source_explain TEXT, by_law TEXT, page_num TEXT, page_format TEXT, order_num TEXT,
  task_code TEXT, task_guid TEXT, cd_operation TEXT, cd_time TEXT);
)";

struct Material {
    const char* name;
    const char* needed;
    const char* source;
    const char* explain;
};
constexpr Material kMaterials[] = {{"不动产登记申请书", "1", "10", ""},
                                   {"不动产权属证书", "1", "20", "自然资源部门核发"},
                                   {"契税完税凭证", "1", "20", "税务部门核发"},
                                   {"房屋维修资金结清证明", "3", "99", "物业服务企业出具"}};

/// Versions are kept: an old one is marked D, the next is I, a change in place U.
void insert_task(const TableFile& file, const std::string& code, const std::string& name, int version, bool valid) {
    const std::string guid = code.substr(code.size() - 6) + "-v" + std::to_string(version);
    file.insert("INSERT INTO up_task_general_basic VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                {guid,
                 name,
                 "000715001000",
                 "999900715001",
                 "07",
                 "《不动产登记暂行条例》第十四条",
                 "4",
                 code,
                 "",
                 "1",
                 std::to_string(version),
                 "示例市自然资源局",
                 "11999901MB0000019U",
                 "30",
                 "工作日",
                 valid ? "3" : "5",
                 "工作日",
                 "权属清楚，材料齐全",
                 "1",
                 "1,2",
                 "2",
                 valid ? "0" : "1",
                 "null",
                 valid ? "I" : "D",
                 valid ? "2024-05-06 10:00:00" : "2022-01-10 10:00:00",
                 "1",
                 "2"});
    int order = 0;
    for (const Material& material : kMaterials) {
        file.insert("INSERT INTO up_task_general_material VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    {guid + "-m" + std::to_string(order), material.name, "1", valid ? "3" : "1", material.needed,
                     material.source, material.explain, "", "1", "A4", std::to_string(++order), code, guid,
                     valid ? "I" : "D", "2024-05-06 10:00:00"});
    }
}

}  // namespace

void fill_items(const TableFile& file, const Town&, Trouble) {
    file.run(kSchema);
    const std::string code = kTransferItem;
    insert_task(file, code, "国有建设用地使用权及房屋所有权转移登记", 1, false);
    insert_task(file, code, "国有建设用地使用权及房屋所有权转移登记", 2, true);
    insert_task(file, "11999901MB0000019U4000715002000", "不动产抵押权登记", 1, true);
}

}  // namespace datong::departments
