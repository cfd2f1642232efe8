#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "core/accounts/desk.h"
#include "core/adapter/adapter.h"
#include "core/admin/admin_door.h"
#include "core/admin/refusals.h"
#include "core/async/loops.h"
#include "core/async/pool.h"
#include "core/base/pause.h"
#include "core/catalogue/administration.h"
#include "core/catalogue/load.h"
#include "core/consent/book.h"
#include "core/doors/front_door.h"
#include "core/evidence/log.h"
#include "core/exchange/gateway.h"
#include "core/exchange/shadows.h"
#include "core/exchange/submissions.h"
#include "core/files/kept.h"
#include "core/http/server.h"
#include "core/keeping/age_clock.h"
#include "core/keeping/files.h"
#include "core/keeping/retention.h"
#include "core/later/later.h"
#include "core/ledger/entry.h"
#include "core/platforms/held_calls.h"
#include "core/policy/quotas.h"
#include "core/policy/replay.h"
#include "core/revocation/servers.h"
#include "core/revocation/watch.h"
#include "core/seals/sealer.h"
#include "core/seals/stamper.h"
#include "core/sources/drift.h"
#include "core/sources/orders.h"
#include "core/store/jobs.h"
#include "core/telemetry/sink.h"
#include "core/vault/vault.h"

namespace datong::access {
class Desk;
struct Deed;
}  // namespace datong::access

namespace datong::app {

struct ProgramOptions {
    std::string gateway_file;
    std::string log_file;                    ///< empty: standard error
    std::unique_ptr<Clock> clock;            ///< nullptr: the system's
    std::unique_ptr<evidence::Files> files;  ///< nullptr: the system's
};

/// The whole gateway, wired: every object in order, each destroyed before what it refers to.
class Program {
public:
    /// Loads the configuration and opens log and evidence; nothing listens yet.
    /// @return the mistakes when there are any; a start that fails for another reason is one too.
    [[nodiscard]] static tl::expected<std::unique_ptr<Program>, Mistakes> make(ProgramOptions options);
    ~Program();  ///< drains and stops; a driver that hangs keeps it no longer than the grace time
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] Status start();
    /// Builds the new snapshot whole and swaps it in, or keeps the old one and says why. Any thread.
    /// @param note  puts it into the evidence before it takes effect, where somebody's act it is; a failure keeps the
    ///              old one.
    [[nodiscard]] admin::Reloaded reload(const std::function<Status(const std::string& digest)>& note = {});
    /// The same by a signal: an act of whoever may send one. @param by  who that was: "uid 0".
    [[nodiscard]] admin::Reloaded reload_by_signal(const std::string& by);
    /// Stops accepting, lets open calls finish within the grace time, stops the loops. Once.
    void drain();

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::uint16_t admin_port() const;
    [[nodiscard]] const catalogue::Current& current() const { return current_; }
    [[nodiscard]] telemetry::Sink& sink() { return *sink_; }

private:
    struct Beside;  ///< what works on the evidence beside the calls
    explicit Program(ProgramOptions options, std::unique_ptr<telemetry::Sink> sink);
    [[nodiscard]] catalogue::Loaded load();
    [[nodiscard]] Status open_evidence();
    [[nodiscard]] Status open_seals();
    /// Learns from what was before this start how far the clock can be; before anything is recorded.
    [[nodiscard]] Status open_age_clock();
    /// Says that the clock is doubted, once, and keeps what is known, once an hour.
    void note_age();
    void open_stamps(const catalogue::EvidenceRules& rules, const std::string& folder);
    /// Ends stamping, and seals what is left.
    void close_seals();
    [[nodiscard]] Status open_store();
    [[nodiscard]] Status open_beside();
    void open_later();
    [[nodiscard]] Status note_snapshot(const catalogue::Snapshot& snapshot);
    void make_servers();
    /// Whether show_tls can do it, on every listener: what is recorded as in force must be so on all of them.
    [[nodiscard]] Status can_show_tls(const catalogue::Gateway& gateway,
                                      std::chrono::system_clock::time_point at) const;
    /// Lets the listeners show the certificates of that moment; connections that are open keep theirs.
    [[nodiscard]] Status show_tls(const catalogue::Gateway& gateway, std::chrono::system_clock::time_point at);
    /// What happens beside the calls until the program ends: certificates whose moment has come, word of revocations,
    /// what is over.
    void keep(const std::stop_token& stop);
    /// Personal data that is held in memory, and sharing results, once their time is over.
    void forget_what_is_over();
    void show_what_has_come(std::chrono::system_clock::time_point last, std::chrono::system_clock::time_point now);
    /// Watches revocations as a configuration wants it for each listener; a watch that would do the same goes on.
    void watch_by(const catalogue::Gateway& gateway);
    void watch_by(const catalogue::Listener& listener, std::shared_ptr<revocation::Watch>& kept);
    [[nodiscard]] std::shared_ptr<revocation::Watch> watch() const;
    [[nodiscard]] std::shared_ptr<revocation::Watch> admin_watch() const;
    /// A connection's standing now: it may have been let in under authorities that are gone since.
    [[nodiscard]] policy::Standing standing_of(const http::Peer& peer) const;
    /// @param watch  of the listener that it came to; nullptr: revocations are not looked at.
    [[nodiscard]] boost::asio::awaitable<void> meet(http::Peer peer, std::shared_ptr<revocation::Watch> watch) const;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> answer_admin(codec::HttpMessage request,
                                                                          http::Peer peer) const;
    /// Which certificate an administrator shows, "SERIAL ISSUER"; empty for none.
    /// @return sign_in_refused for one that is worth nothing now: over, revoked, of an authority that is gone.
    [[nodiscard]] accounts::Outcome<std::string> identity_shown(const http::Peer& peer) const;
    [[nodiscard]] boost::asio::awaitable<codec::HttpMessage> answer(codec::HttpMessage request, http::Peer peer,
                                                                    Deadline arrived) const;
    [[nodiscard]] admin::Readiness readiness() const;
    [[nodiscard]] admin::Hooks admin_hooks();
    [[nodiscard]] std::vector<admin::Route> admin_routes();
    [[nodiscard]] Status open_accounts();
    void add_account_routes(std::vector<admin::Route>& routes);
    [[nodiscard]] accounts::Outcome<accounts::Actor> find_actor(const std::string& token, const http::Peer& peer);
    /// Puts into the evidence what was done to accounts beside this program; forgets sessions that are over.
    [[nodiscard]] Status settle_accounts();
    [[nodiscard]] Status settle_owed();
    void note_accounts_changed(Mistakes& mistakes) const;
    /// Puts into the evidence what somebody who administers did, signed by the gateway.
    [[nodiscard]] Status record_act(evidence::Administration told);
    /// Writes down how often people who have signed in were refused. @param all  this minute's, too.
    void record_refusals(bool all);
    [[nodiscard]] Result<std::string> entry_of(evidence::Administration told) const;
    /// As an act, recorded as done before it takes effect; where it is not taken, the act says so and is not kept yet.
    void judge(catalogue::Loaded& loaded) const;
    [[nodiscard]] admin::Reloaded reload_as(accounts::Act& act);
    [[nodiscard]] Status open_sources();
    [[nodiscard]] accounts::Outcome<admin::Answer> take_order(admin::Asked& asked);
    [[nodiscard]] accounts::Outcome<admin::Answer> erase(admin::Asked& asked);
    [[nodiscard]] accounts::Outcome<void> check_age(const accounts::Actor& actor,
                                                    const evidence::Erasure& wanted) const;
    /// What the configuration has the node do away with by itself.
    [[nodiscard]] std::vector<keeping::Duty> duties();
    /// What of it failed when it was tried last.
    [[nodiscard]] std::vector<std::string> overdue() const;
    [[nodiscard]] Status open_access();
    /// Ends approvals that are over, and puts the files of grants right; at the start and when a day begins, and again
    /// each minute while it fails.
    void settle_access();
    void show_overdue();
    [[nodiscard]] std::vector<admin::Route> access_routes();
    [[nodiscard]] accounts::Outcome<admin::Answer> act_on_access(admin::Asked& asked, const access::Deed& deed);
    [[nodiscard]] accounts::Outcome<admin::Answer> list_access(const admin::Asked& asked);
    [[nodiscard]] accounts::Outcome<admin::Answer> show_access(const admin::Asked& asked);

    [[nodiscard]] Status open_consents();
    /// Puts into the evidence what happened to consents, and lets those concerned be told of revocations: at once where
    /// it can be, else again until it is: what one store does not take is left alone for a while, and holds up nothing
    /// else. Nothing while the log takes no calls.
    void settle_consents();
    [[nodiscard]] Status record_consent(const store::ConsentNote& note);
    /// Whether a consumer may have an answer of its own again: what a grant of now shows, and what it was told by a
    /// consent only while that holds, and it may keep it. @return unavailable where that can't be known.
    [[nodiscard]] Result<bool> may_have_answer(const ledger::Entry& entry, const catalogue::Snapshot& snapshot) const;
    /// What people who administer are told of one.
    [[nodiscard]] record::Record consent_told(const consent::Standing& one, const catalogue::Snapshot& snapshot) const;
    [[nodiscard]] std::vector<admin::Route> consent_routes();
    [[nodiscard]] accounts::Outcome<admin::Answer> list_consents(const admin::Asked& asked);
    [[nodiscard]] accounts::Outcome<admin::Answer> show_consent(const admin::Asked& asked);
    [[nodiscard]] accounts::Outcome<admin::Answer> revoke_consent(admin::Asked& asked);

    std::string gateway_file_;
    std::unique_ptr<Clock> clock_;
    std::unique_ptr<keeping::AgeClock> age_clock_;  ///< of what is deleted by age
    std::string age_file_;
    bool is_clock_doubted_{};  ///< this and the next: of who calls note_age()
    Deadline age_kept_;        ///< when it is due again
    std::unique_ptr<evidence::Files> files_for_log_;
    std::unique_ptr<telemetry::Sink> sink_;
    async::Pools pools_;
    std::shared_ptr<async::Pool> reloads_;
    std::shared_ptr<async::Pool> endings_;    ///< of configurations that nobody uses any more
    std::shared_ptr<async::Pool> reading_;    ///< of figures that are read from the log
    std::shared_ptr<async::Pool> strangers_;  ///< of who signs in
    std::shared_ptr<async::Pool> desk_;       ///< of what administrators ask and is done at once
    exchange::Shadows shadows_;
    Deadline drained_by_;
    adapter::Registry adapters_;
    catalogue::Files files_;
    catalogue::SourceStates states_;
    platforms::HeldCalls held_;
    files::Kept kept_;
    std::unique_ptr<async::Loops> loops_;
    catalogue::Current current_;
    std::unique_ptr<evidence::Log> log_;
    std::unique_ptr<seals::Sealer> sealer_;
    std::unique_ptr<seals::Stamper> stamper_;  ///< nullptr: seals are not stamped
    std::unique_ptr<policy::ReplayGuard> replay_;
    policy::Quotas quotas_;
    std::unique_ptr<sources::Orders> orders_;
    std::unique_ptr<sources::Drift> drift_;
    std::optional<keeping::FileLock> store_lock_;  ///< of all the stores beside store.file
    std::shared_ptr<store::Jobs> jobs_;
    std::unique_ptr<exchange::Submissions> submissions_;
    std::unique_ptr<sharing::Book> book_;
    std::unique_ptr<consent::Book> consents_;
    std::mutex settling_consents_;                          ///< of the next two
    Pause consents_pause_;                                  ///< after a store did not take something
    std::set<std::string, std::less<>> recorded_consents_;  ///< events that the evidence has, and the store not yet
    std::unique_ptr<vault::Vault> vault_;
    catalogue::Administration administration_;
    std::unique_ptr<accounts::Desk> accounts_;  ///< nullptr: accounts are off
    exchange::Threads threads_;
    exchange::Lookups lookups_;
    std::shared_ptr<store::AwaitedBook> awaited_;
    std::unique_ptr<later::Later> later_;
    exchange::Afterwards afterwards_;
    std::unique_ptr<access::Desk> access_;
    std::atomic<bool> is_access_settled_{false};
    std::shared_ptr<Beside> beside_;  // shared: known whole in its own file only
    std::unique_ptr<exchange::Gateway> gateway_;
    std::unique_ptr<const doors::FrontDoor> doors_;
    admin::Refusals refusals_;
    std::unique_ptr<admin::AdminDoor> admin_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<http::Server> admin_server_;
    std::mutex reloading_;
    std::atomic<bool> draining_{false};
    std::shared_ptr<async::Pool> learners_;
    std::unique_ptr<revocation::Servers> servers_;
    mutable std::mutex watching_;  ///< of both
    std::shared_ptr<revocation::Watch> watch_;
    std::shared_ptr<revocation::Watch> admin_watch_;
    std::mutex keeping_;
    std::condition_variable_any wake_;
    std::jthread keeper_;
};

/// The same configuration, which ends on the pool: whoever lets go of it last, a call on its loop maybe, does not wait
/// until its sources have closed their lines. Where the pools have stopped it ends at once.
[[nodiscard]] std::shared_ptr<const catalogue::Snapshot> ending_on(std::shared_ptr<async::Pool> pool,
                                                                   std::shared_ptr<const catalogue::Snapshot> snapshot);

/// What revocations are asked with: files, and http within that time.
[[nodiscard]] revocation::Outside outside_within(std::chrono::milliseconds timeout);
/// Judges the servers of sources by those; `servers` outlives it.
[[nodiscard]] adapter::ServerJudge judge_by(const revocation::Servers& servers);

/// What an account is bound to of a certificate: "SERIAL ISSUER"; empty for what is none.
[[nodiscard]] std::string identity_of(std::string_view pem);

/// What a listener shows at that moment; nullptr: it speaks no TLS.
[[nodiscard]] std::shared_ptr<const http::TlsFiles> tls_of(const catalogue::Listener& listener,
                                                           std::chrono::system_clock::time_point at);

}  // namespace datong::app
