#include "core/http/origin.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <openssl/ssl.h>

#include "core/base/text.h"
#include "core/http/rules.h"

namespace datong::http {
namespace {

tl::unexpected<Error> bad(std::string_view why) {
    return fail(Fault::internal, "url: " + std::string{why});
}

/// "host", "host:port" or "[v6]:port".
Status read_authority(std::string_view text, Url& url) {
    std::string_view host = text;
    std::string_view port;
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos) {
        return bad("an open bracket");
    }
    if (const auto colon = text.find(':', bracket); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    url.port = url.tls ? 443 : 80;
    if (!port.empty() || text.ends_with(':')) {
        const auto number = to_whole_number(port);
        if (!number || *number == 0 || *number > 65'535) {
            return bad("no port number");
        }
        url.port = static_cast<std::uint16_t>(*number);
    }
    url.authority = url.port == (url.tls ? 443 : 80) ? std::string{host} : std::string{text};
    url.host = bracket == 0 ? host : host.substr(1, bracket - 1);
    const auto fits = [](char c) {
        return c > 0x20 && c < 0x7F && std::string_view{"@/?#[]%\\,"}.find(c) == std::string_view::npos;
    };
    if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), fits)) {
        return bad("no host");
    }
    return {};
}

/// Where a context keeps its origin; index 0 is Asio's own.
int origin_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

/// OpenSSL hands over each new session; returning 1 means that it is ours now.
int keep_session(SSL* session, SSL_SESSION* fresh) {
    auto* origin = static_cast<Origin*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), origin_index()));
    origin->ticket.keep(fresh);
    return 1;
}

}  // namespace

Ticket::~Ticket() {
    SSL_SESSION_free(last_);
}

void Ticket::keep(SSL_SESSION* session) {
    SSL_SESSION* old = nullptr;
    {
        const std::lock_guard lock{mutex_};
        old = std::exchange(last_, session);
    }
    SSL_SESSION_free(old);
}

void Ticket::use(SSL* session, bool of_any_age) {
    const std::lock_guard lock{mutex_};
    if (last_ != nullptr && (of_any_age || !is_over(SSL_SESSION_get0_peer(last_)))) {
        SSL_set_session(session, last_);  // counts a reference of its own
    }
}

Result<Url> parse_url(const std::string& text) {
    Url url;
    std::string_view rest = text;
    if (rest.starts_with("https://")) {
        url.tls = true;
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
    } else {
        return bad("neither http:// nor https://");
    }
    const auto slash = std::min(rest.find('/'), rest.size());
    if (auto good = read_authority(rest.substr(0, slash), url); !good) {
        return fail(std::move(good.error()));
    }
    url.path = rest.substr(slash);
    while (url.path.ends_with('/')) {
        url.path.pop_back();
    }
    if (url.path.find('?') != std::string::npos || (!url.path.empty() && !check_target(url.path))) {
        return bad("no plain path");
    }
    return url;
}

Result<std::shared_ptr<Origin>> make_origin(ClientSettings settings) {
    auto url = parse_url(settings.url);
    if (!url) {
        return fail(std::move(url.error()));
    }
    auto origin = std::make_shared<Origin>();
    origin->url = std::move(*url);
    origin->settings = std::move(settings);
    origin->resolver = async::Resolver{origin->url.host, std::to_string(origin->url.port), origin->settings.look_up};
    if (!origin->url.tls) {
        return origin;
    }
    auto tls = client_tls(origin->settings);
    if (!tls) {
        return fail(std::move(tls.error()));
    }
    origin->tls = std::move(*tls);
    SSL_CTX* raw = origin->tls->native_handle();
    SSL_CTX_set_ex_data(raw, origin_index(), origin.get());
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(raw, keep_session);
    return origin;
}

}  // namespace datong::http
