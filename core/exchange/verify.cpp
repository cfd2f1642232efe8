#include "core/exchange/fetch.h"

namespace datong::exchange {

using record::Record;

std::string judge_predicates(const Ticket& ticket, Record& content) {
    bool all_match = true;
    Record results = Record::list();
    for (const policy::Predicate& one : ticket.verify) {
        const auto verdict =
            content.is_null() ? policy::Verdict::not_found : policy::judge(content, one, ticket.service->person);
        all_match = all_match && verdict == policy::Verdict::match;
        Record result = Record::object();
        result.put("field", Record::text(one.field));
        result.put("operator", Record::text(std::string{policy::name_of(one.op)}));
        if (ticket.subset != nullptr) {
            result.put("value", one.value);
        }
        result.put("result", Record::text(std::string{policy::name_of(verdict)}));
        results.add(std::move(result));
    }
    const bool is_there = !content.is_null();
    content = Record::object();
    content.put("results", std::move(results));
    return !is_there ? "not_found" : all_match ? "match" : "mismatch";
}

}  // namespace datong::exchange
