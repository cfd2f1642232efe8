#pragma once

#include <functional>
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

    [[nodiscard]] bool is_empty() const { return at.empty() && status.empty(); }
    [[nodiscard]] bool matches(const codec::HttpMessage& answer) const;
};

/// An HTTP source whose calls are signed as its platform asks; one without `sign` sends as they are. Secrets that
/// are lent come and are renewed by themselves; an answer that says "expired" brings a new one and the same call
/// once more, once, but never a submission. May be used from many loops.
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

    /// Puts a block into the header of an envelope.
    using PutBlock = std::function<Result<std::string>(std::string envelope, const SoapBlock& block)>;

    /// @param service    as the platform knows it; empty: the source's own.
    /// @param put_block  of an adapter that sends envelopes; for a scheme that signs there.
    /// @return as HttpSource::send; also what the platform's secret service failed with, and department_invalid where
    ///         "expired" is the answer to what is sent `once`: it reached the platform, and may have its effect.
    [[nodiscard]] boost::asio::awaitable<Result<adapter::Reply>> send(codec::HttpMessage request, std::string service,
                                                                      adapter::Errand errand, PutBlock put_block = {});

    /// As HttpSource::fetch_file: who knows a file's address is let in, so nothing is signed.
    [[nodiscard]] boost::asio::awaitable<Result<adapter::Reply>> fetch_file(std::string address, std::size_t most,
                                                                            Deadline deadline) {
        return source_->fetch_file(std::move(address), most, deadline);
    }
    [[nodiscard]] bool fetches_files() const { return source_->fetches_files(); }

    /// As HttpSource::probe, and, where something is lent, whether the platform lends it to us. What only signs is
    /// judged by the platform with a call: Contact::reachable.
    [[nodiscard]] boost::asio::awaitable<Result<adapter::Contact>> probe(Deadline deadline);
    [[nodiscard]] std::vector<adapter::Warning> warnings() const;

    [[nodiscard]] boost::asio::awaitable<Result<Grant>> lend(std::string scope, GrantPtr last,
                                                             Deadline deadline) override;

private:
    [[nodiscard]] boost::asio::awaitable<Result<Grant>> lend_once(std::string scope, GrantPtr last, Deadline deadline);
    /// @param grant  null where nothing is lent.
    [[nodiscard]] Status sign(codec::HttpMessage& request, const std::string& service, const Grant* grant,
                              const PutBlock& put_block) const;
    [[nodiscard]] boost::asio::awaitable<Result<GrantPtr>> grant_for(std::string service, Deadline deadline);

    std::unique_ptr<adapter::HttpSource> source_;
    std::unique_ptr<Scheme> scheme_;
    ExpiredRule expired_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    Keeper keeper_;
};

}  // namespace datong::outbound
