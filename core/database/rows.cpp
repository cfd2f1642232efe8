#include "core/database/rows.h"

#include <utility>

#include <Poco/Data/AbstractExtractor.h>
#include <Poco/Data/LOB.h>
#include <Poco/Data/StatementImpl.h>

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
};

}  // namespace

std::size_t OpenStatement::columns() const {
    return Columns::count(*impl());
}

void Rows::reset() {
    rows_.clear();
    columns_.clear();
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
        columns_ = rules_.names();
    }
    Record::Object row;
    row.reserve(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        row.push_back({columns_[i], cell(i)});
    }
    rows_.push_back(Record::object(std::move(row)));
    return 1;
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
