#include "core/ledger/entry.h"

#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/signing/jws.h"

namespace datong::ledger {
namespace {

using evidence::MaterialAnswered;
using record::Record;

std::vector<std::string> texts_of(const Record& entry, std::string_view name) {
    std::vector<std::string> texts;
    const Record* list = entry.find(name);
    for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
        texts.emplace_back(one.scalar());
    }
    return texts;
}

Record list_of(const std::vector<std::string>& texts) {
    Record list = Record::list();
    for (const std::string& text : texts) {
        list.add(Record::text(text));
    }
    return list;
}

void put(Record& into, const char* name, const std::string& value) {
    if (!value.empty()) {
        into.put(name, Record::text(value));
    }
}

Record to_record(const MaterialAnswered& material) {
    Record made = Record::object();
    put(made, "material", material.material);
    put(made, "service", material.service);
    put(made, "source", material.source);
    put(made, "outcome", material.outcome);
    if (!material.fields.empty()) {
        made.put("fields", list_of(material.fields));
    }
    return made;
}

}  // namespace

Entry read_entry(const Record& entry) {
    Entry made{.exchange = entry.text_of("exchange"),
               .number = static_cast<std::int64_t>(to_whole_number(entry.text_of("n")).value_or(0)),
               .at = entry.text_of("at"),
               .consumer = entry.text_of("consumer"),
               .service = entry.text_of("service"),
               .matter = entry.text_of("matter"),
               .case_number = entry.text_of("case_number"),
               .material = entry.text_of("material"),
               .purpose = entry.text_of("purpose"),
               .legal_basis = entry.text_of("legal_basis"),
               .grant = entry.text_of("grant"),
               .operator_account = entry.text_of("operator_account"),
               .operator_division = entry.text_of("operator_division"),
               .outcome = entry.text_of("fault"),
               .submits = entry.find("idempotency_key") != nullptr,
               .of = entry.text_of("of"),
               .persons = texts_of(entry, "persons"),
               .materials = {}};
    made.last = entry.text_of("kind") == "refusal" ? made.number : 0;
    return made;
}

std::string before(const std::string& text, char mark) {
    return text.substr(0, text.find(mark));
}

std::string matter_of(const Entry& entry) {
    constexpr std::string_view kMatter = "matter:";
    return before(entry.service.starts_with(kMatter) ? entry.service.substr(kMatter.size()) : entry.matter, '@');
}

bool is_found(std::string_view outcome) {
    return outcome == "found" || outcome == "match";
}

std::vector<MaterialAnswered> read_materials(const Record& entry) {
    std::vector<MaterialAnswered> all;
    const Record* list = entry.find("materials");
    for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
        all.push_back({.material = one.text_of("material"),
                       .service = one.text_of("service"),
                       .source = one.text_of("source"),
                       .outcome = one.text_of("outcome"),
                       .fields = texts_of(one, "fields")});
    }
    return all;
}

std::optional<Followed> read_followed(const Record& entry) {
    const auto jws = signing::read_jws(entry.text_of("statement"));
    const auto said = jws ? codec::read_json(jws->payload) : fail(jws.error());
    auto materials = said ? read_materials(*said) : std::vector<MaterialAnswered>{};
    if (materials.size() != 1) {
        return std::nullopt;
    }
    return Followed{.exchange = said->text_of("exchange"),
                    .at = said->text_of("at"),
                    .event = said->text_of("event"),
                    .matter = said->text_of("matter"),
                    .case_number = said->text_of("case_number"),
                    .material = std::move(materials.front())};
}

Record to_record(const Entry& entry) {
    Record made = Record::object();
    for (const auto& [name, value] :
         {std::pair{"exchange", &entry.exchange}, std::pair{"at", &entry.at}, std::pair{"outcome", &entry.outcome},
          std::pair{"consumer", &entry.consumer}, std::pair{"service", &entry.service},
          std::pair{"matter", &entry.matter}, std::pair{"case_number", &entry.case_number},
          std::pair{"material", &entry.material}, std::pair{"purpose", &entry.purpose},
          std::pair{"legal_basis", &entry.legal_basis}, std::pair{"grant", &entry.grant},
          std::pair{"operator_account", &entry.operator_account},
          std::pair{"operator_division", &entry.operator_division}, std::pair{"of", &entry.of},
          std::pair{"consent", &entry.consent}}) {
        put(made, name, *value);
    }
    if (entry.status != 0) {
        made.put("status", Record::integer(entry.status));
    }
    if (!entry.materials.empty()) {
        Record materials = Record::list();
        for (const MaterialAnswered& one : entry.materials) {
            materials.add(to_record(one));
        }
        made.put("materials", std::move(materials));
    }
    made.put("record", Record::integer(entry.number));
    if (entry.last != 0 && entry.last != entry.number) {
        made.put("ended_by", Record::integer(entry.last));
    }
    return made;
}

}  // namespace datong::ledger
