#include "core/database/rows.h"

#include <utility>

#include <Poco/Data/AbstractExtractor.h>
#include <Poco/Data/LOB.h>
#include <Poco/Data/MetaColumn.h>
#include <Poco/Data/StatementImpl.h>

#include "core/database/connection.h"

namespace datong::database {
namespace {

using record::Record;
namespace data = Poco::Data;

/// Poco tells a statement's columns only to those who derive from it.
class Columns : public data::StatementImpl {
public:
    [[nodiscard]] static std::size_t count(const data::StatementImpl& statement) {
        return (statement.*&Columns::columnsReturned)();
    }
    [[nodiscard]] static const data::MetaColumn& at(const data::StatementImpl& statement, std::size_t position) {
        const data::MetaColumn& (data::StatementImpl::* const of)(std::size_t) const = &Columns::metaColumn;
        return (statement.*of)(position);
    }
};

}  // namespace

std::size_t OpenStatement::columns() const {
    return Columns::count(*impl());
}

void Rows::reset() {
    rows_.clear();
    bytes_ = 0;
}

Record Rows::take() {
    return Record::list(std::exchange(rows_, {}));
}

data::AbstractPreparation::Ptr Rows::createPreparation(PreparatorPtr& /*preparator*/, std::size_t /*pos*/) {
    throw Poco::NotImplementedException{"rows are taken one by one"};
}

std::size_t Rows::extract(std::size_t /*pos*/) {
    if (columns_.empty()) {
        learn_columns();
    }
    Record::Object row;
    row.reserve(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        row.push_back({columns_[i], cell(i)});
    }
    rows_.push_back(Record::object(std::move(row)));
    return 1;
}

void Rows::learn_columns() {
    const std::size_t count = Columns::count(statement_);
    for (std::size_t i = 0; i < count; ++i) {
        columns_.push_back(column_name(Columns::at(statement_, i).name(), i, rules_.charset));
    }
}

/// As a BLOB: SQLite's text would be cut at a zero octet.
Record Rows::cell(std::size_t column) {
    data::BLOB blob;
    if (!getExtractor()->extract(column, blob)) {
        return {};
    }
    bytes_ += blob.size();
    if (bytes_ > rules_.max_bytes) {
        throw TooMuch{"the answer has more than " + std::to_string(rules_.max_bytes) + " bytes"};
    }
    return Record::bytes(std::string(blob.begin(), blob.end()));
}

}  // namespace datong::database
