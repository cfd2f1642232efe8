#include "core/telemetry/events.h"

namespace datong::telemetry {
namespace {

double to_seconds(std::chrono::microseconds time) {
    return std::chrono::duration<double>{time}.count();
}

}  // namespace

void emit(Sink& sink, const GatewayStarted& event) {
    sink.line(Level::info, "gateway_started",
              {{"name", event.name}, {"version", event.version}, {"stage", event.stage}, {"port", event.port}});
}

void emit(Sink& sink, const GatewayDraining& event) {
    sink.line(Level::info, "gateway_draining",
              {{"grace_ms", std::int64_t{event.grace.count()}}, {"connections", event.connections}});
}

void emit(Sink& sink, const GatewayStopped&) {
    sink.line(Level::info, "gateway_stopped", {});
}

void emit(Sink& sink, const SnapshotInForce& event) {
    sink.line(Level::info, "snapshot_in_force", {{"digest", event.digest}});
    sink.count("datong_app_snapshots_total", {{"result", "in_force"}});
}

void emit(Sink& sink, const SnapshotRefused& event) {
    sink.line(Level::error, "snapshot_refused",
              {{"mistakes", event.mistakes}, {"file", event.file}, {"line", event.line}});
    sink.count("datong_app_snapshots_total", {{"result", "refused"}});
}

void emit(Sink& sink, const CallAnswered& event) {
    sink.line(Level::info, "call_answered",
              {{"service", event.service},
               {"consumer", event.consumer},
               {"outcome", event.outcome},
               {"status", event.status},
               {"exchange", event.exchange},
               {"took_us", std::int64_t{event.took.count()}}});
    sink.count("datong_exchange_calls_total",
               {{"service", event.service}, {"consumer", event.consumer}, {"outcome", event.outcome}});
    sink.observe("datong_exchange_call_seconds", {{"service", event.service}}, to_seconds(event.took));
}

void emit(Sink& sink, const CallRefused& event) {
    sink.line(Level::warn, "call_refused",
              {{"fault", event.fault},
               {"consumer", event.consumer},
               {"service", event.service},
               {"exchange", event.exchange}});
    sink.count("datong_exchange_refusals_total",
               {{"fault", event.fault}, {"consumer", event.consumer}, {"service", event.service}});
}

void emit(Sink& sink, const SubjectsNearCap& event) {
    sink.line(Level::warn, "subjects_near_cap",
              {{"consumer", event.consumer},
               {"circle", event.circle},
               {"grant", event.grant},
               {"asked", event.asked},
               {"most", event.most},
               {"exchange", event.exchange}});
    sink.count("datong_exchange_subjects_near_total", {{"consumer", event.consumer}, {"circle", event.circle}});
}

void emit(Sink& sink, const ManyMisses& event) {
    sink.line(Level::warn, "many_misses",
              {{"consumer", event.consumer},
               {"missing", event.missing},
               {"answered", event.answered},
               {"exchange", event.exchange}});
    sink.count("datong_exchange_guessing_total", {{"consumer", event.consumer}});
}

void emit(Sink& sink, const PluginRefused& event) {
    sink.line(Level::error, "plugin_refused", {{"kind", event.kind}, {"file", event.file}, {"why", event.why}});
    sink.count("datong_adapter_plugins_refused_total", {{"kind", event.kind}});
}

void emit(Sink& sink, const SourceFailed& event) {
    sink.line(Level::warn, "source_failed",
              {{"source", event.source},
               {"fault", event.fault},
               {"exchange", event.exchange},
               {"waited_ms", std::int64_t{event.waited.count()}}});
    sink.count("datong_adapter_failures_total", {{"source", event.source}, {"fault", event.fault}});
}

void emit(Sink& sink, const SecretLent& event) {
    const std::string_view fault = event.fault.empty() ? std::string_view{"none"} : event.fault;
    sink.line(event.fault.empty() ? Level::debug : Level::warn, "secret_lent",
              {{"profile", event.profile}, {"fault", fault}});
    sink.count("datong_outbound_lendings_total", {{"profile", event.profile}, {"fault", fault}});
}

void emit(Sink& sink, const BreakerOpened& event) {
    sink.line(Level::warn, "breaker_opened", {{"source", event.source}});
    sink.gauge("datong_adapter_breaker_open_flag", {{"source", event.source}}, 1);
}

void emit(Sink& sink, const BreakerClosed& event) {
    sink.line(Level::info, "breaker_closed", {{"source", event.source}});
    sink.gauge("datong_adapter_breaker_open_flag", {{"source", event.source}}, 0);
}

void emit(Sink& sink, const SourceDrifted& event) {
    sink.line(Level::warn, "source_drifted",
              {{"source", event.source}, {"operation", event.operation}, {"kind", event.kind}, {"path", event.path}});
    sink.count("datong_sources_drift_total", {{"source", event.source}, {"kind", event.kind}});
}

void emit(Sink& sink, const StateLost& event) {
    sink.line(Level::warn, "state_lost", {{"why", event.why}});
    sink.count("datong_app_states_lost_total", {});
}

void emit(Sink& sink, const SourceOrdered& event) {
    sink.line(Level::info, "source_ordered",
              {{"source", event.source}, {"order", event.order}, {"until", event.until}});
    sink.count("datong_sources_orders_total", {{"source", event.source}, {"order", event.order}});
}

void emit(Sink& sink, const MappingFailed& event) {
    sink.line(Level::warn, "mapping_failed",
              {{"mapping", event.mapping}, {"path", event.path}, {"rule", event.rule}, {"exchange", event.exchange}});
    sink.count("datong_mapping_failures_total", {{"mapping", event.mapping}, {"rule", event.rule}});
}

void emit(Sink& sink, const EvidenceTornTail& event) {
    sink.line(Level::warn, "evidence_torn_tail", {{"file", event.file}, {"bytes_cut", event.bytes_cut}});
    sink.count("datong_evidence_torn_tails_total", {});
}

void emit(Sink& sink, const EvidenceFailed& event) {
    sink.line(Level::error, "evidence_failed", {{"why", event.why}});
    sink.count("datong_evidence_failures_total", {});
}

void emit(Sink& sink, const SealFailed& event) {
    sink.line(Level::error, "seal_failed", {{"why", event.why}});
    sink.count("datong_seals_failures_total", {});
}

void emit(Sink& sink, const StampFailed& event) {
    sink.line(Level::error, "stamp_failed", {{"why", event.why}});
    sink.count("datong_seals_stamp_failures_total", {});
}

void emit(Sink& sink, const AnchorFailed& event) {
    sink.line(Level::error, "anchor_failed", {{"why", event.why}});
    sink.count("datong_seals_anchor_failures_total", {});
}

void emit(Sink& sink, const EvidenceSpace& event) {
    sink.line(Level::warn, "evidence_space", {{"state", event.state}});
    sink.count("datong_evidence_space_events_total", {{"state", event.state}});
}

void emit(Sink& sink, const OrphansClosed& event) {
    sink.line(Level::warn, "orphans_closed", {{"count", event.count}, {"first", event.first}});
    for (std::int64_t i = 0; i < event.count; ++i) {
        sink.count("datong_evidence_orphans_total", {});
    }
}

void emit(Sink& sink, const StoreFailed& event) {
    sink.line(Level::error, "store_failed", {{"why", event.why}});
    sink.count("datong_store_failures_total", {});
}

void emit(Sink& sink, const AwaitedDropped& event) {
    sink.line(Level::warn, "awaited_dropped", {{"calls", event.calls}});
}

void emit(Sink& sink, const ClockDoubted& event) {
    sink.line(Level::warn, "clock_doubted", {{"clock", event.clock}, {"known", event.known}});
}

void emit(Sink& sink, const ConnectionRefused& event) {
    sink.line(Level::debug, "connection_refused", {{"why", event.why}});
    sink.count("datong_http_connections_refused_total", {{"why", event.why}});
}

void emit(Sink& sink, const CertificateDoubted& event) {
    sink.line(Level::warn, "certificate_doubted",
              {{"sha256", event.sha256}, {"standing", event.standing}, {"why", event.why}});
    sink.count("datong_revocation_findings_total", {{"standing", event.standing}});
}

void emit(Sink& sink, const RevocationUnreachable& event) {
    sink.line(Level::warn, "revocation_unreachable", {{"where", event.where}, {"why", event.why}});
    sink.count("datong_revocation_failures_total", {});
}

void emit(Sink& sink, const HandlerThrew& event) {
    sink.line(Level::error, "handler_threw", {{"exception", event.exception}, {"method", event.method}});
    sink.count("datong_http_handler_throws_total", {});
}

}  // namespace datong::telemetry
