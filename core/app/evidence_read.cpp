#include "core/app/recall.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

#include "core/app/map_files.h"
#include "core/app/program.h"
#include "core/base/clock.h"
#include "core/container/gather.h"
#include "core/crypto/x509_path.h"
#include "core/evidence/files.h"
#include "core/exchange/admit.h"
#include "core/policy/certificates.h"
#include "core/policy/fields.h"
#include "core/policy/grants.h"
#include "core/record/date.h"
#include "core/seals/record_reader.h"
#include "core/vault/shelf.h"

namespace datong::app {
namespace {

constexpr std::chrono::seconds kPatience{3};
constexpr std::chrono::milliseconds kPause{50};

/// Number of the last record that is whole now, looked for from one number on.
Result<std::int64_t> last_record(const std::string& folder, std::int64_t from) {
    seals::RecordReader reader{folder, static_cast<std::uint64_t>(from)};
    for (;;) {
        const auto payload = reader.next();
        if (!payload) {
            return fail(payload.error());
        }
        if (!*payload) {
            return static_cast<std::int64_t>(reader.number()) - 1;
        }
    }
}

/// What stands there now is taken up by the gateway that runs; the very last records may not be durable and never come.
Status wait_for_gateway(ledger::Index& index, const std::string& folder) {
    auto taken = index.last();
    const auto there = taken ? last_record(folder, *taken + 1) : fail(taken.error());
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (taken && there && *taken < *there && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(kPause);
        taken = index.last();
    }
    return !taken ? fail(taken.error()) : there ? Status{} : fail(there.error());
}

/// What the configuration alone names.
container::AtHand at_hand_by(const catalogue::Gateway& gateway, std::vector<std::string>& unread) {
    container::AtHand all;
    for (const std::string& file : gateway.evidence.revocations) {
        if (auto octets = read_text(file)) {
            all.answers.push_back(std::move(*octets));
        } else {
            unread.push_back(file + ": can't be read");
        }
    }
    for (const catalogue::StampAuthority& authority : gateway.evidence.stamp_by) {
        all.x509.push_back(authority.anchors_pem);
    }
    if (gateway.listen.tls) {
        all.x509.push_back(gateway.listen.tls->client_ca_pem);
    }
    return all;
}

/// Faults, and what is withheld for the sake of the others, told nothing.
bool told_nothing(const std::string& outcome) {
    return outcome == "withheld" || fault_by_code(outcome);
}

/// Which predicates were asked is not in the index: of them it must let any be asked.
bool lets_again(const policy::Grant& grant, const std::string& service, const evidence::MaterialAnswered& told,
                const catalogue::Service* known) {
    if (told.outcome == "match" || told.outcome == "mismatch") {
        const auto is_asked = [&grant](const catalogue::Subset& one) {
            return one.is_asked() && grant.has_subset(one.id);
        };
        return !grant.verify.empty() || (known != nullptr && std::ranges::any_of(known->subsets, is_asked));
    }
    const auto& fields = grant.fields_of(service);
    return std::ranges::all_of(told.fields, [&fields](const auto& one) { return policy::covers(fields, one); });
}

}  // namespace

bool is_still_granted(const ledger::Entry& entry, const catalogue::Snapshot& snapshot,
                      std::chrono::system_clock::time_point at) {
    const auto today = record::to_civil(at).date;
    return std::ranges::all_of(entry.materials, [&](const evidence::MaterialAnswered& told) {
        const std::string id = ledger::before(told.service, '@');
        const catalogue::Service* service = snapshot.service(id);
        const auto is_enough = [&](const policy::Grant* grant) {
            return grant->is_in_force(today) &&
                   std::ranges::find(grant->purposes, entry.purpose) != grant->purposes.end() &&
                   policy::lies_in(entry.operator_division, grant->territory) &&
                   lets_again(*grant, id, told, service) &&
                   (!entry.consent.empty() || !exchange::needs_consent(service, grant));
        };
        return told_nothing(told.outcome) || std::ranges::any_of(snapshot.granted.of(entry.consumer, id), is_enough);
    });
}

Result<std::unique_ptr<ledger::Index>> open_index(const std::string& evidence_folder) {
    auto index = ledger::Index::open(ledger::Index::file_of(evidence_folder));
    if (!index) {
        return index;
    }
    Status whole;
    if (evidence::FolderLock::is_taken(evidence_folder)) {
        whole = wait_for_gateway(**index, evidence_folder);
    } else if (const auto fed = (*index)->feed(evidence_folder); !fed) {
        whole = fail(fed.error());
    }
    return whole ? std::move(index) : fail(std::move(whole.error()));
}

Result<ledger::Entry> find_exchange(const std::string& evidence_folder, const std::string& exchange) {
    const auto index = open_index(evidence_folder);
    auto found = index ? (*index)->find(exchange) : fail(index.error());
    if (!found) {
        return fail(std::move(found.error()));
    }
    return *found ? Result<ledger::Entry>{std::move(**found)}
                  : fail(Fault::no_such_resource, "没有该编号的交换 no exchange of this id");
}

container::AtHand at_hand_for(const ledger::Entry& entry, const catalogue::Snapshot& snapshot,
                              const revocation::Watch* watch) {
    std::vector<std::string> unread;
    container::AtHand all = at_hand_by(snapshot.gateway, unread);
    if (watch == nullptr) {
        return all;
    }
    const auto consumer = snapshot.consumers.find(entry.consumer);
    const auto is_of_consumer = [&](const std::string& sha256, const std::string& subject) {
        return consumer != snapshot.consumers.end() && !consumer->second->certificates.empty() &&
               policy::check_certificate(consumer->second->certificates, {.sha256 = sha256, .subject = subject})
                   .has_value();
    };
    auto known = watch->at_hand(is_of_consumer);
    for (auto* answers : {&known.lists, &known.responses}) {
        std::move(answers->begin(), answers->end(), std::back_inserter(all.answers));
    }
    all.connection = known.chains.empty() ? std::string{} : known.chains.front();
    std::move(known.chains.begin(), known.chains.end(), std::back_inserter(all.x509));
    return all;
}

container::AtHand at_hand_for(const catalogue::Snapshot& snapshot, std::vector<std::string>& unread) {
    container::AtHand all = at_hand_by(snapshot.gateway, unread);
    const auto& rules = snapshot.gateway.listen.revocation;
    const auto outside = outside_within(rules ? rules->timeout : std::chrono::milliseconds{});
    for (const std::string& name : rules ? rules->crls : std::vector<std::string>{}) {
        auto list = outside.read(name);
        if (const auto readable = list ? crypto::check_crls(*list) : fail(list.error()); !readable) {
            unread.push_back(name + ": " + readable.error().detail());
            continue;
        }
        all.answers.push_back(std::move(*list));
    }
    return all;
}

Result<std::string> container_of(const ledger::Entry& entry, const catalogue::Gateway& gateway,
                                 const record::Record& keys, std::chrono::system_clock::time_point at, Reader reader,
                                 container::AtHand at_hand) {
    const auto shelf = vault::Shelf::open(vault::Shelf::file_of(gateway.evidence_folder));
    auto bodies = shelf ? (*shelf)->find(entry.exchange) : fail(shelf.error());
    if (!bodies) {
        return fail(std::move(bodies.error()));
    }
    const bool is_without_answer = reader == Reader::consumer_without_answer;
    if (reader != Reader::gateway_operator) {
        std::erase_if(*bodies, [is_without_answer](const vault::Body& body) {
            return body.name.starts_with(vault::kReply) || (is_without_answer && body.name == vault::kAnswer);
        });
    }
    const catalogue::NamedKey& key = gateway.key.at(at);
    at_hand.signer = key.chain_pem;
    at_hand.x509.push_back(key.chain_pem);
    const container::Proven proven{.evidence_folder = gateway.evidence_folder,
                                   .entry = entry,
                                   .bodies = std::move(*bodies),
                                   .is_answer_withheld = is_without_answer,
                                   .keys = keys,
                                   .at = to_rfc3339(at),
                                   .at_hand = std::move(at_hand)};
    return container::make_container(proven, {.key = *key.key, .x509_pem = key.chain_pem});
}

}  // namespace datong::app
