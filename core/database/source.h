#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/adapter/adapter.h"
#include "core/adapter/settings.h"
#include "core/database/pool.h"

namespace datong::database {

/// The settings of every adapter over a database: driver, connection, charset, write, connections, max_answer.
[[nodiscard]] std::vector<adapter::Setting> source_settings();

/// Reads them. @return nullopt where there was a mistake.
[[nodiscard]] std::optional<Opening> read_opening(const adapter::Settings& settings, const adapter::Tools& tools,
                                                  Mistakes& mistakes);

/// What of the way to the database anybody could read or pose in: TLS that is not asked for, a server's certificate
/// that is not verified; nothing where the database is on this machine. Known from the settings alone.
[[nodiscard]] std::vector<adapter::Warning> protection_warnings(const Opening& opening);

/// A statement's text in the charset that the database is spoken to in, for names and literals may be Chinese.
[[nodiscard]] Result<Statement> in_charset(Statement statement, charset::Charset charset);

/// One department's database, asked from every loop. Work runs on the source's own threads.
class Source {
public:
    Source(const Opening& opening, std::size_t connections, std::shared_ptr<async::Pool> threads)
        : opening_{opening}, pool_{std::make_shared<Pool>(opening, connections)}, threads_{std::move(threads)} {}

    [[nodiscard]] const Opening& opening() const noexcept { return opening_; }

    /// Does the work on a connection and comes back to the loop that asked, at the latest at the errand's deadline. A
    /// call that is given up or dropped ends what its connection waits for.
    /// @param work     must own all that it needs, for it may go on after this call was given up.
    /// @param repeats  Pool::use()
    [[nodiscard]] boost::asio::awaitable<Result<record::Record>> use(Work work, adapter::Errand errand, bool repeats);

    /// Signs in on a fresh connection and runs `work` there.
    /// @return Contact::authenticated; department_refused when something is there and does not let us in.
    [[nodiscard]] boost::asio::awaitable<Result<adapter::Contact>> probe(Work work, adapter::Errand errand);

private:
    Opening opening_;
    std::shared_ptr<Pool> pool_;
    std::shared_ptr<async::Pool> threads_;
};

}  // namespace datong::database
