#include "core/exchange/issue.h"

#include <span>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/signing/field_digest.h"
#include "core/signing/jws.h"

namespace datong::exchange {
namespace {

using record::Record;

constexpr std::size_t kSaltBytes = 16;

/// A scalar or an empty container of the content, and where it stands (RFC 6901): an empty list is a
/// statement too ("no mortgages") and must not be one that can be put in.
struct Leaf {
    std::string pointer;
    const Record* value;
};

std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) {
        out += c == '~' ? std::string{"~0"} : c == '/' ? std::string{"~1"} : std::string(1, c);
    }
    return out;
}

void gather(const Record& at, const std::string& pointer, std::vector<Leaf>& leaves) {
    if (at.is_object() && !at.members().empty()) {
        for (const record::Member& member : at.members()) {
            gather(member.value, pointer + '/' + escaped(member.name), leaves);
        }
        return;
    }
    if (at.is_list() && !at.items().empty()) {
        for (std::size_t i = 0; i < at.items().size(); ++i) {
            gather(at.items()[i], pointer + '/' + std::to_string(i), leaves);
        }
        return;
    }
    leaves.push_back({pointer, &at});
}

Record texts(std::span<const std::string> list) {
    Record out = Record::list();
    for (const std::string& one : list) {
        out.add(Record::text(one));
    }
    return out;
}

/// The registers, and of their divisions the one that was searched where the query chooses it.
Record scope_of(const Ticket& ticket) {
    const catalogue::Service& service = *ticket.service;
    const std::string searched = ticket.query.text_of(service.searched_division);
    Record scope = Record::object();
    scope.put("registers", texts(service.registers));
    scope.put("divisions", texts(searched.empty() ? service.divisions : std::vector{searched}));
    return scope;
}

/// Salted digests of who and what was asked: signed by the issuer, they bind even a "no such record" to
/// its person, and tell nobody else who that is.
Record asked_of(const Ticket& ticket) {
    Record asked = Record::list();
    const Record id_no = Record::text(ticket.about->id_no.reveal());
    for (const auto& [path, value] : {std::pair{"/id_no", &id_no}, std::pair{"/query", &ticket.query}}) {
        const std::string salt = to_base64url(crypto::random_bytes(kSaltBytes));
        Record entry = Record::object();
        entry.put("path", Record::text(path));
        entry.put("salt", Record::text(salt));
        entry.put("digest", Record::text(signing::field_digest(salt, path, codec::write_json(*value))));
        asked.add(std::move(entry));
    }
    return asked;
}

Record digests_in(const Record& entries) {
    Record digests = Record::list();
    for (const Record& entry : entries.items()) {
        digests.add(Record::text(entry.text_of("digest")));
    }
    return digests;
}

struct Provenance {
    Record entries = Record::list();
    Record digests = Record::list();
};

Provenance provenance_of(const Ticket& ticket, const Record& content, const std::string& time) {
    Provenance made;
    std::vector<Leaf> leaves;
    if (!content.is_null()) {
        gather(content, "", leaves);
    }
    const std::string salts = crypto::random_bytes(kSaltBytes * leaves.size());
    const catalogue::Service& service = *ticket.service;
    const std::string mapping = service.response->id() + '@' + service.response->version();
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const std::string salt = to_base64url(std::string_view{salts}.substr(i * kSaltBytes, kSaltBytes));
        std::string digest = signing::field_digest(salt, leaves[i].pointer, codec::write_json(*leaves[i].value));
        made.digests.add(Record::text(digest));
        Record::Object entry;
        entry.reserve(7);
        entry.push_back({"path", Record::text(std::move(leaves[i].pointer))});
        entry.push_back({"department", Record::text(service.department->id)});
        entry.push_back({"source", Record::text(service.source->source())});
        entry.push_back({"record_time", Record::text(time)});
        entry.push_back({"mapping", Record::text(mapping)});
        entry.push_back({"salt", Record::text(salt)});
        entry.push_back({"digest", Record::text(std::move(digest))});
        made.entries.add(Record::object(std::move(entry)));
    }
    return made;
}

Record issuer_of(const catalogue::Department& department) {
    Record issuer = Record::object();
    issuer.put("id", Record::text(department.id));
    issuer.put("title", Record::text(department.title));
    issuer.put("uscc", Record::text(department.uscc));
    return issuer;
}

/// What the issuer signs. No personal data: the digests stand for the content.
Record statement(const Visit& visit, const Ticket& ticket, const Record& envelope, Record digests) {
    const policy::Context& context = visit.request.context;
    Record made = Record::object();
    made.put("iss", Record::text(ticket.service->department->uscc));
    made.put("issuer", issuer_of(*ticket.service->department));
    made.put("jti", Record::text(ticket.material.empty() ? visit.exchange : visit.exchange + '#' + ticket.material));
    made.put("iat", Record::integer(to_unix_seconds(visit.at)));
    for (const std::string_view name : {"exchange", "service", "outcome", "as_of", "scope"}) {
        made.put(std::string{name}, *envelope.find(name));
    }
    made.put("consumer", Record::text(visit.claim.key->consumer->id));
    made.put("purpose", Record::text(context.purpose));
    made.put("matter", Record::text(context.matter));
    made.put("case_number", Record::text(context.case_number));
    made.put("asked", digests_in(*envelope.find("asked")));
    made.put("digests", std::move(digests));
    return made;
}

Record approval_of(const Ticket& ticket) {
    Record approval = Record::object();
    approval.put("grant", Record::text(ticket.grant->id));
    approval.put("legal_basis", Record::text(ticket.grant->legal_basis));
    return approval;
}

}  // namespace

Result<Certificate> issue(const Visit& visit, const Ticket& ticket, Record content, const Replied& replied) {
    const catalogue::Service& service = *ticket.service;
    const catalogue::NamedKey& key = service.department->key;
    const std::string as_of = to_rfc3339(replied.at);
    Certificate made;
    made.outcome = content.is_null() ? "not_found" : "found";
    made.reply_digest = service.source->source() + ':' + replied.digest;
    Provenance provenance = provenance_of(ticket, content, replied.record_time.empty() ? as_of : replied.record_time);
    Record& envelope = made.envelope;
    envelope.put("exchange", Record::text(visit.exchange));
    envelope.put("service", Record::text(service.name()));
    envelope.put("outcome", Record::text(made.outcome));
    envelope.put("as_of", Record::text(as_of));
    envelope.put("scope", scope_of(ticket));
    envelope.put("asked", asked_of(ticket));
    if (!content.is_null()) {
        envelope.put("content", std::move(content));
    }
    const std::string payload = codec::write_json(statement(visit, ticket, envelope, provenance.digests));
    auto jws = signing::sign_jws(payload, key.id, "datong-certificate+jws", key.key->default_algorithm(), *key.key);
    if (!jws) {
        return fail(std::move(jws.error()));
    }
    made.jws = std::move(*jws);
    envelope.put("certificate", Record::text(made.jws));
    envelope.put("provenance", std::move(provenance.entries));
    envelope.put("digests", std::move(provenance.digests));
    envelope.put("approval", approval_of(ticket));
    return made;
}

}  // namespace datong::exchange
