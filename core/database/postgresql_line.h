#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/async/interrupt.h"
#include "core/base/clock.h"
#include "core/base/fault.h"
#include "core/base/result.h"

namespace datong::database {

/// Frees what libpq gave.
struct PostgresqlFinish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    void operator()(PGresult* result) const noexcept { PQclear(result); }
    void operator()(PGnotify* one) const noexcept { PQfreemem(one); }
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using PostgresqlResult = std::unique_ptr<PGresult, PostgresqlFinish>;

/// Source: PostgreSQL 15, Appendix A, PostgreSQL Error Codes.
[[nodiscard]] Fault postgresql_fault(std::string_view state);

/// libpq's connection, every wait of which ends at its deadline: for the sign-in, for room to send, for what comes.
/// Only the name of the host is looked up outside of it, for libpq asks the resolver and waits.
class PostgresqlLine {
public:
    /// @param most  octets between two results, which libpq keeps whole: a row is one.
    /// @param interrupt  holds the socket meanwhile.
    /// @return department_refused when the server is there and does not let us in; department_invalid when it says too
    ///         much before that.
    [[nodiscard]] static Result<std::unique_ptr<PostgresqlLine>> sign_in(const std::string& connection,
                                                                         std::size_t most, Deadline deadline,
                                                                         async::Interrupt& interrupt);
    PostgresqlLine(const PostgresqlLine&) = delete;
    PostgresqlLine& operator=(const PostgresqlLine&) = delete;
    ~PostgresqlLine();

    [[nodiscard]] PGconn* get() const noexcept { return connection_.get(); }
    [[nodiscard]] bool is_sound() const noexcept;
    /// Whether so much has come that another one had better be opened: libpq keeps each parameter that it is told for
    /// as long as a connection lives.
    [[nodiscard]] bool is_worn() const noexcept;
    /// The next result of what was sent; nullptr behind the last one. What was not sent yet goes out first.
    /// @return department_timeout, department_down, or department_invalid where more than `most` octets came.
    [[nodiscard]] Result<PostgresqlResult> next_result(Deadline deadline);
    /// From any thread: ends every wait, now and later.
    void interrupt() noexcept;

private:
    using Handle = std::unique_ptr<PGconn, PostgresqlFinish>;
    PostgresqlLine(Handle connection, std::size_t most);

    [[nodiscard]] Status wait(short events, Deadline deadline);
    [[nodiscard]] Status take_in();
    [[nodiscard]] tl::unexpected<Error> broken();

    Handle connection_;
    int socket_;  ///< a descriptor of our own: libpq may close its own, and another may get the number
    std::size_t most_;
    std::size_t taken_{};  ///< octets since the last result
    bool sound_{true};
};

}  // namespace datong::database
