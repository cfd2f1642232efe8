#include "core/app/program.h"

#include "adapters/all.h"
#include "core/access/desk.h"
#include "core/app/recall.h"
#include "core/charset/charset.h"
#include "core/doors/national_door.h"
#include "core/doors/rest_door.h"
#include "core/doors/soap_door.h"
#include "core/platforms/access_call.h"
#include "core/platforms/access_token.h"
#include "core/platforms/check_door.h"
#include "core/platforms/envelope_call.h"
#include "core/platforms/licence_a.h"
#include "core/platforms/licence_b.h"
#include "core/platforms/one_path_door.h"
#include "core/sources/status.h"
#include "core/telemetry/events.h"

namespace datong::app {
namespace {

Mistakes one_mistake(const std::string& file, std::string text) {
    return {{{file, 0, 0}, "C220", Severity::error, "启动失败", std::move(text), ""}};
}

/// Says which settings of gateway.yaml are not those that the program runs with, and has these go on in all of it: of
/// what waits for a restart no half may be in force.
void carry_over(const catalogue::Gateway& before, catalogue::Gateway& after, const std::string& file,
                Mistakes& mistakes) {
    const auto note = [&](bool changed, const std::string& name) {
        if (changed) {
            mistakes.push_back({{file, 0, 0},
                                "C221",
                                Severity::warning,
                                name + " 的改动重启后才生效",
                                "the change of " + name + " takes effect after a restart",
                                ""});
        }
    };
    note(before.listen.address != after.listen.address || before.listen.port != after.listen.port, "listen");
    note(before.admin.address != after.admin.address || before.admin.port != after.admin.port, "admin");
    note(before.threads != after.threads, "threads");
    note(before.max_body != after.max_body || before.max_connections != after.max_connections, "limits");
    note(before.freshness.window != after.freshness.window || before.freshness.skew != after.freshness.skew,
         "limits.freshness_s and skew_s");
    note(before.nonces_per_key != after.nonces_per_key, "limits.nonces_per_key");
    catalogue::EvidenceRules rules = after.evidence;
    rules.revocations = before.evidence.revocations;  // they are read each time that a container is made
    note(before.evidence_folder != after.evidence_folder || before.evidence != rules, "evidence");
    note(before.store_file != after.store_file, "store");
    rules = before.evidence;
    rules.revocations = std::move(after.evidence.revocations);
    after.evidence = std::move(rules);
    after.evidence_folder = before.evidence_folder;
    after.store_file = before.store_file;
    for (const auto& [ran, loaded] :
         {std::pair{&before.listen, &after.listen}, std::pair{&before.admin, &after.admin}}) {
        loaded->address = ran->address;
        loaded->port = ran->port;
    }
    after.threads = before.threads;
    after.max_body = before.max_body;
    after.max_connections = before.max_connections;
    after.freshness = before.freshness;
    after.nonces_per_key = before.nonces_per_key;
}

http::ServerSettings settings_of(const catalogue::Listener& listener, const catalogue::Gateway& gateway,
                                 telemetry::Sink& sink, std::chrono::system_clock::time_point at) {
    http::ServerSettings settings;
    settings.sink = &sink;
    settings.address = listener.address;
    settings.port = listener.port;
    settings.max_body = gateway.max_body;
    settings.max_connections = gateway.max_connections;
    settings.tls = tls_of(listener, at);
    return settings;
}

/// Every protocol by which callers come in; the first that owns a path has it.
std::unique_ptr<const doors::FrontDoor> open_doors(const exchange::Gateway& gateway, const catalogue::Current& current,
                                                   const Clock& clock, telemetry::Sink& sink,
                                                   platforms::HeldCalls& held, const sharing::Book& book) {
    std::vector<std::unique_ptr<const doors::Door>> doors;
    doors.push_back(std::make_unique<const doors::RestDoor>(gateway, current));
    doors.push_back(std::make_unique<const doors::NationalDoor>(gateway, current, clock, sink));
    doors.push_back(std::make_unique<const doors::SoapDoor>(gateway, current, clock));
    doors.push_back(std::make_unique<const platforms::OnePathDoor>(
        gateway, std::string{platforms::kAccessPath}, std::make_unique<const platforms::AccessDialect>(clock)));
    doors.push_back(std::make_unique<const platforms::OnePathDoor>(
        gateway, std::string{platforms::kEnvelopePath}, std::make_unique<const platforms::EnvelopeDialect>(clock)));
    doors.push_back(std::make_unique<const platforms::TokenDoor>(current, clock, sink));
    doors.push_back(std::make_unique<const platforms::CheckDoor>(current, book, clock, sink));
    doors.push_back(std::make_unique<const platforms::LicenceADoor>(gateway, clock, held));
    doors.push_back(std::make_unique<const platforms::LicenceBDoor>(gateway, clock, held));
    return std::make_unique<const doors::FrontDoor>(std::move(doors));
}

}  // namespace

Program::Program(ProgramOptions options, std::unique_ptr<telemetry::Sink> sink)
    : gateway_file_{std::move(options.gateway_file)},
      clock_{options.clock ? std::move(options.clock) : std::make_unique<SystemClock>()},
      files_for_log_{options.files ? std::move(options.files) : evidence::system_files()},
      sink_{std::move(sink)},
      reloads_{pools_.make({.threads = 1, .waiting = 8})},
      endings_{pools_.make({.threads = 1, .waiting = 64})},
      reading_{pools_.make({.threads = 1, .waiting = 8})},
      strangers_{pools_.make({.threads = 1, .waiting = 64})},
      desk_{pools_.make({.threads = 2, .waiting = 64})},
      shadows_{pools_.make({.threads = 1, .waiting = 256}), *sink_},
      files_{catalogue::disk_files()},
      held_{*clock_},
      kept_{*clock_},
      learners_{pools_.make({.threads = 4, .waiting = 1'024})},
      servers_{std::make_unique<revocation::Servers>(learners_, outside_within, *clock_, *sink_)} {
    adapters::add_all(adapters_);
}

tl::expected<std::unique_ptr<Program>, Mistakes> Program::make(ProgramOptions options) {
    const std::string file = options.gateway_file;
    if (auto charsets = charset::self_test(); !charsets) {
        return tl::unexpected{one_mistake(file, "charset self-test: " + charsets.error().detail())};
    }
    auto sink = telemetry::Sink::make({.file = options.log_file});
    if (!sink) {
        return tl::unexpected{one_mistake(file, sink.error().detail())};
    }
    std::unique_ptr<Program> program{new Program{std::move(options), std::move(*sink)}};  // private constructor
    auto loaded = program->load();
    if (!loaded.snapshot) {
        return tl::unexpected{std::move(loaded.mistakes)};
    }
    program->current_.put(ending_on(program->endings_, loaded.snapshot));
    if (auto opened = program->open_evidence(); !opened) {
        return tl::unexpected{one_mistake(file, opened.error().detail())};
    }
    if (auto opened = program->open_sources(); !opened) {
        return tl::unexpected{one_mistake(file, opened.error().detail())};
    }
    if (auto opened = program->open_store(); !opened) {
        return tl::unexpected{one_mistake(file, opened.error().detail())};
    }
    if (auto opened = program->open_consents(); !opened) {
        return tl::unexpected{one_mistake(file, opened.error().detail())};
    }
    if (auto opened = program->open_accounts(); !opened) {
        return tl::unexpected{one_mistake(file, opened.error().detail())};
    }
    if (auto opened = program->open_beside(); !opened) {
        return tl::unexpected{one_mistake(file, opened.error().detail())};
    }
    if (auto opened = program->open_access(); !opened) {
        return tl::unexpected{one_mistake(file, opened.error().detail())};
    }
    program->make_servers();
    return program;
}

catalogue::Loaded Program::load() {
    const adapter::Tools tools{
        .blocking = nullptr, .clock = *clock_, .sink = *sink_, .folder = {}, .judge_server = judge_by(*servers_)};
    const catalogue::LoadWith with{
        .files = files_, .adapters = adapters_, .tools = tools, .states = states_, .pools = pools_};
    return catalogue::load(gateway_file_, with);
}

Status Program::open_evidence() {
    const auto snapshot = current_.get();
    const catalogue::Gateway& gateway = snapshot->gateway;
    auto log = evidence::Log::open(log_settings(gateway), std::move(files_for_log_), *clock_, *sink_);
    if (!log) {
        return fail(std::move(log.error()));
    }
    log_ = std::move(*log);
    if (auto opened = open_age_clock(); !opened) {
        return opened;
    }
    auto replay = recall_nonces(gateway, clock_->now());
    if (!replay) {
        return fail(std::move(replay.error()));
    }
    replay_ = std::move(*replay);
    if (auto opened = open_seals(); !opened) {
        return opened;
    }
    if (auto noted = note_snapshot(*snapshot); !noted) {
        return noted;
    }
    return close_orphans(gateway, *log_, *clock_, *sink_);
}

Status Program::open_store() {
    auto jobs = store::Jobs::open(current_.get()->gateway.store_file);
    if (!jobs) {
        return fail(std::move(jobs.error()));
    }
    jobs_ = std::move(*jobs);
    auto lock = lock_store(current_.get()->gateway);
    if (!lock) {
        return fail(std::move(lock.error()));
    }
    store_lock_.emplace(std::move(*lock));
    submissions_ = std::make_unique<exchange::Submissions>(jobs_, pools_.make({.threads = 1, .waiting = 4'096}),
                                                           *age_clock_, *sink_);
    auto results = store::Results::open(current_.get()->gateway.store_file + ".results");
    if (!results) {
        return fail(std::move(results.error()));
    }
    book_ = std::make_unique<sharing::Book>(std::move(*results), pools_.make({.threads = 1, .waiting = 4'096}), *clock_,
                                            *sink_);
    return {};
}

Status Program::note_snapshot(const catalogue::Snapshot& snapshot) {
    const evidence::SnapshotInForce entry{
        .at = to_rfc3339(clock_->now()), .digest = snapshot.digest, .keys = snapshot.public_keys(true)};
    auto kept = log_->append_now(evidence::to_json(entry));
    if (!kept) {
        return fail(std::move(kept.error()));
    }
    emit(*sink_, telemetry::SnapshotInForce{.digest = snapshot.digest});
    return {};
}

/// What outlives the program beside the evidence stands in a folder below it: the orders of departments, and how
/// replies looked.
Status Program::open_sources() {
    const std::string folder = current_.get()->gateway.evidence_folder + "/sources/";
    orders_ = std::make_unique<sources::Orders>(folder + "orders.json", *clock_, states_);
    drift_ = std::make_unique<sources::Drift>(pools_.make({.threads = 1, .waiting = 64}), folder + "drift.json",
                                              *clock_, *sink_);
    if (auto recalled = drift_->recall(); !recalled) {  // what was learnt is lost, and nothing else
        emit(*sink_, telemetry::StateLost{.why = recalled.error().detail()});
    }
    return orders_->recall(*current_.get());
}

void Program::make_servers() {
    const auto snapshot = current_.get();
    const catalogue::Gateway& gateway = snapshot->gateway;
    loops_ = std::make_unique<async::Loops>(gateway.threads);
    open_later();
    const exchange::Parts parts{.clock = *clock_,
                                .current = current_,
                                .log = *log_,
                                .replay = *replay_,
                                .quotas = quotas_,
                                .sink = *sink_,
                                .shadows = shadows_,
                                .drift = *drift_,
                                .submissions = *submissions_,
                                .sharing = *book_,
                                .vault = *vault_,
                                .threads = threads_,
                                .lookups = lookups_,
                                .afterwards = afterwards_,
                                .files = kept_,
                                .consents = *consents_};
    gateway_ = std::make_unique<exchange::Gateway>(parts);
    doors_ = open_doors(*gateway_, current_, *clock_, *sink_, held_, *book_);
    admin_ = std::make_unique<admin::AdminDoor>(admin_hooks(), admin_routes());
    const auto refuse = [](const Error& why, const std::string&) { return doors::plain_problem(why); };
    http::ServerSettings listen = settings_of(gateway.listen, gateway, *sink_, clock_->now());
    listen.judge_head = [this](const codec::HttpMessage& head) { return doors_->judge_head(head); };
    listen.meet = [this](http::Peer peer) { return meet(std::move(peer), watch()); };
    http::ServerSettings admin = settings_of(gateway.admin, gateway, *sink_, clock_->now());
    admin.meet = [this](http::Peer peer) { return meet(std::move(peer), admin_watch()); };
    watch_by(gateway);
    server_ = std::make_unique<http::Server>(
        std::move(listen), *loops_,
        [this](codec::HttpMessage request, http::Peer peer, Deadline arrived) {
            return answer(std::move(request), std::move(peer), arrived);
        },
        refuse);
    admin_server_ = std::make_unique<http::Server>(
        std::move(admin), *loops_,
        [this](codec::HttpMessage request, http::Peer peer, Deadline) {
            return answer_admin(std::move(request), std::move(peer));
        },
        refuse);
}

Status Program::start() {
    for (http::Server* server : {server_.get(), admin_server_.get()}) {
        if (auto listening = server->listen(); !listening) {
            return listening;
        }
    }
    settle_access();
    note_age();
    submissions_->sweep();
    loops_->start();
    sealer_->start();
    if (stamper_) {
        stamper_->start();
    }
    keeper_ = std::jthread{[this](const std::stop_token& stop) { keep(stop); }};
    const auto snapshot = current_.get();
    emit(*sink_, telemetry::GatewayStarted{.name = snapshot->gateway.name,
                                           .version = DATONG_VERSION,
                                           .stage = snapshot->gateway.stage,
                                           .port = server_->port()});
    return {};
}

admin::Reloaded Program::reload(const std::function<Status(const std::string& digest)>& note) {
    const std::lock_guard lock{reloading_};
    const auto before = current_.get();
    if (draining_) {
        return {.taken = false,
                .digest = before->digest,
                .mistakes = one_mistake(gateway_file_, "the gateway is draining")};
    }
    auto loaded = load();
    judge(loaded);
    if (loaded.snapshot) {
        carry_over(before->gateway, loaded.snapshot->gateway, gateway_file_, loaded.mistakes);
        note_accounts_changed(loaded.mistakes);
    }
    if (loaded.snapshot) {
        const catalogue::Gateway& gateway = loaded.snapshot->gateway;
        const auto now = clock_->now();
        const auto kept = can_show_tls(gateway, now)
                              .and_then([&] { return note ? note(loaded.snapshot->digest) : Status{}; })
                              .and_then([&] { return note_snapshot(*loaded.snapshot); })
                              .and_then([&] { return show_tls(gateway, now); });
        if (!kept) {
            loaded.snapshot = nullptr;
            loaded.mistakes = one_mistake(gateway_file_, kept.error().detail());
        }
    }
    if (!loaded.snapshot) {
        const Mistake first = loaded.mistakes.empty() ? Mistake{} : loaded.mistakes.front();
        emit(*sink_, telemetry::SnapshotRefused{.mistakes = static_cast<std::int64_t>(loaded.mistakes.size()),
                                                .file = first.where.file,
                                                .line = first.where.line});
        return {.taken = false, .digest = before->digest, .mistakes = std::move(loaded.mistakes)};
    }
    watch_by(loaded.snapshot->gateway);
    orders_->hold(*loaded.snapshot);
    const Mistakes are_void =
        access_->take(*loaded.snapshot, [&] { current_.put(ending_on(endings_, loaded.snapshot)); });
    loaded.mistakes.insert(loaded.mistakes.end(), are_void.begin(), are_void.end());
    return {.taken = true, .digest = loaded.snapshot->digest, .mistakes = std::move(loaded.mistakes)};
}

void Program::drain() {
    if (draining_.exchange(true) || !loops_) {
        return;
    }
    later_->stop();
    const auto grace = current_.get()->gateway.drain;
    drained_by_ = Deadline::clock::now() + grace;
    emit(*sink_,
         telemetry::GatewayDraining{.grace = grace, .connections = static_cast<std::int64_t>(server_->connections())});
    server_->drain(grace);
    admin_server_->drain(std::chrono::milliseconds{0});
    loops_->stop();
    (void)drift_->save();  // a full disk loses what was learnt since the last time
    emit(*sink_, telemetry::GatewayStopped{});
    sink_->flush();
}

Program::~Program() {
    drain();
    keeper_ = {};  // asks it to stop, and waits
    beside_.reset();
    {
        const std::lock_guard lock{reloading_};  // a reload under way uses all of this
    }
    pools_.stop(drained_by_);  // from here on nothing comes back to the loops
    if (log_) {
        record_refusals(true);
    }
    states_.close();
    server_.reset();
    admin_server_.reset();
    close_seals();
    current_.put(nullptr);  // the pooled connections go before their loops
    log_.reset();           // completes whoever still waits for it
    loops_.reset();
}

std::uint16_t Program::port() const {
    return server_->port();
}
std::uint16_t Program::admin_port() const {
    return admin_server_->port();
}

}  // namespace datong::app
