#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/http/client.h"
#include "core/http/server.h"

namespace datong::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// TLS 1.2 and 1.3 with forward secrecy only, ALPN http/1.1, no renegotiation, sessions may resume: with all of the
/// certificates that the client showed, its authorities' too.
/// @return Fault::internal when a text is no PEM, or the key is not the certificate's.
[[nodiscard]] Result<TlsContext> server_tls(const TlsFiles& files);

/// Whoever answers must prove, with a certificate below `ca_pem`, to be who was called (see expect_peer), or hold
/// the key of a certificate in `pinned_pem`.
[[nodiscard]] Result<TlsContext> client_tls(const ClientSettings& settings);

/// Whether a certificate is past its end by now, which only a handshake in full looks at; so is none at all.
[[nodiscard]] bool is_over(const X509* x509);

/// Puts who must answer into a client's session: server name indication for a name, and the check of the
/// certificate's name or address.
/// @param name_counts  not where the certificate itself is pinned.
[[nodiscard]] bool expect_peer(SSL* session, const std::string& host, bool name_counts = true);

/// Waits for the signature of a token that a handshake was put aside for, for as long as one may take; then the
/// handshake is to be tried again, whatever has happened meanwhile. On the connection's loop.
/// @return false, at once, when there is none: the handshake is as it says.
[[nodiscard]] boost::asio::awaitable<bool> token_signs(SSL* session);

/// Whether a handshake failed so because the token gave no signature.
[[nodiscard]] bool is_tokens(const boost::system::error_code& ec);

/// Deciphers what has come and was not read, and lets it do what is not for us to see (tickets of TLS 1.3).
/// @return whether nothing is left to be read, not even a part of a record, and more may come.
[[nodiscard]] bool is_drained(SSL* session);

/// Fills what the peer's certificate says; nothing without one.
void read_peer(SSL* session, Peer& peer);

}  // namespace datong::http
