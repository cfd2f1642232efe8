#pragma once

#include <memory>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include "core/base/clock.h"
#include "core/consent/book.h"
#include "core/exchange/call.h"
#include "core/exchange/issue.h"
#include "core/telemetry/sink.h"

namespace datong::exchange {

class Submissions;
struct Threads;
struct Lookups;
struct Afterwards;

/// What a fetch may use of the gateway.
struct Means {
    const Clock& clock;
    telemetry::Sink& sink;
    const Submissions& submissions;
    const Threads& threads;
    const Lookups& lookups;
    const Afterwards& afterwards;
    const files::Kept& files;
    const consent::Book& consents;
};

struct Admitted;
/// What is left of a call after its intent is durable: the case, the use of its consent, then the departments. Our own
/// defects become an answer: an intent must never be left without an outcome.
[[nodiscard]] boost::asio::awaitable<Answer> ask(std::shared_ptr<const Visit> visit, Admitted admitted, Means means);

/// One material, all the way: request mapping, department, response mapping, the person compared, the
/// granted fields kept, the certificate signed by its issuer. Waits once, for the department.
/// @param visit     kept alive by whoever works for it.
/// @param deadline  of the whole call; the service's own is used if it is earlier.
[[nodiscard]] boost::asio::awaitable<Attempt<Certificate>> fetch(std::shared_ptr<const Visit> visit, Ticket ticket,
                                                                 Means means, Deadline deadline);

/// Reads, fetches and judges the files of a record by the service's rules, and puts into their places what the caller
/// gets: Base64, or a token. Waits for the department where a file is given by its address.
/// @param content  what the grant lets through; it, `ticket` and `replied` outlive the work.
/// @param parts    that came beside the reply.
/// @param replied  gets the files, and the digests of what the department sent beside its reply.
/// @return the trouble names the file's place and what is wrong with it (files::Wrong).
[[nodiscard]] boost::asio::awaitable<Attempt<std::monostate>> take_files(std::shared_ptr<const Visit> visit,
                                                                         const Ticket* ticket, record::Record* content,
                                                                         std::vector<adapter::Part> parts,
                                                                         Replied* replied, Means means,
                                                                         Deadline deadline);

/// What a call looks up in the evidence: the container of an exchange of the consumer's, or who asked about a person.
[[nodiscard]] boost::asio::awaitable<Answer> look_up(std::shared_ptr<const Visit> visit, Means means);

/// A service asked beside every exchange: no grant, no evidence, no answer to anybody. For `datong source check` and
/// joint tests.
struct Tried {
    std::string outcome;                     ///< "found", "not_found", or the code of the fault
    std::string detail;                      ///< why it failed, for the administrator; no personal data
    record::Record content;                  ///< what was found: personal data
    std::vector<mapping::Finding> findings;  ///< fields that a mapping refused
    std::string reply_digest;                ///< hex SHA-256 of what the department sent; empty for nothing
    std::chrono::milliseconds took{};
};
/// @param question  {context, query?, about?}, as a consumer would send it. Must outlive the work, like the service.
[[nodiscard]] boost::asio::awaitable<Tried> try_service(const catalogue::Service& service,
                                                        const record::Record& question, const Clock& clock);

/// What mappings read by from_ctx.
[[nodiscard]] record::Record mapping_context(const policy::Context& context, const policy::Person& about,
                                             const catalogue::Service& service, std::string errand,
                                             std::chrono::system_clock::time_point now);

/// Remembers a reply where the service's bodies are kept; `name` is what the evidence calls it ("source:hex SHA-256").
void keep_reply(const Visit& visit, const catalogue::Service& service, const std::string& name,
                const adapter::Reply& reply);

/// Hex SHA-256 of what a department sent.
[[nodiscard]] std::string digest_of(const adapter::Reply& reply);

/// The same for one material of a call, with what it has beside: the case register's matter, the submission.
[[nodiscard]] record::Record ticket_context(const Visit& visit, const Ticket& ticket,
                                            std::chrono::system_clock::time_point now);

/// What one question to a department is known by in its protocol: two materials of one exchange may ask the same
/// source, so the exchange alone would not tell their replies apart.
[[nodiscard]] std::string errand_name(const Visit& visit, const Ticket& ticket);

/// What a department's record becomes for who may only ask by predicates: {results: [{field, operator, result}]},
/// never a value of the record; of a subset with the value that was asked with, for the caller did not bring it. @param
/// content  null: there is no such record. @return the outcome: match, mismatch or not_found.
[[nodiscard]] std::string judge_predicates(const Ticket& ticket, record::Record& content);

/// What of a department's record may be seen at once.
/// @return Fault::answer_over_cap when that is more rows or persons than may be: then nothing of it.
[[nodiscard]] Result<record::Record> show(const Visit& visit, const Ticket& ticket, const record::Record& whole);

/// The division that a query chooses where the service searches by one, as the answer's scope names it: without white
/// space around it; empty: none is chosen, all are searched.
/// @return Fault::request_invalid for what is no division (GB/T 2260) that a register of the service holds.
[[nodiscard]] Attempt<std::string> searched_division(const catalogue::Service& service, const record::Record& query);

/// What a department is asked by the service's request mapping; nothing where the division is none to search.
/// @param input  its tree is the query.
/// @return Fault::request_invalid, with what is wrong.
[[nodiscard]] Attempt<adapter::Ask> ask_of(const catalogue::Service& service, const mapping::Input& input);

/// Runs a request mapping; what it refuses is the consumer's to mend.
[[nodiscard]] Attempt<adapter::Ask> ask_from(const mapping::Mapping& request, const std::string& operation,
                                             const mapping::Input& input);

/// Judges a reply: a record, null for the department's own "no such record", or whose fault it is.
[[nodiscard]] Attempt<record::Record> record_from(const mapping::Mapping& response, const adapter::Reply& reply,
                                                  mapping::Input input);

}  // namespace datong::exchange
