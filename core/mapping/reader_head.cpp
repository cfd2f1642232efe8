#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/reader.h"

namespace datong::mapping {
namespace {

using ast::Keys;
using ast::Report;

/// [a-z][a-z0-9-]* parts between dots.
bool is_id(std::string_view text) {
    for (const std::string_view part : split(text, '.')) {
        const auto ok = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
        if (part.empty() || part[0] < 'a' || part[0] > 'z' || !std::all_of(part.begin(), part.end(), ok)) {
            return false;
        }
    }
    return true;
}

bool is_version(std::string_view text) {
    const auto parts = split(text, '.');
    return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
               return to_whole_number(part).has_value() && (part.size() == 1 || part[0] != '0');
           });
}

}  // namespace

void read_tables(const yaml::Node& node, ast::File& file, Mistakes& mistakes) {
    for (const auto& [name, value] : node.entries) {
        ast::Table table;
        table.name = name.text;
        table.where = name.where;
        if (value.is_scalar()) {
            table.file = {value.text, value.where};
        } else {
            Keys keys{value, mistakes};
            (void)keys.need("file");
            table.file = keys.located("file");
            table.key = keys.located("key");
            table.at = keys.located("at");
            table.missing = keys.optional_located("missing");
            keys.finish();
        }
        file.tables.push_back(std::move(table));
    }
}

void read_head(Keys& keys, ast::File& file, Mistakes& mistakes) {
    (void)keys.need("datong");
    const ast::Text kind = keys.located("datong");
    if (!kind.text.empty() && kind.text != "mapping/v1") {
        Report{mistakes}(kind.where, "M109", "首行应为 datong: mapping/v1", "the file begins with 'datong: mapping/v1'",
                         "datong: mapping/v1");
    }
    for (const char* key : {"id", "version", "source", "target", "fields"}) {
        (void)keys.need(key);
    }
    const ast::Text id = keys.located("id");
    if (!id.text.empty() && !is_id(id.text)) {
        Report{mistakes}(id.where, "M109", "id 应为小写字母、数字、连字符, 以点分段",
                         "an id is made of parts [a-z][a-z0-9-]* between dots", "land.realestate-certificate");
    }
    const ast::Text version = keys.located("version");
    if (!version.text.empty() && !is_version(version.text)) {
        Report{mistakes}(version.where, "M109", "version 应为 主.次.修订", "a version is MAJOR.MINOR.PATCH", "1.0.0");
    }
    file.id = id.text;
    file.version = version.text;
    file.title = keys.text("title");
    file.legal_basis = keys.text("legal_basis");
    for (const char* key : {"owner", "note", "effective_from"}) {
        (void)keys.text(key);
    }
}

}  // namespace datong::mapping
