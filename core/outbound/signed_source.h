#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/adapter/http_source.h"
#include "core/outbound/keeper.h"
#include "core/outbound/scheme.h"
#include "core/profiles/place.h"

namespace datong::outbound {

/// How a platform says inside an answer that what it lent has expired.
struct ExpiredRule {
    std::vector<profiles::Place> at;  ///< none, or one
    std::vector<std::string> values;
    std::vector<int> status;

    [[nodiscard]] bool matches(const codec::HttpMessage& answer) const;
};

/// An HTTP source whose calls are signed as its platform asks; one without `sign` sends as they are. Secrets that
/// are lent come and are renewed by themselves; an answer that says "expired" brings a new one and the same call
/// once more, once. May be used from many loops.
class SignedSource final : public Lender {
public:
    /// @param scheme  null: nothing is signed.
    SignedSource(std::unique_ptr<adapter::HttpSource> source, std::unique_ptr<Scheme> scheme, ExpiredRule expired,
                 const adapter::Tools& tools);

    /// HttpSource's settings and `sign`.
    [[nodiscard]] static std::vector<adapter::Setting> settings();
    /// @return nullptr after a mistake.
    [[nodiscard]] static std::unique_ptr<SignedSource> make(const adapter::Settings& settings,
                                                            const adapter::Tools& tools, Mistakes& mistakes);

    /// @param service  as the platform knows it; empty: the source's own.
    /// @return as HttpSource::send; also what the platform's secret service failed with.
    [[nodiscard]] boost::asio::awaitable<Result<adapter::Reply>> send(codec::HttpMessage request, std::string service,
                                                                      Deadline deadline);
    /// For SOAP: the values for the header, where the platform has that form; null where it has none. Such a call is
    /// then sent through http().
    [[nodiscard]] boost::asio::awaitable<Result<record::Record>> soap_header(std::string service, Deadline deadline);
    [[nodiscard]] adapter::HttpSource& http() { return *source_; }

    /// Whether the host takes a connection, and, where something is lent, whether the platform lends it to us.
    [[nodiscard]] boost::asio::awaitable<Result<adapter::Contact>> probe(Deadline deadline);
    [[nodiscard]] std::vector<adapter::Warning> warnings() const;

    [[nodiscard]] boost::asio::awaitable<Result<Grant>> lend(std::string scope, GrantPtr last,
                                                             Deadline deadline) override;

private:
    [[nodiscard]] boost::asio::awaitable<Result<Grant>> lend_once(std::string scope, GrantPtr last, Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<Result<GrantPtr>> grant_for(std::string service, Deadline deadline);

    std::unique_ptr<adapter::HttpSource> source_;
    std::unique_ptr<Scheme> scheme_;
    ExpiredRule expired_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    Keeper keeper_;
};

}  // namespace datong::outbound
