#pragma once

#include <string_view>

#include "adapters/exchange_table/plan.h"

namespace datong::adapters::exchange_table {

/// One statement in the making: SQL of our own, names quoted by the database's rule, values only bound.
class Sentence {
public:
    Sentence(database::Connection& connection, database::Dialect dialect)
        : connection_{connection}, dialect_{dialect}, maker_{dialect} {}

    Sentence& sql(std::string_view ours) {
        maker_.sql(ours);
        return *this;
    }
    Sentence& name(const Name& name);
    Sentence& value(database::Value value);
    /// `column = value`, or `column IS NULL`.
    Sentence& equals(const Name& column, database::Value value);
    /// ` AND column = value` where the table has such a column.
    Sentence& and_if(const Name& column, const database::Value& value);
    /// ` LIMIT n`, or as the driver does it.
    Sentence& at_most(std::size_t rows);

    /// @param max_rows  more are no answer.
    [[nodiscard]] Result<record::Record> run(std::size_t max_rows, Deadline deadline);
    /// @return how many rows it touched.
    [[nodiscard]] Result<std::size_t> change(Deadline deadline);

private:
    database::Connection& connection_;
    database::Dialect dialect_;
    database::StatementMaker maker_;
    database::Values values_;
    bool first_only_{};
};

}  // namespace datong::adapters::exchange_table
