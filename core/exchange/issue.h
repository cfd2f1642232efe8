#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/exchange/call.h"

namespace datong::exchange {

struct Threads;

/// When and where the department's answer came from, for provenance.
struct Replied {
    std::chrono::system_clock::time_point at;
    std::string digest;                 ///< hex SHA-256 of the reply's octets
    std::string record_time;            ///< the record's own time; empty when the source names none
    bool already{};                     ///< of a submission: the department had it before, and nothing was written
    std::vector<std::string> more{};    ///< digests of what else it sent: files
    std::vector<files::Given> files{};  ///< which stand in the content, or their tokens in their places
};

/// Makes the certificate of one material: every leaf of the content gets a salted digest, the issuer
/// signs the list of digests with `as_of` and `scope`, and provenance says where each leaf is from.
/// So one altered field is named by a verifier, and a hidden one still proves (docs/answer.md).
/// @param record  what the grant lets through; null where there is nothing to show.
[[nodiscard]] Result<Certificate> issue(const Visit& visit, const Ticket& ticket, const record::Record& record,
                                        const Replied& replied, const std::string& outcome);

/// What a certificate is made of. Copied, for a token may outlive the call that asked it.
struct Issue {
    std::shared_ptr<const Visit> visit;
    Ticket ticket;
    record::Record record;
    Replied replied;
    std::string outcome;
};
/// The same, and its sharing results are the visit's. Where the issuer's key lies in a token, which may take its time
/// or hang, it is signed on another thread, so that the loop goes on with other calls.
/// @return also Fault::unavailable where the token does not answer.
[[nodiscard]] boost::asio::awaitable<Result<Certificate>> issue_beside(Issue made_of, const Threads& threads);

/// Where the last word on this call will be: "/v1/submissions/ID", or "/v1/exchanges/ID/materials" of a matter that
/// asks for records.
[[nodiscard]] std::string status_path(const Visit& visit);

/// What is said where the department said nothing that could be signed in its name: `deferred`, `unknown`, `pending`.
[[nodiscard]] Certificate unsigned_word(const Visit& visit, const Ticket& ticket, const std::string& outcome,
                                        std::chrono::system_clock::time_point now);

}  // namespace datong::exchange
