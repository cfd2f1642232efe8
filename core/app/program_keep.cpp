#include "core/app/program.h"

#include <algorithm>
#include <utility>

namespace datong::app {

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
                                                                 .client_required = shown->client_required});
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

/// Certificates whose moment has come are shown without a reload.
void Program::keep(const std::stop_token& stop) {
    auto last = clock_->now();
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock{keeping_};
            (void)wake_.wait_for(lock, stop, std::chrono::seconds{1}, [] { return false; });
        }
        const std::lock_guard lock{reloading_};
        const auto snapshot = current_.get();
        const auto now = clock_->now();
        const auto has_come = [last, now](const catalogue::Listener& listener) {
            return std::ranges::any_of(listener.later, [last, now](const catalogue::TlsText& later) {
                return later.from > last && later.from <= now;
            });
        };
        if (!draining_ && snapshot && (has_come(snapshot->gateway.listen) || has_come(snapshot->gateway.admin))) {
            (void)show_tls(snapshot->gateway, now);  // they were checked when they were loaded
        }
        last = now;
    }
}

}  // namespace datong::app
