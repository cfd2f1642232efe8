#include "core/exchange/fetch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/accounts/account.h"
#include "core/base/text.h"
#include "core/catalogue/granting.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/exchange/case_check.h"
#include "core/exchange/issue.h"
#include "core/exchange/submit.h"
#include "core/mapping/paths.h"
#include "core/policy/amounts.h"
#include "core/policy/fields.h"
#include "core/policy/grants.h"
#include "core/telemetry/events.h"

namespace datong::exchange {
namespace {

using record::Record;

Error department_error(mapping::Outcome outcome, int status) {
    switch (outcome) {
        case mapping::Outcome::rejected:
            return {Fault::department_refused, "refused in its own code"};
        case mapping::Outcome::retry:
            return {Fault::department_down, "asks to come again"};
        case mapping::Outcome::malformed:
            if (status >= 500) {
                return {Fault::department_down, "HTTP status " + std::to_string(status)};
            }
            if (status >= 400) {
                return {Fault::department_refused, "HTTP status " + std::to_string(status)};
            }
            return {Fault::department_invalid, "the reply is not in the source's format"};
        case mapping::Outcome::ok:
        case mapping::Outcome::not_found:
            return {Fault::department_down, "HTTP status " + std::to_string(status)};
        case mapping::Outcome::invalid:
            break;
    }
    return {Fault::department_invalid, "the mapping refused a field"};
}

/// The record's own time where the service names it. It is a field of the record: who may not see it, or only asks by
/// predicates, is not told.
std::string record_time(const Ticket& ticket, const Record& content) {
    const catalogue::Service& service = *ticket.service;
    if (!ticket.verify.empty() || !policy::covers(ticket.fields, service.record_time)) {
        return {};
    }
    const Record* at = &content;
    const auto steps = split(service.record_time, '/');
    for (std::size_t i = 1; at != nullptr && i < steps.size(); ++i) {
        at = at->find(steps[i]);
    }
    const bool named = at != nullptr && at->is_text();
    return named ? std::string{at->scalar()} : std::string{};
}

/// What is shown, and beside it the department's digests of its files: a file is held against them, shown or not.
std::vector<std::string> fields_for_files(const Ticket& ticket) {
    std::vector<std::string> fields = ticket.fields;
    for (const files::Rule& rule : ticket.service->files) {
        fields.push_back(rule.digest_at);
    }
    return fields;
}

/// How long one question may take; the call's deadline may come before.
std::chrono::milliseconds patience(const catalogue::Service& service) {
    return service.slow ? std::chrono::milliseconds{service.slow->question} : service.deadline;
}

/// A failure after the department has answered: what it sent stays provable.
tl::unexpected<Trouble> failed_with(Trouble trouble, const std::string& reply) {
    trouble.reply = reply;
    return tl::unexpected<Trouble>{std::move(trouble)};
}

/// Whether a mapping of that format may read a reply of that type. Departments declare many things that are not so
/// (JSON as text/html, XML as text/plain), and the format itself judges those; but what is no media type at all, and
/// what is a picture or a document, is no message. Source: RFC 9110, 8.3.1.
bool may_read(std::string_view format, std::string_view content_type) {
    const std::string essence = ascii_lower(trim_ows(content_type.substr(0, content_type.find(';'))));
    if (content_type.empty() || (format != "json" && format != "xml")) {
        return true;
    }
    const std::size_t slash = essence.find('/');
    const auto is_token = [](std::string_view text) {
        return !text.empty() &&
               text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-*") == std::string_view::npos;
    };
    constexpr std::array<std::string_view, 6> kOthers{"image/", "audio/", "video/",
                                                      "font/",  "model/", "application/pdf"};
    const bool is_type = slash != std::string::npos && is_token(std::string_view{essence}.substr(0, slash)) &&
                         is_token(std::string_view{essence}.substr(slash + 1));
    return is_type && std::none_of(kOthers.begin(), kOthers.end(),
                                   [&](std::string_view other) { return essence.starts_with(other); });
}

void report(telemetry::Sink& sink, const Visit& visit, const mapping::Mapping& mapping,
            const std::vector<mapping::Finding>& findings) {
    for (const mapping::Finding& finding : findings) {
        emit(sink,
             telemetry::MappingFailed{
                 .mapping = mapping.id(), .path = finding.path, .rule = finding.rule, .exchange = visit.exchange});
    }
}

}  // namespace

Record mapping_context(const policy::Context& context, const policy::Person& about, const catalogue::Service& service,
                       std::string errand, std::chrono::system_clock::time_point now) {
    Record made = policy::to_record(context, about);
    Record department = Record::object();
    department.put("uscc", Record::text(service.department->uscc));
    department.put("title", Record::text(service.department->title));
    made.put("department", std::move(department));
    made.put("exchange", Record::text(std::move(errand)));
    made.put("now", Record::text(to_rfc3339(now)));
    return made;
}

std::string errand_name(const Visit& visit, const Ticket& ticket) {
    return ticket.material.empty() ? visit.exchange : visit.exchange + '-' + ticket.material;
}

Record ticket_context(const Visit& visit, const Ticket& ticket, std::chrono::system_clock::time_point now) {
    Record context =
        mapping_context(visit.request.context, *ticket.about, *ticket.service, errand_name(visit, ticket), now);
    context.put("case_matter", Record::text(case_matter(visit)));
    if (visit.submitted) {  // the same however often it is sent or asked for
        const std::string& id = visit.submitted->id;
        context.put("submission", Record::text(ticket.material.empty() ? id : id + '-' + ticket.material));
        context.put("idempotency_key", Record::text(visit.request.context.idempotency_key));
    }
    return context;
}

std::string digest_of(const adapter::Reply& reply) {
    return to_hex(crypto::sha256(reply.rows.is_null() ? reply.body : codec::write_json(reply.rows)));
}

void keep_reply(const Visit& visit, const catalogue::Service& service, const std::string& name,
                const adapter::Reply& reply) {
    const vault::Policy policy = service.bodies.value_or(visit.snapshot->gateway.bodies);
    if (policy != vault::Policy::none) {
        visit.replies->push_back({.name = std::string{vault::kReply} + name,
                                  .policy = policy,
                                  .octets = reply.rows.is_null() ? reply.body : codec::write_json(reply.rows)});
    }
}

Result<Record> show(const Visit& visit, const Ticket& ticket, const Record& whole) {
    const catalogue::Service& service = *ticket.service;
    Record shown = policy::minimise(whole, ticket.fields);
    const policy::Most most = catalogue::most_of(*ticket.grant, service, visit.snapshot->gateway);
    const policy::Amounts amounts = policy::amounts_of(whole, shown, service.persons);
    if (amounts.rows > *most.rows) {
        return fail(Fault::answer_over_cap, "over " + std::to_string(*most.rows) + " rows at one place");
    }
    if (amounts.persons > *most.persons) {
        return fail(Fault::answer_over_cap, "over " + std::to_string(*most.persons) + " persons");
    }
    return shown;
}

Attempt<std::string> searched_division(const catalogue::Service& service, const Record& query) {
    const Record* found = service.searched_division.empty() ? nullptr : query.find(service.searched_division);
    if (found == nullptr || found->is_null()) {
        return std::string{};
    }
    const bool is_written = found->is_text() || found->is_number();
    std::string division{is_written ? mapping::trim_all(found->scalar()) : std::string_view{}};
    const bool is_none = is_written && division.empty();
    if (!is_none && !(accounts::is_division(division) && policy::lies_in(division, service.divisions))) {
        return tl::unexpected<Trouble>{
            Trouble{Error{Fault::request_invalid, "no division that a register of " + service.id + " holds"},
                    {{.path = '/' + service.searched_division,
                      .source = "$." + service.searched_division,
                      .rule = "division.searched",
                      .text_zh = "不是该服务的登记簿所辖的行政区划",
                      .text_en = "is no division that the service's registers hold"}}}};
    }
    return division;
}

Attempt<adapter::Ask> ask_of(const catalogue::Service& service, const mapping::Input& input) {
    auto ask = ask_from(*service.request, service.operation, input);
    if (!ask) {
        return ask;
    }
    auto division = searched_division(service, *input.tree);
    return division ? std::move(ask) : tl::unexpected<Trouble>{std::move(division.error())};
}

Attempt<adapter::Ask> ask_from(const mapping::Mapping& request, const std::string& operation,
                               const mapping::Input& input) {
    mapping::Output out = request.run(input);
    if (out.outcome != mapping::Outcome::ok) {
        return tl::unexpected<Trouble>{
            Trouble{Error{Fault::request_invalid, request.id() + " refused the request"}, std::move(out.errors)}};
    }
    adapter::Ask ask;
    ask.operation = operation;
    ask.body = std::move(out.wire);
    ask.content_type = std::move(out.content_type);
    if (request.target_format() == "kv") {
        ask.fields = std::move(out.target);
    }
    return ask;
}

Attempt<Record> record_from(const mapping::Mapping& response, const adapter::Reply& reply, mapping::Input input) {
    if (!may_read(response.source_format(), reply.content_type)) {
        return tl::unexpected<Trouble>{
            Trouble{Error{Fault::department_invalid, "the reply's content type is none of the source's format"}}};
    }
    input.bytes = reply.body;
    input.tree = reply.rows.is_null() ? nullptr : &reply.rows;
    input.record_only = true;
    mapping::Output out = response.run(input);
    if (out.outcome == mapping::Outcome::ok && reply.status < 400) {
        return std::move(out.target);
    }
    if (out.outcome == mapping::Outcome::not_found && reply.status < 500) {
        return Record{};
    }
    return tl::unexpected<Trouble>{Trouble{department_error(out.outcome, reply.status), std::move(out.errors)}};
}

boost::asio::awaitable<Attempt<Certificate>> fetch(std::shared_ptr<const Visit> visit, Ticket ticket, Means means,
                                                   Deadline deadline) {
    const catalogue::Service& service = *ticket.service;
    if (service.is_submit()) {
        co_return co_await submit(std::move(visit), std::move(ticket), means, deadline);
    }
    Record context = ticket_context(*visit, ticket, means.clock.now());
    mapping::Input input;
    input.tree = &ticket.query;
    input.context = &context;
    input.now = means.clock.now();
    auto ask = ask_of(service, input);
    if (!ask) {
        report(means.sink, *visit, *service.request, ask.error().findings);
        co_return tl::unexpected<Trouble>{std::move(ask.error())};
    }
    const adapter::Errand errand{.exchange = errand_name(*visit, ticket),
                                 .deadline = std::min(deadline, std::chrono::steady_clock::now() + patience(service))};
    auto reply = co_await service.source->ask(std::move(*ask), errand);
    if (!reply) {
        co_return tl::unexpected<Trouble>{Trouble{std::move(reply.error())}};
    }
    Replied replied{.at = means.clock.now(), .digest = digest_of(*reply), .record_time = {}};
    const std::string reply_name = service.source->source() + ':' + replied.digest;
    keep_reply(*visit, service, reply_name, *reply);
    input.now = replied.at;
    auto content = record_from(*service.response, *reply, input);
    std::vector<adapter::Part> parts = std::exchange(reply->parts, {});
    const auto kept = std::make_shared<const adapter::Reply>(std::move(*reply));
    visit->seen->push_back({visit->snapshot, &service, kept, replied.at});
    if (has_trial(service, visit->exchange)) {
        visit->trials->push_back({visit->snapshot, &service, kept, context, replied.at});
    }
    if (!content) {
        report(means.sink, *visit, *service.response, content.error().findings);
        content.error().findings.clear();  // the department's mistakes are the administrator's, not the caller's
        co_return failed_with(std::move(content.error()), reply_name);
    }
    if (!content->is_null()) {
        if (!policy::speaks_of(*content, service.person, *ticket.about)) {
            co_return failed_with(Error{Fault::person_mismatch, service.id}, reply_name);
        }
        replied.record_time = record_time(ticket, *content);
    }
    std::string outcome = content->is_null() ? "not_found" : "found";
    if (!ticket.verify.empty()) {
        outcome = judge_predicates(ticket, *content);
    } else if (!content->is_null()) {
        auto shown = show(*visit, ticket, *content);
        if (!shown) {
            co_return failed_with(std::move(shown.error()), reply_name);
        }
        const bool has_files = !service.files.empty();
        *content = has_files ? policy::minimise(*content, fields_for_files(ticket)) : std::move(*shown);
        auto taken = co_await take_files(visit, &ticket, &*content, std::move(parts), &replied, means, errand.deadline);
        if (!taken) {
            co_return failed_with(std::move(taken.error()), reply_name);
        }
        if (has_files) {
            *content = policy::minimise(*content, ticket.fields);
        }
        const auto good = visit->request.judge ? visit->request.judge(service, *content) : Status{};
        if (!good) {
            co_return failed_with(good.error(), reply_name);
        }
    }
    Issue made_of{.visit = visit,
                  .ticket = std::move(ticket),
                  .record = std::move(*content),
                  .replied = std::move(replied),
                  .outcome = std::move(outcome)};
    auto made = co_await issue_beside(std::move(made_of), means.threads);
    if (!made) {
        co_return failed_with(std::move(made.error()), reply_name);
    }
    co_return std::move(*made);
}

}  // namespace datong::exchange
