#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <Poco/Data/Session.h>

#include "core/database/connection.h"
#include "core/database/rows.h"

namespace datong::database {

/// A connection through Poco::Data, whose exceptions end here.
///
/// Not for PostgreSQL: Poco's connector (1.11 to this day) frees the last result twice when a prepared
/// statement that ran before fails.
class PocoConnection : public Connection {
public:
    ~PocoConnection() override;

    [[nodiscard]] Result<record::Record> execute(const Look& look, const Values& values, Deadline deadline) override;
    [[nodiscard]] bool is_sound() const noexcept override { return sound_; }

protected:
    PocoConnection(Poco::Data::Session session, const Opening& opening);

    /// Names of the columns of the statement that runs.
    [[nodiscard]] virtual std::vector<std::string> columns_now() = 0;

    /// Makes the database itself give up at the deadline.
    virtual void limit_to(Deadline deadline) = 0;
    /// What an exception of the driver means; its text may quote values and goes no further.
    [[nodiscard]] virtual Error error_of(const Poco::Exception& exception) = 0;

    [[nodiscard]] tl::unexpected<Error> give_up(Error error);

    Poco::Data::Session session_;

private:
    struct Prepared;

    [[nodiscard]] record::Record run_one(const Look& look, const Values& values);
    [[nodiscard]] Prepared& prepare(const Look& look);

    RowRules rules_;
    bool sound_{true};
    std::map<std::string, std::unique_ptr<Prepared>> prepared_;  ///< by SQL
};

}  // namespace datong::database
