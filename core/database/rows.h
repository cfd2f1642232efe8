#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <Poco/Data/AbstractExtraction.h>
#include <Poco/Data/Statement.h>
#include <Poco/Exception.h>

#include "core/record/record.h"

namespace datong::database {

/// An answer over its limits, on its way from inside Poco to Connection::run().
class TooMuch : public Poco::Exception {
public:
    explicit TooMuch(const std::string& why) : Poco::Exception{why} {}
};

/// A statement that shows what Poco::Data::Statement hides.
class OpenStatement : public Poco::Data::Statement {
public:
    using Poco::Data::Statement::Statement;
    [[nodiscard]] std::size_t columns() const;
};

/// How rows are taken.
struct RowRules {
    /// Names of the columns of the statement that runs. Poco's own are those of when it was prepared: where the table
    /// was made anew since, they may be others.
    std::function<std::vector<std::string>()> names;
    std::size_t max_bytes{};  ///< of all cells together
};

/// Takes whole rows, every cell as the bytes that the database holds. Poco's own extraction chooses a
/// type by the declared one, and turns numeric 100.10 into a double.
class Rows final : public Poco::Data::AbstractExtraction {
public:
    explicit Rows(const RowRules& rules) : rules_{rules} {}

    [[nodiscard]] std::size_t numOfColumnsHandled() const override { return 1; }
    [[nodiscard]] std::size_t numOfRowsHandled() const override { return rows_.size(); }
    [[nodiscard]] std::size_t numOfRowsAllowed() const override { return getLimit(); }
    void reset() override;
    std::size_t extract(std::size_t pos) override;
    Poco::Data::AbstractPreparation::Ptr createPreparation(PreparatorPtr& preparator, std::size_t pos) override;

    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] record::Record take();

private:
    [[nodiscard]] record::Record cell(std::size_t column);

    const RowRules& rules_;             ///< of the connection, which owns this
    std::vector<std::string> columns_;  ///< names, of this execution
    record::Record::List rows_;
    std::size_t bytes_{};
};

}  // namespace datong::database
