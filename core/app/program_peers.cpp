#include "core/app/program.h"

#include <algorithm>
#include <utility>

#include "core/async/wait.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_path.h"

// Who speaks on a connection, and whether their certificate still stands.
namespace datong::app {
namespace {

const std::string& client_ca_of(const catalogue::Snapshot& snapshot) {
    static const std::string none;
    return snapshot.gateway.listen.tls ? snapshot.gateway.listen.tls->client_ca_pem : none;
}

/// Whether a client's certificate leads to these authorities: the handshake judged it by those of its time.
bool is_below(const http::Peer& peer, const std::string& client_ca, std::chrono::system_clock::time_point now) {
    if (peer.anchors && *peer.anchors == client_ca) {
        return true;
    }
    const std::string chain = peer.x509_pem ? *peer.x509_pem : std::string{};
    const auto verdict = crypto::check_path({.leaf = chain,
                                             .anchors = {client_ca},
                                             .others = {chain},
                                             .at = now,
                                             .revocation = crypto::PathQuestion::Revocation::none});
    return verdict && verdict->good;
}

}  // namespace

void Program::watch_by(const catalogue::Gateway& gateway) {
    watch_by(gateway.listen, watch_);
    watch_by(gateway.admin, admin_watch_);
}

void Program::watch_by(const catalogue::Listener& listener, std::shared_ptr<revocation::Watch>& kept) {
    std::shared_ptr<revocation::Watch> next;
    const auto before = [&] {
        const std::lock_guard lock{watching_};
        return kept;
    }();
    if (listener.revocation) {
        const catalogue::Revocation& wanted = *listener.revocation;
        revocation::Rules rules{.is_hard = wanted.is_hard,
                                .crls = wanted.crls,
                                .ocsp = wanted.ocsp,
                                .anchors = {listener.tls ? listener.tls->client_ca_pem : std::string{}},
                                .refresh = wanted.refresh};
        if (before && before->rules() == rules) {
            return;
        }
        const std::chrono::milliseconds timeout = wanted.timeout;
        next = std::make_shared<revocation::Watch>(std::move(rules), outside_within(timeout), *clock_, *sink_);
        if (before) {
            next->adopt(*before);  // connections that are open have no second first request
        }
    }
    const std::lock_guard lock{watching_};
    kept = std::move(next);
}

std::shared_ptr<revocation::Watch> Program::watch() const {
    const std::lock_guard lock{watching_};
    return watch_;
}

std::shared_ptr<revocation::Watch> Program::admin_watch() const {
    const std::lock_guard lock{watching_};
    return admin_watch_;
}

boost::asio::awaitable<codec::HttpMessage> Program::answer(codec::HttpMessage request, http::Peer peer,
                                                           Deadline arrived) const {
    // a connection that is older than the watch was never met
    if (const auto watch = peer.x509_sha256.empty() ? nullptr : this->watch();
        watch && !watch->has_met(peer.x509_sha256)) {
        co_await meet(peer, watch);
    }
    policy::Peer other{.sha256 = peer.x509_sha256,
                       .subject = peer.x509_subject,
                       .address = peer.address,
                       .standing = standing_of(peer)};
    co_return co_await doors_->handle(std::move(request), std::move(other), arrived);
}

policy::Standing Program::standing_of(const http::Peer& peer) const {
    if (!peer.x509_sha256.empty() && clock_->now() > peer.x509_ends) {
        return policy::Standing::over;  // a connection lives on, and a session resumes without being judged
    }
    if (!peer.x509_sha256.empty() && !is_below(peer, client_ca_of(*current_.get()), clock_->now())) {
        return policy::Standing::revoked;  // whoever vouched for it does so no more
    }
    const auto watch = peer.x509_sha256.empty() ? nullptr : this->watch();
    if (!watch) {
        return policy::Standing::accepted;
    }
    switch (watch->find(peer.x509_sha256)) {
        case revocation::Finding::good:
            return policy::Standing::accepted;
        case revocation::Finding::revoked:
            return policy::Standing::revoked;
        case revocation::Finding::unknown:
            break;
    }
    return watch->rules().is_hard ? policy::Standing::unproven : policy::Standing::accepted;
}

/// The handshake judged it by its own time, and by the authorities of then; a session lives on.
accounts::Outcome<std::string> Program::identity_shown(const http::Peer& peer) const {
    if (!peer.x509_pem) {
        return std::string{};
    }
    const auto snapshot = current_.get();
    const auto& tls = snapshot->gateway.admin.tls;
    const auto verdict = crypto::check_path({.leaf = *peer.x509_pem,
                                             .anchors = {tls ? tls->client_ca_pem : std::string{}},
                                             .others = {*peer.x509_pem},
                                             .at = clock_->now(),
                                             .revocation = crypto::PathQuestion::Revocation::none});
    if (!verdict || !verdict->good) {
        return accounts::refuse(accounts::Refused::sign_in_refused, {}, "certificate_void");
    }
    if (const auto watch = admin_watch()) {
        const auto finding = watch->find(peer.x509_sha256);
        if (finding == revocation::Finding::revoked) {
            return accounts::refuse(accounts::Refused::sign_in_refused, {}, "certificate_revoked");
        }
        if (finding == revocation::Finding::unknown && watch->rules().is_hard) {
            return accounts::refuse(accounts::Refused::sign_in_refused, {}, "certificate_unproven");
        }
    }
    return identity_of(*peer.x509_pem);
}

boost::asio::awaitable<codec::HttpMessage> Program::answer_admin(codec::HttpMessage request, http::Peer peer) const {
    if (const auto watch = peer.x509_sha256.empty() ? nullptr : admin_watch();
        watch && !watch->has_met(peer.x509_sha256)) {
        co_await meet(peer, watch);
    }
    co_return co_await admin_->handle(std::move(request), std::move(peer));
}

boost::asio::awaitable<void> Program::meet(http::Peer peer, std::shared_ptr<revocation::Watch> watch) const {
    constexpr std::chrono::seconds kLongest{10};
    if (!watch || watch->find(peer.x509_sha256) != revocation::Finding::unknown) {
        co_return;
    }
    std::function<Status()> learn = [watch, peer = std::move(peer)]() -> Status {
        watch->meet(peer.x509_sha256, *peer.x509_pem);
        return {};
    };
    // who is too late is judged by what is known then
    (void)co_await async::on_pool<void>(*learners_, std::move(learn), Deadline::clock::now() + kLongest);
}

}  // namespace datong::app
