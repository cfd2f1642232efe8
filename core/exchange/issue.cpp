#include "core/exchange/issue.h"

#include <algorithm>
#include <iterator>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/crypto/digest.h"
#include "core/crypto/token.h"
#include "core/exchange/entries.h"
#include "core/exchange/fetch.h"
#include "core/exchange/gateway.h"
#include "core/files/place.h"
#include "core/sharing/result.h"
#include "core/signing/field_digest.h"
#include "core/signing/jws.h"

namespace datong::exchange {
namespace {

using record::Record;

constexpr std::size_t kSaltBytes = 16;

using codec::JsonWriter;

/// Calls `see(pointer, leaf)` for every scalar and empty container below, with its place (RFC 6901): an empty
/// list is a statement too ("no mortgages") and must not be one that can be put in.
template <class See>
void walk_leaves(const Record& at, std::string& pointer, See& see) {
    const std::size_t here = pointer.size();
    if (at.is_object() && !at.members().empty()) {
        for (const record::Member& member : at.members()) {
            walk_leaves(member.value, signing::append_step(pointer, member.name), see);
            pointer.resize(here);
        }
    } else if (at.is_list() && !at.items().empty()) {
        for (std::size_t i = 0; i < at.items().size(); ++i) {
            pointer.append("/").append(std::to_string(i));
            walk_leaves(at.items()[i], pointer, see);
            pointer.resize(here);
        }
    } else {
        see(std::string_view{pointer}, at);
    }
}

/// How many leaves walk_leaves() comes by.
std::size_t count_leaves(const Record& at) {
    std::size_t count = 0;
    for (const record::Member& member : at.members()) {
        count += count_leaves(member.value);
    }
    for (const Record& item : at.items()) {
        count += count_leaves(item);
    }
    return std::max<std::size_t>(count, 1);
}

/// Fresh salts, drawn at once.
class Salts {
public:
    explicit Salts(std::size_t count) : octets_{crypto::random_bytes(kSaltBytes * count)} {}
    [[nodiscard]] std::string next() {
        return to_base64url(std::string_view{octets_}.substr(kSaltBytes * used_++, kSaltBytes));
    }

    [[nodiscard]] std::size_t left() const { return octets_.size() / kSaltBytes - used_; }

private:
    std::string octets_;
    std::size_t used_{};
};

/// The registers, and of their divisions the one that was searched where the query chooses it.
std::string scope_of(const Ticket& ticket) {
    const catalogue::Service& service = *ticket.service;
    const std::string searched = searched_division(service, ticket.query).value_or(std::string{});
    std::string out;
    JsonWriter json{out};
    json.open_object().name("registers").open_list();
    for (const std::string& one : service.registers) {
        json.text(one);
    }
    json.close_list().name("divisions").open_list();
    for (const std::string& one : searched.empty() ? service.divisions : std::vector{searched}) {
        json.text(one);
    }
    json.close_list().close_object();
    return out;
}

/// Two JSON lists: what stands in the envelope, and its digests alone, which the issuer signs.
struct Salted {
    std::string entries;
    std::string digests;
    std::string origin{};               ///< JSON: where every leaf is from
    std::vector<std::string> fields{};  ///< each once
};

/// Salted digests of who and what was asked: signed by the issuer, they bind even a "no such record" to
/// its person, and tell nobody else who that is.
Salted asked_of(const Ticket& ticket, Salts& salts) {
    Salted made;
    JsonWriter entries{made.entries};
    JsonWriter digests{made.digests};
    entries.open_list();
    digests.open_list();
    const Record id_no = Record::text(ticket.about->id_no.reveal());
    const Record verify = policy::to_record(ticket.verify);
    for (const auto& [path, value] :
         {std::pair{"/id_no", &id_no}, std::pair{"/query", &ticket.query}, std::pair{"/verify", &verify}}) {
        if (value == &verify && ticket.verify.empty()) {
            continue;
        }
        const std::string salt = salts.next();
        const std::string digest = signing::field_digest(salt, path, codec::write_json(*value));
        entries.open_object().member("path", path).member("salt", salt).member("digest", digest).close_object();
        digests.text(digest);
    }
    entries.close_list();
    digests.close_list();
    return made;
}

/// The file whose token stands in that place; nullptr: the leaf is what it is.
const files::Given* file_at(const std::vector<files::Given>& all, std::string_view pointer) {
    const auto found = std::find_if(all.begin(), all.end(), [pointer](const files::Given& one) {
        return one.path == pointer && one.how != files::Delivery::inlined;
    });
    return found != all.end() ? &*found : nullptr;
}

/// Where each leaf of the content is from, with its salted digest.
Salted provenance_of(const Ticket& ticket, const Record& content, const Replied& replied, const std::string& time,
                     Salts& salts) {
    constexpr std::size_t kOfOne = 128;  // path, salt and digest with their names, as a rule
    const catalogue::Service& service = *ticket.service;
    Salted made;
    JsonWriter{made.origin}
        .open_object()
        .member("department", service.department->id)
        .member("source", service.source->source())
        .member("record_time", time)
        .member("mapping", service.response->id() + '@' + service.response->version())
        .close_object();
    const std::string_view of_every_leaf = std::string_view{made.origin}.substr(1, made.origin.size() - 2);
    made.entries.reserve(salts.left() * (of_every_leaf.size() + kOfOne));
    JsonWriter entries{made.entries};
    JsonWriter digests{made.digests};
    entries.open_list();
    digests.open_list();
    std::string value;
    auto see = [&](std::string_view pointer, const Record& leaf) {
        const files::Given* file = file_at(replied.files, pointer);
        const std::string salt = salts.next();
        value.clear();
        codec::append_json(value, leaf);
        const std::string digest = file != nullptr ? signing::file_field_digest(salt, pointer, *file->file.octets)
                                                   : signing::field_digest(salt, pointer, value);
        entries.open_object().member("path", pointer).written(of_every_leaf);
        entries.member("salt", salt).member("digest", digest).close_object();
        digests.text(digest);
        if (std::string field = field_of(pointer);
            std::find(made.fields.begin(), made.fields.end(), field) == made.fields.end()) {
            made.fields.push_back(std::move(field));
        }
    };
    if (!content.is_null()) {
        std::string pointer;
        walk_leaves(content, pointer, see);
    }
    entries.close_list();
    digests.close_list();
    return made;
}

/// The files of a certificate. @param addresses  with where and until when they may be fetched.
void write_files(JsonWriter& json, const std::vector<files::Given>& all, const Visit& visit, bool addresses) {
    json.open_list();
    for (const files::Given& one : all) {
        json.open_object().member("path", one.path).member("media_type", one.file.media_type);
        json.member("length", static_cast<long long>(one.length));
        json.member("sha256", to_hex(one.file.sha256));
        if (addresses && one.how == files::Delivery::address) {
            json.member("url", "/v1/exchanges/" + visit.exchange + "/files/" + std::to_string(one.number));
            json.member("until", to_rfc3339(one.until));
        }
        json.close_object();
    }
    json.close_list();
}

/// What is shown in the answer: a file that is given by address stands in `files` alone.
Record shown_of(const Record& content, const std::vector<files::Given>& all) {
    std::vector<std::string> elsewhere;
    for (const files::Given& one : all) {
        if (one.how == files::Delivery::address) {
            elsewhere.push_back(one.path);
        }
    }
    return files::without(content, elsewhere);
}

/// What the envelope and the issuer's statement both say, ready to be written into either.
struct Facts {
    std::string outcome;
    std::string as_of;
    std::string scope;          ///< JSON
    std::string valid_until{};  ///< empty: nothing is said of how long it may be used
    std::string consent{};      ///< JSON; empty: it is given by no consent
};

void write_facts(JsonWriter& json, const Visit& visit, const Ticket& ticket, const Facts& facts) {
    json.member("exchange", visit.answer_id()).member("service", ticket.service->name());
    if (ticket.subset != nullptr) {
        json.member("subset", ticket.subset->id);
    }
    json.member("outcome", facts.outcome).member("as_of", facts.as_of).name("scope").written(facts.scope);
    if (!facts.consent.empty()) {
        json.name("consent").written(facts.consent);
    }
}

/// By which consent it is given, and what may be done with it; empty: by none.
std::string consent_of(const Visit& visit, const Ticket& ticket, std::chrono::system_clock::time_point told) {
    std::string out;
    if (ticket.by_consent && visit.consent) {
        JsonWriter json{out};
        json.open_object().member("id", visit.consent->id).member("mode", consent::name_of(visit.consent->mode));
        json.member("keep_until", consent::keep_until(*visit.consent, told)).close_object();
    }
    return out;
}

/// What the issuer signs. No personal data: the digests stand for the content.
std::string statement(const Visit& visit, const Ticket& ticket, const Facts& facts, std::string_view asked,
                      const Salted& provenance, const std::vector<files::Given>& files) {
    const policy::Context& context = visit.request.context;
    const catalogue::Department& department = *ticket.service->department;
    std::string out;
    out.reserve(2 * (asked.size() + provenance.origin.size() + provenance.digests.size()));
    JsonWriter json{out};
    json.open_object().member("iss", department.uscc).name("issuer").open_object();
    json.member("id", department.id).member("title", department.title).member("uscc", department.uscc).close_object();
    json.member("jti", ticket.material.empty() ? visit.exchange : visit.exchange + '#' + ticket.material);
    json.member("iat", to_unix_seconds(visit.at));
    write_facts(json, visit, ticket, facts);
    json.member("consumer", visit.claim.key->consumer->id).member("purpose", context.purpose);
    json.member("matter", context.matter).member("case_number", context.case_number);
    if (!facts.valid_until.empty()) {
        json.member("valid_until", facts.valid_until);
    }
    json.name("asked").written(asked).name("origin").written(provenance.origin);
    if (!files.empty()) {
        json.name("file_digests");
        write_files(json, files, visit, false);
    }
    json.name("digests").written(provenance.digests).close_object();
    return out;
}

/// The code that this answer's sharing result is checked with, and until when both are good.
/// @return what is kept to check it.
store::SharingResult write_sharing(JsonWriter& json, const Visit& visit, const Ticket& ticket, const Facts& facts,
                                   std::string_view jws) {
    const policy::Context& context = visit.request.context;
    sharing::Made made =
        sharing::make_result({.exchange = visit.answer_id(),
                              .service = ticket.service,
                              .division = searched_division(*ticket.service, ticket.query).value_or(std::string{}),
                              .consumer = visit.claim.key->consumer->id,
                              .outcome = facts.outcome,
                              .as_of = facts.as_of,
                              .matter = context.matter,
                              .case_number = context.case_number,
                              .purpose = context.purpose},
                             *visit.snapshot, jws, facts.valid_until, visit.at);
    json.name("sharing").open_object().member("valid_until", made.valid_until).member("check", "/check");
    json.member("code", made.code).member("code_until", made.code_until).close_object();
    return std::move(made.kept);
}

/// What allowed the answer: the grant, and who approved it when.
void write_approval(JsonWriter& json, const policy::Grant& grant) {
    json.member("grant", grant.id).member("legal_basis", grant.legal_basis);
    if (!grant.approval.application.empty()) {
        json.member("application", grant.approval.application).member("stage", grant.approval.stage);
        json.member("approved_at", grant.approval.at);
    }
}

}  // namespace

Result<Certificate> issue(const Visit& visit, const Ticket& ticket, const Record& record, const Replied& replied,
                          const std::string& outcome) {
    constexpr std::size_t kAsked = 3;
    const Record content = shown_of(record, replied.files);
    const catalogue::Service& service = *ticket.service;
    const catalogue::NamedKey& key = service.department->key.at(visit.at);
    Certificate made;
    made.outcome = outcome;
    made.reply_digests = {service.source->source() + ':' + replied.digest};
    made.reply_digests.insert(made.reply_digests.end(), replied.more.begin(), replied.more.end());
    const bool is_shared = !visit.submitted;
    const Facts facts{.outcome = made.outcome,
                      .as_of = to_rfc3339(replied.at),
                      .scope = scope_of(ticket),
                      .valid_until = is_shared ? sharing::valid_until(*visit.snapshot, visit.at) : std::string{},
                      .consent = consent_of(visit, ticket, replied.at)};
    Salts salts{kAsked + count_leaves(content)};
    const Salted asked = asked_of(ticket, salts);
    Salted provenance =
        provenance_of(ticket, content, replied, replied.record_time.empty() ? facts.as_of : replied.record_time, salts);
    auto jws = signing::sign_jws(statement(visit, ticket, facts, asked.digests, provenance, replied.files), key.id,
                                 "datong-certificate+jws", key.key->default_algorithm(), *key.key);
    if (!jws) {
        return fail(std::move(jws.error()));
    }
    made.jws = std::move(*jws);
    made.fields = std::move(provenance.fields);
    made.files = replied.files;
    for (const files::Given& one : made.files) {
        if (one.how == files::Delivery::address) {
            made.fields.push_back(field_of(one.path));
        }
    }
    made.envelope.reserve(provenance.entries.size() * 2 + made.jws.size());
    JsonWriter json{made.envelope};
    json.open_object();
    write_facts(json, visit, ticket, facts);
    if (visit.submitted) {
        json.member("status", status_path(visit));
    }
    if (replied.already) {
        json.member("already", Record::boolean(true));
    }
    json.name("asked").written(asked.entries);
    if (!content.is_null()) {
        json.member("content", content);
    }
    if (!replied.files.empty()) {
        json.name("files");
        write_files(json, replied.files, visit, true);
    }
    json.member("certificate", made.jws).name("provenance").written(provenance.entries);
    json.name("digests").written(provenance.digests).name("approval").open_object();
    write_approval(json, *ticket.grant);
    json.close_object();
    if (!facts.valid_until.empty()) {
        made.results.push_back(write_sharing(json, visit, ticket, facts, made.jws));
    }
    json.close_object();
    return made;
}

boost::asio::awaitable<Result<Certificate>> issue_beside(Issue made_of, const Threads& threads) {
    const std::shared_ptr<const Visit> visit = made_of.visit;
    const bool waits = crypto::is_in_token(*made_of.ticket.service->department->key.at(visit->at).key);
    const std::function<Result<Certificate>()> work = [made_of = std::make_shared<const Issue>(std::move(made_of))] {
        return issue(*made_of->visit, made_of->ticket, made_of->record, made_of->replied, made_of->outcome);
    };
    auto made = waits ? co_await by_token<Certificate>(threads, work) : work();
    if (made) {
        std::move(made->results.begin(), made->results.end(), std::back_inserter(*visit->results));
    }
    co_return made;
}

std::string status_path(const Visit& visit) {
    return visit.submitted ? "/v1/submissions/" + visit.submitted->id
                           : "/v1/exchanges/" + visit.answer_id() + "/materials";
}

Certificate unsigned_word(const Visit& visit, const Ticket& ticket, const std::string& outcome,
                          std::chrono::system_clock::time_point now) {
    Certificate made;
    made.outcome = outcome;
    JsonWriter json{made.envelope};
    json.open_object();
    write_facts(json, visit, ticket, {.outcome = outcome, .as_of = to_rfc3339(now), .scope = scope_of(ticket)});
    json.member("status", status_path(visit)).close_object();
    return made;
}

}  // namespace datong::exchange
