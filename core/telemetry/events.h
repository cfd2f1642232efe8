#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "core/telemetry/sink.h"

namespace datong::telemetry {

// Each event makes one log line and, where it says so, one metric. No field holds personal data: texts
// are ids, names from the configuration, or codes of bounded sets. Error: somebody must act now. Warn:
// look. Info: something took effect.

/// Info.
struct GatewayStarted {
    std::string_view name;     ///< of gateway.yaml
    std::string_view version;  ///< of the program
    std::string_view stage;    ///< "sandbox" or "production"
    std::int64_t port{};
};

/// No new connections; open calls may finish. Info.
struct GatewayDraining {
    std::chrono::milliseconds grace{};
    std::int64_t connections{};
};

/// Info.
struct GatewayStopped {};

/// A configuration took effect. Info; datong_app_snapshots_total{result="in_force"}.
struct SnapshotInForce {
    std::string_view digest;  ///< hex
};

/// A configuration was refused; the one before stays. Error; datong_app_snapshots_total{result="refused"}.
struct SnapshotRefused {
    std::int64_t mistakes{};
    std::string_view file;  ///< of the first mistake
    std::int64_t line{};
};

/// A supplier's plug-in was not loaded, so its sources answer nobody. Error;
/// datong_adapter_plugins_refused_total{kind}.
struct PluginRefused {
    std::string_view kind;  ///< of gateway.yaml
    std::string_view file;
    std::string_view why;
};

/// Info; datong_exchange_calls_total{service, consumer, outcome}, datong_exchange_call_seconds{service}.
struct CallAnswered {
    std::string_view service;
    std::string_view consumer;
    std::string_view outcome;  ///< "found", "not_found", "match" ...
    std::int64_t status{};     ///< HTTP
    std::string_view exchange;
    std::chrono::microseconds took{};
};

/// Warn; datong_exchange_refusals_total{fault, consumer, service}.
struct CallRefused {
    std::string_view fault;     ///< code of the fault table
    std::string_view consumer;  ///< empty while unknown
    std::string_view service;   ///< empty while unknown; only names of the configuration
    std::string_view exchange;
};

/// Four fifths of the persons are asked about whom a consumer, or one of its grants or accounts, may ask about within
/// the hour. Warn; datong_exchange_subjects_near_total{consumer, circle}.
struct SubjectsNearCap {
    std::string_view consumer;
    std::string_view circle;  ///< "consumer", "grant" or "account": which one, the evidence of the exchange says
    std::string_view grant;   ///< of circle grant
    std::int64_t asked{};
    std::int64_t most{};
    std::string_view exchange;
};

/// Most of a consumer's questions of the hour were about records that there are not. Warn;
/// datong_exchange_guessing_total{consumer}.
struct ManyMisses {
    std::string_view consumer;
    std::int64_t missing{};
    std::int64_t answered{};
    std::string_view exchange;
};

/// A department's system did not answer. Warn; datong_adapter_failures_total{source, fault}.
struct SourceFailed {
    std::string_view source;
    std::string_view fault;
    std::string_view exchange;
    std::chrono::milliseconds waited{};
};

/// A platform was asked for the secret or token that it lends. Debug, or warn with a fault;
/// datong_outbound_lendings_total{profile, fault}.
struct SecretLent {
    std::string_view profile;
    std::string_view fault;  ///< empty: it came, which the metric calls "none"
};

/// Calls to the source are refused until it has rested. Warn; datong_adapter_breaker_open_flag{source} 1.
struct BreakerOpened {
    std::string_view source;
};

/// Info; datong_adapter_breaker_open_flag{source} 0.
struct BreakerClosed {
    std::string_view source;
};

/// A source's replies are not what they were. Names where, never what. Warn; datong_sources_drift_total{source, kind}.
struct SourceDrifted {
    std::string_view source;
    std::string_view operation;
    std::string_view kind;  ///< "new_field", "gone", "new_code", "new_type", "null_rate"
    std::string_view path;  ///< in the department's words: "QLRS.QLR.QLBL"
};

/// What was kept over the restart can't be read: it begins anew. Warn; datong_app_states_lost_total.
struct StateLost {
    std::string_view why;
};

/// A department paused a source of its own, or opened it again. Info; datong_sources_orders_total{source, order}.
struct SourceOrdered {
    std::string_view source;
    std::string_view order;  ///< "pause" or "resume"
    std::string_view until;  ///< RFC 3339; empty: until it orders otherwise
};

/// A field could not be translated. Names where, never what. Warn;
/// datong_mapping_failures_total{mapping, rule}.
struct MappingFailed {
    std::string_view mapping;
    std::string_view path;  ///< in the mapping's own words: "owner.id_number"
    std::string_view rule;
    std::string_view exchange;
};

/// The last record of the evidence was half written when the machine stopped; it was cut off. Warn;
/// datong_evidence_torn_tails_total.
struct EvidenceTornTail {
    std::string_view file;
    std::int64_t bytes_cut{};
};

/// Nothing can be recorded, so nothing is answered. Error; datong_evidence_failures_total.
struct EvidenceFailed {
    std::string_view why;
};

/// Records could not be sealed; it is tried again. Error; datong_seals_failures_total.
struct SealFailed {
    std::string_view why;
};

/// No time-stamping authority gave a stamp that holds; seals stand unstamped meanwhile. Error;
/// datong_seals_stamp_failures_total.
struct StampFailed {
    std::string_view why;
};

/// The newest seal could not be published; it is tried again with the next. Error; datong_seals_anchor_failures_total.
struct AnchorFailed {
    std::string_view why;
};

/// The room that is left for evidence. Warn; datong_evidence_space_events_total{state}.
struct EvidenceSpace {
    std::string_view state;  ///< "enough", "low" (readiness is false), "full" (calls are refused)
};

/// Exchanges that a crash left without an outcome were closed as unknown. Warn; datong_evidence_orphans_total.
struct OrphansClosed {
    std::int64_t count{};
    std::string_view first;  ///< exchange
};

/// The store of submissions can't be read or written. Error; datong_store_failures_total.
struct StoreFailed {
    std::string_view why;
};

/// What was awaited of calls that the log does not know as answered is asked for no more: a crash left it, or the store
/// is not this log's. Warn.
struct AwaitedDropped {
    std::int64_t calls{};
};

/// The clock is ahead of all that is known by more than a month: for a day nothing is deleted by its word. Warn.
struct ClockDoubted {
    std::string_view clock;  ///< what it says
    std::string_view known;  ///< what deleting goes by meanwhile
};

/// Debug (strangers must not fill the log); datong_http_connections_refused_total{why}.
struct ConnectionRefused {
    std::string_view why;  ///< "full", "address" (too many of one), "tls", "token" (gave no signature), "draining"
};

/// A client certificate is revoked, or nothing current is known of it. Warn;
/// datong_revocation_findings_total{standing}.
struct CertificateDoubted {
    std::string_view sha256;    ///< fingerprint
    std::string_view standing;  ///< "revoked", "let_pass" (soft), "refused" (hard)
    std::string_view why;
};

/// A list or responder could not be used. Warn; datong_revocation_failures_total.
struct RevocationUnreachable {
    std::string_view where;  ///< file or URL of the configuration
    std::string_view why;
};

/// A defect of ours. Error; datong_http_handler_throws_total.
struct HandlerThrew {
    std::string_view exception;  ///< the exception's type; its text may quote the data
    std::string_view method;     ///< HTTP
};

void emit(Sink& sink, const GatewayStarted& event);
void emit(Sink& sink, const GatewayDraining& event);
void emit(Sink& sink, const GatewayStopped& event);
void emit(Sink& sink, const SnapshotInForce& event);
void emit(Sink& sink, const PluginRefused& event);
void emit(Sink& sink, const SnapshotRefused& event);
void emit(Sink& sink, const CallAnswered& event);
void emit(Sink& sink, const CallRefused& event);
void emit(Sink& sink, const SubjectsNearCap& event);
void emit(Sink& sink, const ManyMisses& event);
void emit(Sink& sink, const SourceFailed& event);
void emit(Sink& sink, const SecretLent& event);
void emit(Sink& sink, const BreakerOpened& event);
void emit(Sink& sink, const BreakerClosed& event);
void emit(Sink& sink, const SourceDrifted& event);
void emit(Sink& sink, const StateLost& event);
void emit(Sink& sink, const SourceOrdered& event);
void emit(Sink& sink, const MappingFailed& event);
void emit(Sink& sink, const EvidenceTornTail& event);
void emit(Sink& sink, const EvidenceFailed& event);
void emit(Sink& sink, const SealFailed& event);
void emit(Sink& sink, const StampFailed& event);
void emit(Sink& sink, const AnchorFailed& event);
void emit(Sink& sink, const EvidenceSpace& event);
void emit(Sink& sink, const OrphansClosed& event);
void emit(Sink& sink, const StoreFailed& event);
void emit(Sink& sink, const AwaitedDropped& event);
void emit(Sink& sink, const ClockDoubted& event);
void emit(Sink& sink, const ConnectionRefused& event);
void emit(Sink& sink, const CertificateDoubted& event);
void emit(Sink& sink, const RevocationUnreachable& event);
void emit(Sink& sink, const HandlerThrew& event);

}  // namespace datong::telemetry
