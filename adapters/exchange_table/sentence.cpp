#include "adapters/exchange_table/sentence.h"

#include <utility>

namespace datong::adapters::exchange_table {

Sentence& Sentence::name(const Name& name) {
    for (std::size_t i = 0; i < name.size(); ++i) {
        maker_.sql(i == 0 ? "" : ".").sql(connection_.quoted(name[i]));
    }
    return *this;
}

Sentence& Sentence::value(database::Value value) {
    maker_.place("p" + std::to_string(values_.size()));
    values_.push_back(std::move(value));
    return *this;
}

Sentence& Sentence::equals(const Name& column, database::Value value) {
    name(column);
    return value.octets ? sql(" = ").value(std::move(value)) : sql(" IS NULL");
}

Sentence& Sentence::and_if(const Name& column, const database::Value& value) {
    return column.empty() ? *this : sql(" AND ").equals(column, value);
}

Sentence& Sentence::at_most(std::size_t rows) {
    first_only_ = true;
    return dialect_ == database::Dialect::odbc ? *this : sql(" LIMIT " + std::to_string(rows));
}

Result<record::Record> Sentence::run(std::size_t max_rows, Deadline deadline) {
    const database::Look look{
        .set = "the table", .statement = maker_.take(), .max_rows = max_rows, .first_only = first_only_};
    return connection_.execute(look, values_, deadline);
}

Result<std::size_t> Sentence::change(Deadline deadline) {
    auto rows = run(1, deadline);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    return database::count_affected(*rows);
}

}  // namespace datong::adapters::exchange_table
