#include "core/later/word.h"

#include <span>

#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/exchange/admit.h"
#include "core/exchange/fetch.h"
#include "core/exchange/problem.h"
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
                .body = record->text_of("body")};
}

bool may_hear(const catalogue::Snapshot& snapshot, const store::Awaited& row, const Held& held,
              std::chrono::system_clock::time_point now) {
    const catalogue::Matter* matter = snapshot.matter(row.matter);
    const catalogue::Material* material = matter != nullptr ? matter->material(row.material) : nullptr;
    const catalogue::Subset* subset = material != nullptr ? material->subset : nullptr;
    const auto permits = [&](bool verify) {
        const auto grant = snapshot.granted.permit(
            {.consumer = row.consumer,
             .service = row.service,
             .purpose = held.purpose,
             .division = held.division,
             .today = record::to_civil(now).date,
             .verify = verify,
             .subset = subset != nullptr ? std::string_view{subset->id} : std::string_view{},
             .needed = subset != nullptr ? std::span{subset->needed} : std::span<const std::string>{}});
        return grant && (!held.consent.empty() || !exchange::needs_consent(snapshot.service(row.service), *grant));
    };
    const bool by_predicates = row.outcome == "match" || row.outcome == "mismatch";
    return row.outcome == "failed" || row.why == kRevoked || (!by_predicates && permits(false)) ||
           (row.outcome != "found" && permits(true));
}

}  // namespace datong::later
