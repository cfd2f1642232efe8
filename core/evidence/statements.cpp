#include <utility>

#include "core/codec/json.h"
#include "core/evidence/proof.h"
#include "core/signing/jws.h"

namespace datong::evidence {
namespace {

using record::Record;

constexpr SignatureReasons kOfOrder{.unknown_key = "order_key_unknown",
                                    .others_key = "order_key",
                                    .retired_key = "order_key_retired",
                                    .no_proof = "order_signature"};
constexpr SignatureReasons kOfStatement{.unknown_key = "statement_key_unknown",
                                        .others_key = "statement_key",
                                        .retired_key = "statement_key_retired",
                                        .no_proof = "statement_signature"};

}  // namespace

/// What a statement in a record says, once it was signed by a key of its owner's.
tl::expected<Record, Reason> Prover::read_statement(const std::string& compact, std::string_view owner,
                                                    const Record& entry, const SignatureReasons& reasons) {
    const auto jws = signing::read_jws(compact);
    keyid_ = jws ? jws->keyid() : std::string{};
    const auto key = keys_.find(keyid_);
    if (jws && key == keys_.end()) {
        return tl::unexpected{reasons.unknown_key};
    }
    if (jws && key->second.owner != owner) {
        return tl::unexpected{reasons.others_key};
    }
    auto said = jws ? codec::read_json(jws->payload) : fail(jws.error());
    if (!said || !signing::verify_jws(*jws, key->second.key)) {
        return tl::unexpected{reasons.no_proof};
    }
    if (const Reason reason = check_time(key->second, keyid_, entry.text_of("at"), reasons.retired_key);
        !reason.empty()) {
        return tl::unexpected{reason};
    }
    return std::move(*said);
}

/// That the department itself ordered this of this source.
Reason Prover::check_order(const Record& entry) {
    const std::string source = entry.text_of("source");
    const std::string owner = "department:" + source.substr(0, source.find('/'));
    const auto order = read_statement(entry.text_of("order"), owner, entry, kOfOrder);
    return order ? counted(order->text_of("source") == source, kOfOrder.no_proof) : order.error();
}

/// That the gateway itself said it: what was erased or archived, what somebody who administers did, what came after a
/// call's answer. One kind of statement does not stand for another, nor one call's for another's.
Reason Prover::check_statement(const Record& entry) {
    const auto said = read_statement(entry.text_of("statement"), "gateway", entry, kOfStatement);
    if (!said) {
        return said.error();
    }
    const bool is_of_it = said->text_of("at") == entry.text_of("at") &&
                          said->text_of("kind") == entry.text_of("kind") &&
                          said->text_of("exchange") == entry.text_of("exchange");
    return counted(is_of_it, kOfStatement.no_proof);
}

/// Counts a signature whose statement speaks of its record.
Reason Prover::counted(bool is_of_it, Reason otherwise) {
    if (!is_of_it) {
        return otherwise;
    }
    ++signatures_;
    keyid_.clear();
    return {};
}

}  // namespace datong::evidence
