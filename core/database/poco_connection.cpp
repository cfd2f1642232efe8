#include "core/database/poco_connection.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <Poco/Data/Limit.h>
#include <Poco/Data/Statement.h>
#include <Poco/Data/TypeHandler.h>
#include <Poco/Exception.h>
#include <Poco/SharedPtr.h>

/// How Poco binds a Value: a whole number as one, for a column without a declared type compares by type;
/// everything else as text, exactly as it is.
template <>
class Poco::Data::TypeHandler<datong::database::Value> {
public:
    static std::size_t size() { return 1; }

    static void bind(std::size_t position, const datong::database::Value& value, AbstractBinder::Ptr binder,
                     AbstractBinder::Direction direction) {
        if (!value.octets) {
            binder->bind(position, Keywords::null, direction);
            return;
        }
        Int64 whole = 0;
        const char* end = value.octets->data() + value.octets->size();
        const auto [at, error] = std::from_chars(value.octets->data(), end, whole);
        if (value.is_number && error == std::errc{} && at == end) {
            binder->bind(position, whole, direction);
        } else {
            binder->bind(position, *value.octets, direction);
        }
    }
};

namespace datong::database {

namespace data = Poco::Data;
using record::Record;

/// A statement with the places that its parameters are bound from and its rows go to.
struct PocoConnection::Prepared {
    explicit Prepared(data::Session& session) : statement{session} {}

    Values parameters;  ///< never resized: bound by address
    OpenStatement statement;
    Poco::SharedPtr<Rows> rows;
};

PocoConnection::PocoConnection(data::Session session, const Opening& opening)
    : session_{std::move(session)}, rules_{.names = [this] { return columns_now(); }, .max_bytes = opening.max_answer} {
}

PocoConnection::~PocoConnection() = default;

Result<Record> PocoConnection::execute(const Look& look, const Values& values, Deadline deadline) {
    try {
        limit_to(deadline);
        return run_one(look, values);
    } catch (const TooMuch& exception) {
        return give_up(Error{Fault::department_invalid, exception.message()}.over_limit());
    } catch (const Poco::Exception& exception) {
        return give_up(error_of(exception));
    } catch (const std::exception&) {
        return give_up(Error{Fault::internal, "the database driver failed"});  // what() may quote a value
    }
}

tl::unexpected<Error> PocoConnection::give_up(Error error) {
    sound_ = false;
    return fail(std::move(error));
}

Record PocoConnection::run_one(const Look& look, const Values& values) {
    Prepared& prepared = prepare(look);
    std::ranges::copy(values, prepared.parameters.begin());
    const std::size_t affected = prepared.statement.execute();
    if (prepared.rows->size() > look.max_rows) {
        throw TooMuch{look.set + " has more than " + std::to_string(look.max_rows) + " rows"};
    }
    if (prepared.statement.columns() > 0) {
        return prepared.rows->take();
    }
    return affected_rows(std::to_string(affected));
}

PocoConnection::Prepared& PocoConnection::prepare(const Look& look) {
    if (prepared_.size() >= kMostPrepared && !prepared_.contains(look.statement.text)) {
        prepared_.clear();
    }
    auto& kept = prepared_[look.statement.text];
    if (!kept) {
        kept = std::make_unique<Prepared>(session_);
        kept->parameters.resize(look.statement.names.size());
        kept->rows = Poco::makeShared<Rows>(rules_);
        kept->statement << look.statement.text;
        for (auto& parameter : kept->parameters) {
            kept->statement.addBind(data::Keywords::use(parameter));
        }
        kept->statement.addExtract(kept->rows);
        kept->statement, data::Keywords::limit(static_cast<data::Limit::SizeT>(look.max_rows + 1));
    }
    return *kept;
}

}  // namespace datong::database
