#include "adapters/sql/connection.h"

#include <utility>

#include "core/base/text.h"

namespace datong::adapters::sql {

using record::Record;

Record affected_rows(std::string count) {
    Record row = Record::object();
    row.put("affected", Record::bytes(std::move(count)));
    Record rows = Record::list();
    rows.add(std::move(row));
    return rows;
}

std::string column_name(std::string_view name, std::size_t position, charset::Charset charset) {
    if (is_utf8(name)) {
        return std::string{name};
    }
    auto decoded = charset::decode(name, charset);
    return decoded ? std::move(*decoded) : "column " + std::to_string(position + 1);
}

}  // namespace datong::adapters::sql
