#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"

// The platform's item library (政务服务事项库) as its tables up_task_general_basic and up_task_general_material have
// it: which items a city serves, and which materials each asks for.
namespace datong::items {

/// One material (材料) that an item asks for.
struct Material {
    std::string name;            ///< 材料名称
    std::string need;            ///< is_need: "1" needed, "2" not needed, "3" may follow
    std::string source;          ///< source_type: "10" the applicant's own, "20" issued by the government, "99" other
    std::string source_explain;  ///< who issues it, in words
    std::string format;          ///< material_format as written
    int order{};                 ///< order_num
    auto operator<=>(const Material&) const = default;
};

/// One item (事项) in its newest valid version.
struct Item {
    std::string code;  ///< task_code: 31 letters and digits (18 of the department, 13 of the item)
    std::string name;
    int version{};
    std::string department_code;
    std::string department_name;
    std::string guid;                 ///< row_guid of this version: what its materials refer to
    std::vector<Material> materials;  ///< in their order
};

/// By task code.
using Library = std::map<std::string, Item, std::less<>>;

[[nodiscard]] std::size_t count_materials(const Library& library);

/// A library as lines of JSON, one an item, in the order of codes: what is kept, and what digests are made of.
[[nodiscard]] std::string write_library(const Library& library);
/// @return Fault::bad_request with the line that is none.
[[nodiscard]] Result<Library> read_library(std::string_view lines);

}  // namespace datong::items
