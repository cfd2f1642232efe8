#include "core/ledger/uses.h"

#include <algorithm>
#include <utility>

namespace datong::ledger {
namespace {

using record::Record;

constexpr std::int64_t kOfOnePage = 200;

bool is_told(const Entry& entry, const std::vector<NotYet>& withheld) {
    return std::none_of(withheld.begin(), withheld.end(), [&entry](const NotYet& one) {
        return entry.at >= one.since &&
               std::find(one.purposes.begin(), one.purposes.end(), entry.purpose) != one.purposes.end();
    });
}

void put(Record& into, const char* name, const std::string& value) {
    if (!value.empty()) {
        into.put(name, Record::text(value));
    }
}

std::string role_of(const Entry& entry, const std::string& person) {
    for (const std::string& named : entry.persons) {
        if (named.ends_with(':' + person)) {
            return named.substr(0, named.find(':'));
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

Record use_of(const Entry& entry, const std::string& person) {
    Record use = Record::object();
    put(use, "at", entry.at);
    put(use, "exchange", entry.exchange);
    put(use, "role", role_of(entry, person));
    put(use, "consumer", entry.consumer);
    put(use, "service", entry.service);
    put(use, "outcome", entry.outcome);
    put(use, "purpose", entry.purpose);
    put(use, "legal_basis", entry.legal_basis);
    put(use, "consent", entry.consent);
    put(use, "matter", entry.matter);
    put(use, "case_number", entry.case_number);
    put(use, "division", entry.operator_division);
    if (Record shown = shown_of(entry); !shown.items().empty()) {
        use.put("shown", std::move(shown));
    }
    return use;
}

}  // namespace

Result<Record> uses_of(Index& index, const std::string& person, const std::string& after,
                       const std::vector<NotYet>& withheld) {
    Wanted wanted;
    wanted.person = person;
    wanted.after = after;
    wanted.most = kOfOnePage;
    const auto page = index.list(wanted);
    if (!page) {
        return fail(page.error());
    }
    Record uses = Record::list();
    for (const Entry& entry : page->entries) {
        if (!entry.outcome.empty() && is_told(entry, withheld)) {  // what is under way is told when it is over
            uses.add(use_of(entry, person));
        }
    }
    Record made = Record::object();
    made.put("uses", std::move(uses));
    if (!page->next.empty()) {
        made.put("next", Record::text(page->next));
    }
    return made;
}

}  // namespace datong::ledger
