#pragma once

#include <functional>
#include <string>

#include "core/codec/http_message.h"
#include "core/crypto/key.h"
#include "core/record/record.h"
#include "examples/clients/cpp/caller.h"
#include "examples/clients/cpp/trust.h"

namespace datong::tests {

/// Answers as docs/answer.md says, with keys of its own: a gateway, the department "land", a consumer.
class FakeGateway {
public:
    /// The wire's request in, the wire's answer out; 401 when the request's signature does not verify.
    [[nodiscard]] std::string answer(const std::string& wire) const;
    /// The same for one message.
    [[nodiscard]] codec::HttpMessage answer(const codec::HttpMessage& request) const;
    /// A service's envelope; `material` as the certificate's jti names it, empty for a plain call.
    [[nodiscard]] record::Record envelope(const std::string& material = {}) const;
    [[nodiscard]] record::Record matter() const;
    [[nodiscard]] record::Record jwks() const;
    [[nodiscard]] client::Trust trust() const;
    [[nodiscard]] client::Consumer consumer() const;

    /// Alters what leaves: the body before it is signed, and the message after.
    std::function<void(record::Record&)> alter_body;
    std::function<void(codec::HttpMessage&)> alter_answer;
    std::string asked_id = "999901198001010016";  ///< whom the certificates say they were asked about
    std::string asked_query = "{}";               ///< and what, as JSON
    std::string valid_until;                      ///< the last day of an answer's use; empty: none is named
    /// A file of the certificates, by its address; empty: they have none.
    struct Named {
        std::string octets;
        std::string path = "/document/file";
        std::string media_type = "application/ofd";
        std::string url = "/v1/exchanges/0193f6a2-0000-7000-8000-000000000001/files/0";
        bool is_inlined{};
    } file;
    std::string fetched;  ///< what its address gives in place of it; empty: the file
    int status = 200;
    bool is_signed = true;

    crypto::SigningKey gateway_key = make_key();
    crypto::SigningKey land_key = make_key();
    crypto::SigningKey consumer_key = make_key();

private:
    static crypto::SigningKey make_key();
    [[nodiscard]] bool accepts(const codec::HttpMessage& request) const;
};

/// A fault's problem as the gateway writes it.
[[nodiscard]] record::Record sample_problem();
[[nodiscard]] std::string to_wire(const codec::HttpMessage& answer);

}  // namespace datong::tests
