#include <string_view>
#include <utility>

#include "core/base/text.h"
#include "core/exchange/admit.h"

// What a matter asks of its materials, with the values that the call brings.
namespace datong::exchange {
namespace {

using catalogue::Material;
using record::Record;

/// A value of a material's query: a constant, or what a path into the call names.
Record query_value(const policy::Context& context, const std::string& written) {
    if (!written.starts_with("$.")) {
        return Record::text(written);
    }
    const auto steps = split(std::string_view{written}.substr(2), '.');
    if (const policy::Person* person = context.person(steps.front()); person != nullptr && steps.size() == 2) {
        return Record::text(steps[1] == "name"    ? person->name.reveal()
                            : steps[1] == "id_no" ? person->id_no.reveal()
                                                  : person->id_type);
    }
    if (steps.front() == "operator" && steps.size() == 2 && steps[1] == "division") {
        return Record::text(context.who.division);
    }
    const Record* at = steps.front() == "facts" ? &context.facts : nullptr;
    for (std::size_t i = 1; at != nullptr && i < steps.size(); ++i) {
        at = at->find(steps[i]);
    }
    return at != nullptr ? *at : Record{};
}

}  // namespace

Record query_of(const policy::Context& context, const Material& material) {
    Record query = Record::object();
    for (const auto& [name, written] : material.query) {
        query.put(name, query_value(context, written));
    }
    return query;
}

std::vector<policy::Predicate> promise_of(const policy::Context& context, const catalogue::Matter& matter,
                                          const Ticket& ticket) {
    for (const auto& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                if (material.id == ticket.material && material.service->id == ticket.service->id) {
                    return filled(context, material.promise);
                }
            }
        }
    }
    return {};
}

std::vector<policy::Predicate> filled(const policy::Context& context, std::vector<policy::Predicate> verify) {
    for (policy::Predicate& one : verify) {
        if (one.value.is_text()) {
            one.value = query_value(context, std::string{one.value.scalar()});
        }
    }
    return verify;
}

}  // namespace datong::exchange
