#include "core/app/program.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/app/map_files.h"
#include "core/async/run.h"
#include "core/async/wait.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_path.h"
#include "core/evidence/verify.h"
#include "core/http/client.h"
#include "core/telemetry/events.h"

namespace datong::app {
namespace {

constexpr std::string_view kClockFile = ".clock";  ///< behind the name of the store
constexpr std::size_t kMostBytes = 64U << 20;
constexpr std::size_t kMostOfStamp = 64U << 10;

boost::asio::awaitable<Result<codec::HttpMessage>> send(http::Client* client, codec::HttpMessage request,
                                                        std::chrono::milliseconds timeout) {
    co_return co_await client->send(std::move(request), Deadline::clock::now() + timeout);
}

/// What is sent; without a body the resource is got.
struct Question {
    std::string type{};  ///< of the body: "application/ocsp-request" (RFC 6960, A.1)
    std::string body{};
    std::size_t most = kMostBytes;  ///< octets of an answer
};

Result<std::string> ask_over_http(const std::string& url, const Question& question, std::chrono::milliseconds timeout) {
    const auto slash = url.find('/', url.find("://") + 3);
    auto client = http::Client::make({.url = url.substr(0, slash), .max_answer = question.most});
    if (!client) {
        return fail(std::move(client.error()));
    }
    codec::HttpMessage request;
    request.method = question.body.empty() ? "GET" : "POST";
    request.target = slash == std::string::npos ? "/" : url.substr(slash);
    request.body = question.body;
    if (!question.body.empty()) {
        request.add("Content-Type", question.type);
    }
    auto answer = async::run_alone(send(client->get(), std::move(request), timeout),
                                   Result<codec::HttpMessage>{fail(Fault::internal, "an exception")});
    if (!answer) {
        return fail(std::move(answer.error()));
    }
    return answer->status / 100 == 2 ? Result<std::string>{std::move(answer->body)}
                                     : fail(Fault::unavailable, "HTTP status " + std::to_string(answer->status));
}

Result<std::string> read_list(const std::string& name, std::chrono::milliseconds timeout) {
    if (name.starts_with("http://")) {
        return ask_over_http(name, {}, timeout);
    }
    std::error_code failure;
    const auto size = std::filesystem::file_size(name, failure);
    std::ifstream file{name, std::ios::binary};
    if (failure || !file || size > kMostBytes) {
        return fail(Fault::unavailable, failure ? failure.message() : "can't be read");
    }
    return std::string{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

Status publish(const seals::Anchor& anchor, const catalogue::EvidenceRules& rules) {
    Status done;
    if (!rules.anchor_file.empty()) {
        done = seals::write_anchor(rules.anchor_file, anchor);
    }
    if (!rules.anchor_url.empty()) {
        const auto taken = ask_over_http(
            rules.anchor_url, {.type = "application/json", .body = seals::to_json(anchor), .most = kMostOfStamp},
            rules.outside_timeout);
        done = taken ? std::move(done) : fail(taken.error());
    }
    return done;
}

void refresh(const std::shared_ptr<revocation::Watch>& watch, Deadline& last, const std::stop_token& stop) {
    if (watch && Deadline::clock::now() - last >= watch->rules().refresh) {
        watch->refresh(stop);
        last = Deadline::clock::now();
    }
}

}  // namespace

std::shared_ptr<const catalogue::Snapshot> ending_on(std::shared_ptr<async::Pool> pool,
                                                     std::shared_ptr<const catalogue::Snapshot> snapshot) {
    const catalogue::Snapshot* const seen = snapshot.get();
    return {seen, [pool = std::move(pool), whole = std::move(snapshot)](const catalogue::Snapshot*) mutable {
                (void)pool->post([last = std::move(whole)]() mutable -> async::Pool::Delivery {
                    last.reset();
                    return {};
                });
            }};
}

revocation::Outside outside_within(std::chrono::milliseconds timeout) {
    return {.read = [timeout](const std::string& name) { return read_list(name, timeout); },
            .ask =
                [timeout](const std::string& url, const std::string& request) {
                    return ask_over_http(url, {.type = "application/ocsp-request", .body = request}, timeout);
                }};
}

adapter::ServerJudge judge_by(const revocation::Servers& servers) {
    return [&servers](adapter::ServerRevocation asked, std::string sha256, std::shared_ptr<const std::string> chain,
                      Deadline deadline) {
        revocation::Rules rules{.is_hard = asked.is_hard,
                                .crls = std::move(asked.crls),
                                .ocsp = std::move(asked.ocsp),
                                .anchors = std::move(asked.anchors),
                                .refresh = asked.refresh};
        return servers.judge(std::move(rules), asked.timeout, std::move(sha256), std::move(chain), deadline);
    };
}

std::string identity_of(std::string_view pem) {
    const auto x509 = crypto::read_x509(pem);
    return x509 ? x509->serial + ' ' + x509->issuer : std::string{};
}

std::shared_ptr<const http::TlsFiles> tls_of(const catalogue::Listener& listener,
                                             std::chrono::system_clock::time_point at) {
    const catalogue::TlsText* shown = listener.tls ? &*listener.tls : nullptr;
    for (const catalogue::TlsText& later : listener.later) {
        shown = later.from <= at ? &later : shown;
    }
    if (shown == nullptr) {
        return nullptr;
    }
    return std::make_shared<const http::TlsFiles>(http::TlsFiles{.chain_pem = shown->chain_pem,
                                                                 .key_pem = shown->key_pem.reveal(),
                                                                 .client_ca_pem = shown->client_ca_pem,
                                                                 .client_required = shown->client_required,
                                                                 .token = shown->token});
}

Status Program::open_seals() {
    const auto signer = [this]() -> seals::Signer {
        const auto snapshot = current_.get();
        const catalogue::NamedKey& key = snapshot->gateway.key.at(clock_->now());
        return {.keyid = key.id, .key = *key.key};
    };
    const auto snapshot = current_.get();
    const catalogue::Gateway& gateway = snapshot->gateway;
    const catalogue::EvidenceRules& rules = gateway.evidence;
    auto sealer = seals::Sealer::open(
        {.folder = gateway.evidence_folder, .every = rules.seal_every, .records = rules.seal_records}, *log_, signer,
        *clock_, *sink_);
    if (!sealer) {
        return fail(std::move(sealer.error()));
    }
    sealer_ = std::move(*sealer);
    if (!rules.anchor_file.empty() || !rules.anchor_url.empty()) {
        sealer_->publish_by([rules](const seals::Anchor& anchor) { return publish(anchor, rules); });
    }
    open_stamps(rules, gateway.evidence_folder);
    return {};
}

void Program::open_stamps(const catalogue::EvidenceRules& rules, const std::string& folder) {
    if (rules.stamp_by.empty()) {
        return;
    }
    seals::StamperSettings settings{.folder = folder,
                                    .authorities = {},
                                    .retry = rules.stamp_retry,
                                    .refuse_after = rules.stamp_refuse_after,
                                    .from = sealer_->stamped() + 1};
    for (const catalogue::StampAuthority& one : rules.stamp_by) {
        settings.authorities.push_back({.url = one.url, .trust = {.anchors = {one.anchors_pem}, .policy = one.policy}});
    }
    const auto ask = [timeout = rules.outside_timeout](const std::string& url, const std::string& request) {
        return ask_over_http(url, {.type = "application/timestamp-query", .body = request, .most = kMostOfStamp},
                             timeout);
    };
    stamper_ = std::make_unique<seals::Stamper>(std::move(settings), *log_, ask, *clock_, *sink_);
    sealer_->follow([this] { return stamper_->stamped(); });
}

void Program::close_seals() {
    if (sealer_) {
        (void)sealer_->finish();  // what can't be sealed now is sealed at the next start; its event says why
    }
    stamper_.reset();
    sealer_.reset();
}

Status Program::can_show_tls(const catalogue::Gateway& gateway, std::chrono::system_clock::time_point at) const {
    if (auto shown = server_->can_show(tls_of(gateway.listen, at)); !shown) {
        return fail(Fault::internal, "listen: " + shown.error().detail());
    }
    auto shown = admin_server_->can_show(tls_of(gateway.admin, at));
    return shown ? Status{} : fail(Fault::internal, "admin: " + shown.error().detail());
}

Status Program::show_tls(const catalogue::Gateway& gateway, std::chrono::system_clock::time_point at) {
    for (const auto& [server, listener] :
         {std::pair{server_.get(), &gateway.listen}, std::pair{admin_server_.get(), &gateway.admin}}) {
        auto tls = tls_of(*listener, at);
        if (auto shown = tls ? server->replace_tls(std::move(tls)) : Status{}; !shown) {
            return shown;
        }
    }
    return {};
}

void Program::show_what_has_come(std::chrono::system_clock::time_point last,
                                 std::chrono::system_clock::time_point now) {
    const std::lock_guard lock{reloading_};
    const auto snapshot = current_.get();
    const auto has_come = [last, now](const catalogue::Listener& listener) {
        return std::ranges::any_of(listener.later, [last, now](const catalogue::TlsText& later) {
            return later.from > last && later.from <= now;
        });
    };
    if (!draining_ && snapshot && (has_come(snapshot->gateway.listen) || has_come(snapshot->gateway.admin))) {
        (void)show_tls(snapshot->gateway, now);  // they were checked when they were loaded
    }
}

void Program::forget_what_is_over() {
    held_.purge();
    kept_.purge();
    (void)settle_accounts();  // what can't be recorded now is tried again
    book_->forget();
    (void)consents_->forget(age_clock_->now());  // likewise
    note_age();
}

Status Program::open_age_clock() {
    const auto snapshot = current_.get();
    const catalogue::Gateway& gateway = snapshot->gateway;
    age_file_ = gateway.store_file + std::string{kClockFile};
    auto known = keeping::AgeClock::kept_in(age_file_);
    if (!known) {
        const auto last = evidence::last_time(gateway.evidence_folder);
        if (!last) {
            return fail(last.error());
        }
        if (const auto newest = moment(*last)) {
            known = keeping::AgeClock::Known{.newest = *newest};
        }
    }
    age_clock_ = std::make_unique<keeping::AgeClock>(*clock_, known);
    return {};
}

void Program::note_age() {
    const bool is_doubted = age_clock_->is_doubted();
    if (is_doubted && !is_clock_doubted_) {
        emit(*sink_,
             telemetry::ClockDoubted{.clock = to_rfc3339(clock_->now()), .known = to_rfc3339(age_clock_->now())});
    }
    is_clock_doubted_ = is_doubted;
    const std::chrono::duration<double> ahead = clock_->now() - age_clock_->now();
    sink_->gauge("datong_clock_ahead_seconds", {}, is_doubted ? ahead.count() : 0);
    if (const auto now = Deadline::clock::now(); now >= age_kept_) {
        age_kept_ = now + (is_doubted ? std::chrono::minutes{1} : std::chrono::minutes{60});
        if (auto kept = age_clock_->keep(age_file_); !kept) {
            emit(*sink_, telemetry::StoreFailed{.why = kept.error().detail()});
        }
    }
}

void Program::keep(const std::stop_token& stop) {
    constexpr std::chrono::seconds kBetween{10};
    auto last = clock_->now();
    std::array<Deadline, 2> refreshed{Deadline::clock::now(), Deadline::clock::now()};
    auto forgot = last;
    constexpr std::chrono::minutes kBetweenSettling{1};
    auto settled_on = record::to_civil(last).date;
    auto tried = Deadline::clock::now();
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock{keeping_};
            (void)wake_.wait_for(lock, stop, std::chrono::seconds{1}, [] { return false; });
        }
        const auto now = clock_->now();
        settle_consents();
        later_->look();
        show_what_has_come(last, now);
        last = now;
        const bool is_due = !is_access_settled_ && Deadline::clock::now() - tried >= kBetweenSettling;
        if (const auto today = record::to_civil(now).date; today != settled_on || is_due) {
            settle_access();
            settled_on = today;
            tried = Deadline::clock::now();
        }
        if (now - forgot >= kBetween || now < forgot) {
            forget_what_is_over();
            forgot = now;
        }
        const bool is_overdue = stamper_ != nullptr && stamper_->is_overdue();
        log_->hold_calls(is_overdue ? "a seal has waited too long for its time-stamp" : "");
        refresh(watch(), refreshed[0], stop);
        refresh(admin_watch(), refreshed[1], stop);
        servers_->refresh(stop);
        record_refusals(false);
    }
}

}  // namespace datong::app
