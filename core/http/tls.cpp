#include "core/http/tls.h"

#include <array>
#include <span>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/text.h"
#include "core/crypto/token.h"
#include "core/crypto/x509.h"

namespace datong::http {
namespace {

namespace ssl = boost::asio::ssl;

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// A client that speaks no HTTP/1.1 at all is refused, not guessed at. Source: RFC 7301, 3.2.
int select_http_1_1(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, size, kHttp11.data(), kHttp11.size(), offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

boost::asio::const_buffer bytes_of(const std::string& text) {
    return boost::asio::buffer(text.data(), text.size());
}

tl::unexpected<Error> tls_failure(const std::string& what) {
    std::array<char, 160> why{};
    const auto code = ERR_get_error();
    if (code != 0) {
        ERR_error_string_n(code, why.data(), why.size());
    }
    ERR_clear_error();
    return fail(Fault::internal, "TLS: " + what + (code != 0 ? std::string{": "} + why.data() : ""));
}

Result<TlsContext> new_context(ssl::context::method method) {
    auto context = std::make_shared<ssl::context>(method);
    SSL_CTX* raw = context->native_handle();
    if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
        return tls_failure("protocol");
    }
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    // a pinned issuing authority is an anchor as good as a root
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(raw), X509_V_FLAG_PARTIAL_CHAIN);
    return context;
}

Status use_chain(ssl::context& context, const std::string& chain_pem) {
    boost::system::error_code ec;
    context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string{}; }, ec);
    context.use_certificate_chain(bytes_of(chain_pem), ec);
    return ec ? tls_failure("certificate chain is no PEM") : Status{};
}

/// Handshakes are put aside while the token signs.
Status use_token(ssl::context& context, const std::string& chain_pem, const crypto::SigningKey& token) {
    if (auto good = use_chain(context, chain_pem); !good) {
        return good;
    }
    const auto key = crypto::handshake_key(token);
    if (!key) {
        return fail(Fault::internal, "TLS: " + key.error().detail());
    }
    SSL_CTX* raw = context.native_handle();
    if (SSL_CTX_use_PrivateKey(raw, key->get()) != 1 || SSL_CTX_check_private_key(raw) != 1) {
        return tls_failure("the key in the token is not the certificate's");
    }
    SSL_CTX_set_mode(raw, SSL_MODE_ASYNC);
    return {};
}

Status use_identity(ssl::context& context, const std::string& chain_pem, const std::string& key_pem) {
    if (auto good = use_chain(context, chain_pem); !good) {
        return good;
    }
    boost::system::error_code ec;
    context.use_private_key(bytes_of(key_pem), ssl::context::pem, ec);
    if (ec || SSL_CTX_check_private_key(context.native_handle()) != 1) {
        return tls_failure("private key is no PEM or not the certificate's");
    }
    return {};
}

/// Also tells clients the names, so that they can choose a certificate.
Status trust(ssl::context& context, const std::string& ca_pem) {
    boost::system::error_code ec;
    context.add_certificate_authority(bytes_of(ca_pem), ec);
    const BioPtr bio{BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size()))};
    int count = 0;
    while (const X509Ptr x509{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        SSL_CTX_add_client_CA(context.native_handle(), x509.get());
        ++count;
    }
    ERR_clear_error();
    if (ec || count == 0) {
        return tls_failure("trust anchors are no PEM");
    }
    return {};
}

/// A ticket holds the client's own certificate without those that came with it, and who it is would be judged without
/// them: sessions of clients that may show one stay here. What a client sends stays with them, so it is little, and not
/// for long.
void keep_sessions_whole(SSL_CTX* context) {
    constexpr long kMost = 1'000;         ///< one a handshake; one that is not there any more shakes hands in full
    constexpr long kMostOctets = 16'384;  ///< of a client's certificates: eight of 2 KiB
    constexpr long kSeconds = 600;
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_max_cert_list(context, kMostOctets);
    SSL_CTX_set_timeout(context, kSeconds);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context, kMost);
}

/// Sessions resume only under the same anchors.
Status name_sessions(SSL_CTX* context, const TlsFiles& files) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(files.client_ca_pem.data(), files.client_ca_pem.size(), digest.data(), &size, EVP_sha256(),
                   nullptr) != 1 ||
        SSL_CTX_set_session_id_context(context, digest.data(), SSL_MAX_SID_CTX_LENGTH) != 1) {
        return tls_failure("session context");
    }
    return {};
}

/// Whether the server's certificate, which the handshake proves to be its own, is one of those in the store.
bool is_pinned(X509_STORE_CTX* check) {
    X509* shown = X509_STORE_CTX_get0_cert(check);
    const STACK_OF(X509_OBJECT)* known = X509_STORE_get0_objects(X509_STORE_CTX_get0_store(check));
    for (int i = 0; i < sk_X509_OBJECT_num(known); ++i) {
        X509* one = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(known, i));
        if (one != nullptr && shown != nullptr && X509_cmp(one, shown) == 0) {
            return true;
        }
    }
    X509_STORE_CTX_set_error(check, X509_V_ERR_CERT_REJECTED);
    return false;
}

int is_pinned_of_any_age(X509_STORE_CTX* check, void*) {
    return is_pinned(check) ? 1 : 0;
}

int is_pinned_and_valid(X509_STORE_CTX* check, void*) {
    if (!is_pinned(check)) {
        return 0;
    }
    const X509* shown = X509_STORE_CTX_get0_cert(check);
    if (X509_cmp_current_time(X509_get0_notBefore(shown)) >= 0 ||
        X509_cmp_current_time(X509_get0_notAfter(shown)) <= 0) {
        X509_STORE_CTX_set_error(check, X509_V_ERR_CERT_HAS_EXPIRED);
        return 0;
    }
    return 1;
}

/// Level 0 lets SHA-1 and RSA of 1024 bits pass, which TLS 1.0 can't do without. Still nothing without a
/// certificate or without encryption.
bool allow_old(SSL_CTX* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);  // they know no RFC 5746
    return SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:DHE+AES:kRSA+AES:!aNULL:!eNULL") ==
               1;
}

bool is_address(const std::string& host) {
    boost::system::error_code ec;
    boost::asio::ip::make_address(host, ec);
    return !ec;
}

/// @param chain  as the client sent it, its own certificate left out; null where a ticket resumed the session.
std::shared_ptr<const std::string> pem_of(X509& x509, STACK_OF(X509) * chain) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    bool good = bio && PEM_write_bio_X509(bio.get(), &x509) == 1;
    for (int i = 0; good && i < sk_X509_num(chain); ++i) {
        good = PEM_write_bio_X509(bio.get(), sk_X509_value(chain, i)) == 1;
    }
    char* text = nullptr;
    const auto size = good ? BIO_get_mem_data(bio.get(), &text) : 0;
    return std::make_shared<const std::string>(text, static_cast<std::size_t>(size));
}

std::string subject_of(const X509& x509) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    if (!bio || X509_NAME_print_ex(bio.get(), X509_get_subject_name(&x509), 0, XN_FLAG_RFC2253) < 0) {
        return {};
    }
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

Result<TlsContext> server_tls(const TlsFiles& files) {
    auto context = new_context(ssl::context::tls_server);
    if (!context) {
        return context;
    }
    ssl::context& tls = **context;
    auto used =
        files.token ? use_token(tls, files.chain_pem, *files.token) : use_identity(tls, files.chain_pem, files.key_pem);
    auto good = std::move(used).and_then([&] { return name_sessions(tls.native_handle(), files); });
    if (!good) {
        return fail(std::move(good.error()));
    }
    SSL_CTX_set_alpn_select_cb(tls.native_handle(), select_http_1_1, nullptr);
    if (files.client_ca_pem.empty()) {
        if (files.client_required) {
            return fail(Fault::internal, "TLS: client certificates required, but no anchors for them");
        }
        return context;
    }
    if (auto trusted = trust(tls, files.client_ca_pem); !trusted) {
        return fail(std::move(trusted.error()));
    }
    keep_sessions_whole(tls.native_handle());
    SSL_CTX_set_verify(tls.native_handle(),
                       SSL_VERIFY_PEER | (files.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    return context;
}

Result<TlsContext> client_tls(const ClientSettings& settings) {
    auto context = new_context(ssl::context::tls_client);
    if (!context) {
        return context;
    }
    ssl::context& tls = **context;
    const bool is_pinned = !settings.pinned_pem.empty();
    if (settings.old_tls && !is_pinned) {
        return tls_failure("old TLS without a pinned certificate");
    }
    if (auto trusted = trust(tls, is_pinned ? settings.pinned_pem : settings.ca_pem); !trusted) {
        return fail(std::move(trusted.error()));
    }
    if (settings.old_tls && !allow_old(tls.native_handle())) {
        return tls_failure("old TLS");
    }
    if (!settings.client_chain_pem.empty()) {
        auto good = settings.client_token
                        ? use_token(tls, settings.client_chain_pem, *settings.client_token)
                        : use_identity(tls, settings.client_chain_pem, settings.client_key_pem.reveal());
        if (!good) {
            return fail(std::move(good.error()));
        }
    }
    SSL_CTX_set_verify(tls.native_handle(), SSL_VERIFY_PEER, nullptr);
    if (is_pinned) {
        const auto check = settings.old_tls ? is_pinned_of_any_age : is_pinned_and_valid;
        SSL_CTX_set_cert_verify_callback(tls.native_handle(), check, nullptr);
    }
    // unlike the rest of OpenSSL, 0 is success here
    if (SSL_CTX_set_alpn_protos(tls.native_handle(), kHttp11.data(), kHttp11.size()) != 0) {
        return tls_failure("ALPN");
    }
    return context;
}

bool is_over(const X509* x509) {
    return x509 == nullptr || X509_cmp_current_time(X509_get0_notAfter(x509)) <= 0;
}

bool expect_peer(SSL* session, const std::string& host, bool name_counts) {
    X509_VERIFY_PARAM* check = SSL_get0_param(session);
    if (is_address(host)) {
        return !name_counts || X509_VERIFY_PARAM_set1_ip_asc(check, host.c_str()) == 1;
    }
    X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return (!name_counts || X509_VERIFY_PARAM_set1_host(check, host.data(), host.size()) == 1) &&
           SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;  // the macro of that name casts in the old style
}

boost::asio::awaitable<bool> token_signs(SSL* session) {
    struct Wait {
        boost::asio::posix::stream_descriptor bell;
        boost::asio::steady_timer timer;
    };
    OSSL_ASYNC_FD bell{};
    std::size_t bells = 0;
    if (SSL_waiting_for_async(session) != 1 || SSL_get_all_async_fds(session, nullptr, &bells) != 1 || bells != 1 ||
        SSL_get_all_async_fds(session, &bell, &bells) != 1) {
        co_return false;
    }
    const boost::asio::any_io_executor loop = co_await boost::asio::this_coro::executor;
    const auto wait = std::make_shared<Wait>(
        Wait{boost::asio::posix::stream_descriptor{loop}, boost::asio::steady_timer{loop, crypto::kTokenTime}});
    boost::system::error_code ec;
    wait->bell.assign(::dup(bell), ec);
    auto ring = [wait](boost::system::error_code why) {
        boost::system::error_code ignored;
        if (!why) {
            wait->bell.cancel(ignored);
        }
    };
    wait->timer.async_wait(std::move(ring));
    if (!ec) {
        co_await wait->bell.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                       boost::asio::redirect_error(boost::asio::use_awaitable, ec));
    }
    wait->timer.cancel();
    co_return true;
}

bool is_tokens(const boost::system::error_code& ec) {
    return ec.category() == boost::asio::error::get_ssl_category() &&
           ERR_GET_LIB(static_cast<unsigned long>(ec.value())) == ERR_LIB_USER;
}

bool is_drained(SSL* session) {
    char octet{};
    ERR_clear_error();
    const int got = SSL_peek(session, &octet, 1);
    const bool waits = got <= 0 && SSL_get_error(session, got) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    // a record whose head has come and nothing else counts as read ("RB": waits for its body)
    return waits && SSL_has_pending(session) == 0 && std::string_view{SSL_rstate_string(session)} != "RB" &&
           BIO_ctrl_pending(SSL_get_rbio(session)) == 0;
}

void read_peer(SSL* session, Peer& peer) {
    const X509Ptr x509{SSL_get1_peer_certificate(session)};
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (!x509 || X509_digest(x509.get(), EVP_sha256(), digest.data(), &size) != 1) {
        return;
    }
    std::string bytes;
    for (const unsigned char byte : std::span{digest}.first(size)) {
        bytes.push_back(static_cast<char>(byte));
    }
    peer.x509_sha256 = to_hex(bytes);
    peer.x509_pem = pem_of(*x509, SSL_get_peer_cert_chain(session));
    peer.x509_subject = subject_of(*x509);
    const auto facts = crypto::read_x509(*peer.x509_pem);
    peer.x509_ends = facts ? facts->not_after : std::chrono::system_clock::time_point{};  // over where nobody can tell
}

}  // namespace datong::http
