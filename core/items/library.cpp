#include "core/items/library.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"

namespace datong::items {
namespace {

using record::Record;

void write_material(codec::JsonWriter& json, const Material& material) {
    json.open_object().member("name", material.name).member("need", material.need).member("source", material.source);
    json.member("source_explain", material.source_explain).member("format", material.format);
    json.member("order", material.order).close_object();
}

void write_item(codec::JsonWriter& json, const Item& item) {
    json.open_object().member("code", item.code).member("name", item.name).member("version", item.version);
    json.member("department_code", item.department_code).member("department_name", item.department_name);
    json.member("guid", item.guid).name("materials").open_list();
    for (const Material& material : item.materials) {
        write_material(json, material);
    }
    json.close_list().close_object();
}

int number_of(const Record& at, std::string_view name) {
    const Record* value = at.find(name);
    const auto number =
        value != nullptr && !value->is_object() && !value->is_list() ? to_whole_number(value->scalar()) : std::nullopt;
    return static_cast<int>(number.value_or(0));
}

Item read_item(const Record& at) {
    Item item{.code = at.text_of("code"),
              .name = at.text_of("name"),
              .version = number_of(at, "version"),
              .department_code = at.text_of("department_code"),
              .department_name = at.text_of("department_name"),
              .guid = at.text_of("guid"),
              .materials = {}};
    const Record* materials = at.find("materials");
    for (const Record& one : materials != nullptr && materials->is_list() ? materials->items() : Record::List{}) {
        item.materials.push_back({.name = one.text_of("name"),
                                  .need = one.text_of("need"),
                                  .source = one.text_of("source"),
                                  .source_explain = one.text_of("source_explain"),
                                  .format = one.text_of("format"),
                                  .order = number_of(one, "order")});
    }
    return item;
}

}  // namespace

std::size_t count_materials(const Library& library) {
    std::size_t count = 0;
    for (const auto& [code, item] : library) {
        count += item.materials.size();
    }
    return count;
}

std::string write_library(const Library& library) {
    std::string lines;
    for (const auto& [code, item] : library) {
        codec::JsonWriter json{lines};
        write_item(json, item);
        lines += '\n';
    }
    return lines;
}

Result<Library> read_library(std::string_view lines) {
    Library library;
    std::size_t number = 0;
    for (const std::string_view line : split(lines, '\n')) {
        ++number;
        if (line.empty()) {
            continue;
        }
        const auto read = codec::read_json(line);
        if (!read || !read->is_object() || read->text_of("code").empty()) {
            return fail(Fault::bad_request, "item library: line " + std::to_string(number) + " is no item");
        }
        Item item = read_item(*read);
        library[item.code] = std::move(item);
    }
    return library;
}

}  // namespace datong::items
