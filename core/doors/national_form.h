#pragma once

#include "core/base/clock.h"
#include "core/exchange/call.h"

namespace datong::doors {

/// The form in which gjzwfwpt's gateway is called too (profiles/httpproxy_form): access_key, request_id, sign,
/// timestamp and biz_content, a JSON text. The form names no service: of the consumer's services it is the one whose
/// sid the keyed digest is over. Immutable; may be used from many threads.
class NationalFormDialect final : public exchange::Dialect {
public:
    explicit NationalFormDialect(const Clock& clock) : clock_{clock} {}

    [[nodiscard]] Result<exchange::Claim> prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                                const catalogue::Snapshot& snapshot) const override;
    [[nodiscard]] bool attests() const override { return true; }
    [[nodiscard]] Result<exchange::Request> read(const exchange::Visit& visit) const override;
    /// {code, msg, biz_data: {code, status, result}}: "1" and "0" for good, result the native answer or the problem.
    [[nodiscard]] Result<exchange::Sealed> write(exchange::Answer& answer, const exchange::Visit& visit,
                                                 bool signed_too) const override;

private:
    const Clock& clock_;
};

/// Whether a call of /gateway/httpproxy is one of this form.
[[nodiscard]] bool is_national_form(const codec::HttpMessage& http);

}  // namespace datong::doors
