#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/adapter/settings.h"
#include "core/base/result.h"
#include "core/codec/http_message.h"
#include "core/outbound/keeper.h"
#include "core/profiles/traits.h"
#include "core/record/record.h"

namespace datong::outbound {

/// An element of the SOAP header that signs a call.
struct SoapBlock {
    std::string name;
    std::string uri;  ///< namespace; empty: none
    record::Record values;
};

/// One platform's way of signing with one source's settings. Pure: who sends, waits and keeps is SignedSource.
/// May be used from many threads.
class Scheme {
public:
    using Time = std::chrono::system_clock::time_point;

    explicit Scheme(const profiles::Traits& traits) : traits_{traits} {}
    Scheme(const Scheme&) = delete;
    Scheme& operator=(const Scheme&) = delete;
    virtual ~Scheme() = default;

    [[nodiscard]] const profiles::Traits& traits() const noexcept { return traits_; }

    /// Signs.
    /// @param service  as the platform knows it; empty: the settings' own.
    /// @param grant    what was lent; null where nothing is.
    [[nodiscard]] virtual Status apply(codec::HttpMessage& request, const std::string& service, const Grant* grant,
                                       Time now) const = 0;

    /// What stands in the SOAP header in place of what apply() does; nothing where the settings ask for none.
    [[nodiscard]] virtual std::optional<SoapBlock> soap_block(const std::string& service, const Grant* grant,
                                                              Time now) const;

    /// Which calls share a grant; for schemes that lend.
    [[nodiscard]] virtual std::string scope_of(const std::string& service) const;
    /// The call that brings a grant.
    /// @param last  with a renewal, or null.
    [[nodiscard]] virtual Result<codec::HttpMessage> lending_call(const std::string& scope, const Grant* last,
                                                                  Time now) const;
    /// @param asked_at  the time that lending_call was given.
    [[nodiscard]] virtual Result<Grant> read_grant(const codec::HttpMessage& answer, Time asked_at, Time now) const;

    /// Takes an answer out of its envelope; most have none.
    [[nodiscard]] virtual Status open(codec::HttpMessage& answer) const;

private:
    const profiles::Traits& traits_;
};

/// Makes the scheme that a source's `sign` says.
/// @return nullptr after a mistake.
[[nodiscard]] std::unique_ptr<Scheme> make_scheme(const adapter::Settings& sign, const adapter::Tools& tools,
                                                  Mistakes& mistakes);

}  // namespace datong::outbound
