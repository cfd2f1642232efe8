#include "core/ledger/uses.h"

#include <algorithm>
#include <utility>

namespace datong::ledger {
namespace {

using record::Record;

constexpr std::int64_t kOfOnePage = 200;

void put(Record& into, const char* name, const std::string& value) {
    if (!value.empty()) {
        into.put(name, Record::text(value));
    }
}

/// In which role; empty: it is not about them.
std::string role_of(const Entry& entry, const std::vector<std::string>& names) {
    for (const std::string& named : entry.persons) {
        const std::size_t colon = named.find(':');
        if (std::find(names.begin(), names.end(), named.substr(colon + 1)) != names.end()) {
            return named.substr(0, colon);
        }
    }
    return {};
}

Record shown_of(const Entry& entry) {
    Record shown = Record::list();
    for (const evidence::MaterialAnswered& one : entry.materials) {
        if (one.fields.empty()) {
            continue;
        }
        Record fields = Record::list();
        for (const std::string& field : one.fields) {
            fields.add(Record::text(field));
        }
        Record made = Record::object();
        put(made, "service", one.service);
        made.put("fields", std::move(fields));
        shown.add(std::move(made));
    }
    return shown;
}

Record use_of(const Entry& entry, const std::vector<std::string>& names) {
    Record use = Record::object();
    put(use, "at", entry.at);
    put(use, "exchange", entry.exchange);
    put(use, "role", role_of(entry, names));
    put(use, "consumer", entry.consumer);
    put(use, "service", entry.service);
    put(use, "outcome", entry.outcome);
    put(use, "purpose", entry.purpose);
    put(use, "legal_basis", entry.legal_basis);
    put(use, "matter", entry.matter);
    put(use, "case_number", entry.case_number);
    put(use, "division", entry.operator_division);
    if (Record shown = shown_of(entry); !shown.items().empty()) {
        use.put("shown", std::move(shown));
    }
    return use;
}

/// A page ends with a use, by whose exchange the next one is asked for: the numbers of records would tell how many lie
/// between.
/// Whose use is not told is no place either: else whoever knows its id would learn that it is about this person.
Result<std::string> place_of(Index& index, Wanted told, const std::string& exchange) {
    if (exchange.empty()) {
        return std::string{};
    }
    const auto entry = index.find(exchange);
    if (!entry) {
        return fail(entry.error());
    }
    if (!*entry || (*entry)->number == 0) {
        return fail(Fault::bad_request, "no such page");
    }
    told.after = std::to_string((*entry)->number - 1);
    told.most = 1;
    const auto page = index.list(told);
    if (!page) {
        return fail(page.error());
    }
    const bool is_told = !page->entries.empty() && page->entries.front().exchange == exchange;
    return is_told ? Result<std::string>{std::to_string((*entry)->number)} : fail(Fault::bad_request, "no such page");
}

}  // namespace

Result<Record> uses_of(Index& index, const std::vector<std::string>& names, const std::string& after,
                       const std::vector<NotYet>& withheld) {
    Wanted wanted;
    wanted.persons = names;
    wanted.is_ended = true;  // what is under way is told when it is over
    wanted.withheld = withheld;
    auto place = place_of(index, wanted, after);
    if (!place) {
        return fail(std::move(place.error()));
    }
    wanted.after = std::move(*place);
    wanted.most = kOfOnePage;
    const auto page = index.list(wanted);
    if (!page) {
        return fail(page.error());
    }
    Record uses = Record::list();
    for (const Entry& entry : page->entries) {
        uses.add(use_of(entry, names));
    }
    Record made = Record::object();
    made.put("uses", std::move(uses));
    if (!page->next.empty()) {
        made.put("next", Record::text(page->entries.back().exchange));
    }
    return made;
}

}  // namespace datong::ledger
