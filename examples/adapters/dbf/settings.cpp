#include "settings.h"

#include <stdexcept>

#include "charset.h"
#include "json.h"

namespace dbf {
namespace {

std::string text_of(const Json& object, std::string_view name, const char* otherwise) {
    const Json* value = object.find(name);
    return value != nullptr ? value->text : otherwise;
}

std::size_t whole_of(const Json& object, std::string_view name, std::size_t otherwise) {
    const Json* value = object.find(name);
    return value != nullptr ? std::stoull(value->text) : otherwise;
}

Set read_set(const std::string& name, const Json& json) {
    Set set;
    set.name = name;
    set.file = text_of(json, "file", "");
    set.max_rows = whole_of(json, "max_rows", 100);
    if (set.file.find('/') != std::string::npos || set.file.front() == '.') {
        throw std::runtime_error{"file must be a plain name in the folder"};
    }
    for (const auto& [column, fields] : json.find("where")->members) {
        for (const Json& field : fields.items) {
            set.where[column].push_back(field.text);
        }
    }
    return set;
}

}  // namespace

const std::string_view kSettingsSchema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "dBase III and IV tables",
  "type": "object",
  "required": ["folder", "operations"],
  "additionalProperties": false,
  "properties": {
    "folder": {"type": "string", "minLength": 1, "title": "表文件所在文件夹", "description": "absolute path of the tables"},
    "charset": {"enum": ["gbk", "gb18030"], "default": "gbk", "description": "of the tables' cells and column names"},
    "max_file": {"type": "integer", "minimum": 1, "maximum": 4294967296, "default": 268435456, "description": "bytes of a table"},
    "operations": {
      "type": "object", "minProperties": 1,
      "additionalProperties": {
        "type": "object", "required": ["sets"], "additionalProperties": false,
        "properties": {"sets": {
          "type": "object", "minProperties": 1,
          "additionalProperties": {
            "type": "object", "required": ["file", "where"], "additionalProperties": false,
            "properties": {
              "file": {"type": "string", "minLength": 1, "description": "name of the table in the folder"},
              "where": {"type": "object", "minProperties": 1, "description": "column: [fields], one of which it must equal",
                        "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}}},
              "max_rows": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 100}
            }
          }
        }}
      }
    }
  }
})";

Settings read_settings(std::string_view json) {
    const Json root = read_json(json);
    Settings settings;
    settings.folder = text_of(root, "folder", "");
    settings.charset = text_of(root, "charset", "gbk");
    settings.max_file = whole_of(root, "max_file", 268435456);
    if (settings.folder.front() != '/') {
        throw std::runtime_error{"folder must be an absolute path"};
    }
    for (const auto& [name, operation] : root.find("operations")->members) {
        for (const auto& [set, json_of_set] : operation.find("sets")->members) {
            settings.operations[name].push_back(read_set(set, json_of_set));
        }
    }
    return settings;
}

}  // namespace dbf
