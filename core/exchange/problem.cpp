#include "core/exchange/problem.h"

#include "core/codec/json.h"

namespace datong::exchange {
namespace {

using record::Record;

/// Details of these speak of the request's form only.
bool tells_detail(Fault fault) {
    switch (fault) {
        case Fault::bad_request:
        case Fault::not_signed:
        case Fault::signature_stale:
        case Fault::method_not_allowed:
        case Fault::body_too_large:
        case Fault::header_too_large:
        case Fault::unsupported_media:
            return true;
        default:
            return false;
    }
}

Record field_record(const mapping::Finding& finding) {
    Record record = Record::object();
    record.put("field", Record::text(finding.source.empty() ? finding.path : finding.source));
    record.put("rule", Record::text(finding.rule));
    record.put("message", Record::text(finding.text_zh));
    record.put("message_en", Record::text(finding.text_en));
    return record;
}

}  // namespace

Record problem(const Trouble& trouble, const std::string& exchange) {
    const FaultRow& row = row_of(trouble.error.fault());
    Record body = Record::object();
    body.put("type", Record::text("urn:datong:problem:" + std::string{row.code}));
    body.put("code", Record::text(std::string{row.code}));
    body.put("status", Record::integer(row.status));
    body.put("title", Record::text(std::string{row.title_zh}));
    body.put("title_en", Record::text(std::string{row.title_en}));
    if (tells_detail(row.fault)) {
        body.put("detail", Record::text(trouble.error.detail()));
    }
    body.put("blame", Record::text(std::string{name_of(row.blame)}));
    body.put("may_retry", Record::boolean(row.may_retry));
    if (trouble.error.retry_after().count() > 0) {
        body.put("retry_after_s", Record::integer(trouble.error.retry_after().count()));
    }
    body.put("todo", Record::text(std::string{row.todo_zh}));
    body.put("todo_en", Record::text(std::string{row.todo_en}));
    if (!exchange.empty()) {
        body.put("exchange", Record::text(exchange));
    }
    if (!trouble.findings.empty()) {
        Record errors = Record::list();
        for (const mapping::Finding& finding : trouble.findings) {
            errors.add(field_record(finding));
        }
        body.put("errors", std::move(errors));
    }
    return body;
}

std::string reply_of(const std::string& service, const Trouble& trouble) {
    const std::string code{row_of(trouble.error.fault()).code};
    return (trouble.reply.empty() ? service + ':' : trouble.reply) + '|' + code;
}

Answer problem_answer(const Trouble& trouble, const std::string& exchange) {
    const FaultRow& row = row_of(trouble.error.fault());
    return {.status = row.status,
            .is_problem = true,
            .outcome = std::string{row.code},
            .body = codec::write_json(problem(trouble, exchange)),
            .retry_after = trouble.error.retry_after()};
}

}  // namespace datong::exchange
