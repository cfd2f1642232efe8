#pragma once

#include <stdexcept>
#include <string>

#include <openssl/ssl.h>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "tests/support/http_handler.h"

namespace datong::test {

/// An https server of any age.
class OldBox {
public:
    struct Settings {
        std::string chain;
        std::string key;
        int most = TLS1_3_VERSION;  ///< the newest version of TLS that it speaks
        std::string client_ca{};    ///< not empty: a client's certificate is required
    };

    explicit OldBox(const Settings& settings) {
        SSL_CTX* raw = tls_.native_handle();
        SSL_CTX_set_security_level(raw, 0);
        SSL_CTX_set_min_proto_version(raw, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(raw, settings.most);
        SSL_CTX_set_cipher_list(raw, "ALL:!aNULL:!eNULL@SECLEVEL=0");
        tls_.use_certificate_chain(boost::asio::buffer(settings.chain));
        tls_.use_private_key(boost::asio::buffer(settings.key), boost::asio::ssl::context::pem);
        if (!settings.client_ca.empty()) {
            tls_.add_certificate_authority(boost::asio::buffer(settings.client_ca));
            tls_.set_verify_mode(boost::asio::ssl::verify_peer | boost::asio::ssl::verify_fail_if_no_peer_cert);
        }
    }

    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(server_.port()); }

private:
    void talk(boost::asio::ip::tcp::socket& socket) {
        boost::asio::ssl::stream<boost::asio::ip::tcp::socket&> stream{socket, tls_};
        boost::system::error_code ec;
        stream.handshake(boost::asio::ssl::stream_base::server, ec);
        std::string buffer;
        support::HandledRequest request;
        while (!ec && support::read_request(stream, buffer, request)) {
            const std::string body = SSL_get_version(stream.native_handle());
            const std::string out =
                "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
            boost::asio::write(stream, boost::asio::buffer(out), ec);
        }
    }

    boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_server};
    support::LoopbackServer server_{[this](boost::asio::ip::tcp::socket& socket) { talk(socket); }};
};

}  // namespace datong::test
