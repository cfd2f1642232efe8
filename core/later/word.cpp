#include "core/later/word.h"

#include <algorithm>
#include <span>

#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/exchange/admit.h"
#include "core/exchange/fetch.h"
#include "core/exchange/problem.h"
#include "core/policy/fields.h"
#include "core/record/date.h"

namespace datong::later {

using exchange::Attempt;
using exchange::Certificate;
using record::Record;

namespace {

Word failed(const store::Awaited& row, const exchange::Trouble& trouble) {
    Word word{.outcome = "failed", .event = "answered"};
    word.written = codec::write_json(exchange::problem(trouble, row.exchange));
    word.fault = trouble.error.fault();
    if (!trouble.reply.empty()) {
        word.replies = {trouble.reply};
    }
    return word;
}

void write_fields(codec::JsonWriter& json, std::string_view name, const std::vector<std::string>& fields) {
    json.name(name).open_list();
    for (const std::string& field : fields) {
        json.text(field);
    }
    json.close_list();
}

/// What was kept before fields were kept with it is told only where all may be had.
std::vector<std::string> read_fields(const Record& held, std::string_view name) {
    const Record* list = held.find(name);
    if (list == nullptr) {
        return {"*"};
    }
    std::vector<std::string> fields;
    for (const Record& one : list->items()) {
        fields.emplace_back(one.scalar());
    }
    return fields;
}

bool covers_all(const std::vector<std::string>& allowed, const std::vector<std::string>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&allowed](const std::string& one) { return policy::covers(allowed, one); });
}

/// Whether a grant that permits it lets all of it be had, and the material of now still is about all of it.
bool lets(const policy::Grant& grant, const catalogue::Material& material, const Held& held, bool by_predicates) {
    if (by_predicates) {
        // a grant by subsets was compared with the subset: what that asks by now
        const bool is_by_subsets = !grant.subsets.empty() && material.subset != nullptr;
        return covers_all(is_by_subsets ? material.subset->needed : grant.verify, held.asked);
    }
    const bool is_only_asked = !material.verify.empty() || (material.subset != nullptr && material.subset->is_asked());
    return !is_only_asked && covers_all(exchange::fields_of_material(material, grant), held.fields);
}

}  // namespace

Word word_of(const store::Awaited& row, const Attempt<Certificate>& result) {
    if (!result) {
        return failed(row, result.error());
    }
    return {.outcome = result->outcome,
            .event = "answered",
            .written = result->envelope,
            .certificate = result->jws,
            .replies = result->reply_digests,
            .fields = result->fields};
}

std::vector<std::string> fields_asked(const exchange::Ticket& ticket) {
    std::vector<std::string> fields;
    for (const policy::Predicate& one : ticket.verify) {
        fields.push_back(one.field);
    }
    return fields;
}

Word ended(const store::Awaited& row) {
    Word word = failed(row, exchange::Trouble{Error{Fault::department_timeout, "not there when its time was over"}});
    word.event = "ended";
    word.promise = row.why == "follows" ? "missed" : "";
    return word;
}

std::string promise_of(const exchange::Visit& visit, const exchange::Ticket& ticket, const Certificate& found) {
    const catalogue::Matter* matter = visit.snapshot->matter(visit.request.name);
    exchange::Ticket judged = ticket;
    judged.verify = matter != nullptr ? exchange::promise_of(visit.request.context, *matter, ticket)
                                      : std::vector<policy::Predicate>{};
    if (judged.verify.empty()) {
        return {};
    }
    const auto envelope = codec::read_json(found.envelope);
    const Record* content = envelope ? envelope->find("content") : nullptr;
    Record record = content != nullptr ? *content : Record{};
    return exchange::judge_predicates(judged, record) == "match" ? "kept" : "broken";
}

std::string delivery_of(const store::Awaited& row) {
    return row.exchange + '/' + row.material;
}

std::string told(const store::Awaited& row, const Word& word, const std::string& matter, const std::string& service,
                 std::chrono::system_clock::time_point now) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().member("delivery", delivery_of(row)).member("exchange", row.exchange);
    json.member("matter", matter).member("case_number", row.case_number);
    json.member("requirement", row.requirement).member("material", row.material).member("service", service);
    json.member("why", row.why).member("as_of", to_rfc3339(now)).member("outcome", word.outcome);
    if (!word.promise.empty()) {
        json.member("promise", word.promise);
    }
    json.name(word.outcome == "failed" ? "fault" : "answer").written(word.written).close_object();
    return out;
}

std::string place_of(const store::ConsentNote& revoked) {
    return "consent:" + revoked.consent.issuer + ':' + revoked.consent.id;
}

std::string consent_in(std::string_view place) {
    return std::string{place.substr(place.rfind(':') + 1)};
}

std::string told_of(const store::ConsentNote& revoked, const std::string& delivery) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().member("delivery", delivery).member("event", kRevoked);
    json.member("consent", revoked.consent.id).member("issuer", revoked.consent.issuer);
    if (!revoked.consent.consumer.empty()) {
        json.member("consumer", revoked.consent.consumer);
    }
    const auto at = std::chrono::system_clock::time_point{std::chrono::seconds{revoked.revoked->at}};
    json.member("at", to_rfc3339(at)).member("reason", revoked.revoked->reason).close_object();
    return out;
}

std::string to_text(const Held& held) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().member("purpose", held.purpose).member("division", held.division);
    json.member("consent", held.consent).member("body", held.body);
    write_fields(json, "fields", held.fields);
    write_fields(json, "asked", held.asked);
    json.close_object();
    return out;
}

std::optional<Held> read_held(std::string_view text) {
    const auto record = codec::read_json(text);
    if (!record || record->find("body") == nullptr) {
        return std::nullopt;
    }
    return Held{.purpose = record->text_of("purpose"),
                .division = record->text_of("division"),
                .consent = record->text_of("consent"),
                .body = record->text_of("body"),
                .fields = read_fields(*record, "fields"),
                .asked = read_fields(*record, "asked")};
}

bool may_hear(const catalogue::Snapshot& snapshot, const store::Awaited& row, const Held& held,
              std::chrono::system_clock::time_point now) {
    if (row.outcome == "failed" || row.why == kRevoked) {
        return true;
    }
    const catalogue::Matter* matter = snapshot.matter(row.matter);
    const catalogue::Material* material = matter != nullptr ? matter->material(row.material) : nullptr;
    if (material == nullptr || material->service->id != row.service) {
        return false;
    }
    const catalogue::Subset* subset = material->subset;
    const bool by_predicates =
        row.outcome == "match" || row.outcome == "mismatch" || (row.outcome == "not_found" && !held.asked.empty());
    const policy::Asked asked{.consumer = row.consumer,
                              .service = row.service,
                              .purpose = held.purpose,
                              .division = held.division,
                              .today = record::to_civil(now).date,
                              .verify = by_predicates,
                              .subset = subset != nullptr ? std::string_view{subset->id} : std::string_view{},
                              .needed = subset != nullptr ? std::span{subset->needed} : std::span<const std::string>{}};
    const auto grants = snapshot.granted.of(row.consumer, row.service);
    return std::any_of(grants.begin(), grants.end(), [&](const policy::Grant* grant) {
        return policy::GrantIndex{std::span{grant, 1}}.permit(asked) && lets(*grant, *material, held, by_predicates) &&
               (!held.consent.empty() || !exchange::needs_consent(material->service, grant));
    });
}

}  // namespace datong::later
