#include "core/exchange/case_check.h"

#include <algorithm>

namespace datong::exchange {
namespace {

using record::Record;

/// Whether the case names this person in this role: the buyer of a case is not its subject.
bool names(const Record& found, std::string_view role, const policy::Person& person) {
    const Record* persons = found.find("persons");
    if (persons == nullptr) {
        return false;
    }
    const std::string id = policy::normal_id(person.id_no.reveal());
    return std::any_of(persons->items().begin(), persons->items().end(), [&id, role](const Record& one) {
        return !id.empty() && one.text_of("role") == role && policy::normal_id(one.text_of("idNo")) == id;
    });
}

Status judge(const Record& found, const policy::Context& context, const std::string& matter) {
    if (found.is_null()) {
        return fail(Fault::case_not_accepted, "no such case");
    }
    if (found.text_of("caseNumber") != context.case_number) {
        return fail(Fault::case_not_accepted, "the register answered about another case");
    }
    if (found.text_of("state") != "open") {
        return fail(Fault::case_not_accepted, "the case is not open");
    }
    if (found.text_of("matter") != matter) {
        return fail(Fault::case_not_accepted, "the case is of another matter");
    }
    for (const std::string_view role : {"subject", "applicant", "agent"}) {
        const policy::Person* person = context.person(role);
        if (person != nullptr && !names(found, role, *person)) {
            return fail(Fault::case_not_accepted, "the case does not name this " + std::string{role});
        }
    }
    return {};
}

Record context_of(const Visit& visit, std::chrono::system_clock::time_point now) {
    const policy::Context& context = visit.request.context;
    const policy::Person* anyone = context.person("subject");
    for (const std::string_view role : {"applicant", "agent"}) {
        anyone = anyone != nullptr ? anyone : context.person(role);
    }
    Record record = policy::to_record(context, *anyone);
    record.put("exchange", Record::text(visit.exchange));
    record.put("now", Record::text(to_rfc3339(now)));
    return record;
}

}  // namespace

std::string case_matter(const Visit& visit) {
    const std::string& named = visit.request.context.matter;
    const catalogue::Matter* matter = visit.snapshot->matter(named);
    return matter != nullptr ? matter->case_matter : named;
}

boost::asio::awaitable<Status> check_case(std::shared_ptr<const Visit> visit, Means means, Deadline deadline) {
    const catalogue::CaseRegister& cases = *visit->snapshot->case_register;
    if (visit->request.context.case_number.empty()) {
        co_return fail(Fault::case_not_accepted, "/context/case_number is required by the grant");
    }
    const Record context = context_of(*visit, means.clock.now());
    const Record query = Record::object();
    mapping::Input input;
    input.tree = &query;
    input.context = &context;
    input.now = means.clock.now();
    auto ask = ask_from(*cases.request, cases.operation, input);
    if (!ask) {
        co_return fail(Fault::case_not_accepted, "the case number can't be asked for");
    }
    const adapter::Errand errand{.exchange = visit->exchange, .deadline = deadline};
    auto reply = co_await cases.source->ask(std::move(*ask), errand);
    if (!reply) {
        co_return fail(std::move(reply.error()).within("case register"));
    }
    auto found = record_from(*cases.response, *reply, input);
    if (!found) {
        co_return fail(std::move(found.error().error).within("case register"));
    }
    co_return judge(*found, visit->request.context, case_matter(*visit));
}

}  // namespace datong::exchange
