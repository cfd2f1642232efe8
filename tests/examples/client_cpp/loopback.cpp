#include "tests/examples/client_cpp/loopback.h"

#include <thread>
#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

namespace datong::tests {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

std::size_t length_of(const std::string& head) {
    constexpr std::string_view kName = "\r\nContent-Length:";
    const std::size_t at = head.find(kName);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + kName.size()));
}

template <class Stream>
void serve(Stream& stream, const Loopback::Handler& handler) {
    boost::system::error_code error;
    std::string request;
    const std::size_t head = asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", error);
    if (error) {
        return;
    }
    const std::size_t whole = head + length_of(request.substr(0, head));
    if (request.size() < whole) {
        asio::read(stream, asio::dynamic_buffer(request), asio::transfer_exactly(whole - request.size()), error);
    }
    asio::write(stream, asio::buffer(handler(request)), error);
}

}  // namespace

struct Loopback::State {
    State(Handler given, LoopbackTls given_tls) : handler{std::move(given)}, tls{std::move(given_tls)} {
        if (!tls.chain_pem.empty()) {
            context.use_certificate_chain(asio::buffer(tls.chain_pem));
            context.use_private_key(asio::buffer(tls.key_pem), asio::ssl::context::pem);
        }
        if (!tls.client_ca_pem.empty()) {
            context.add_certificate_authority(asio::buffer(tls.client_ca_pem));
            context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
        }
    }

    void accept() {
        acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (!error) {
                answer(std::move(socket));
                accept();
            }
        });
    }

    void answer(tcp::socket socket) {
        if (tls.chain_pem.empty()) {
            serve(socket, handler);
            return;
        }
        boost::system::error_code error;
        asio::ssl::stream<tcp::socket> stream{std::move(socket), context};
        stream.handshake(asio::ssl::stream_base::server, error);
        if (!error) {
            serve(stream, handler);
            stream.shutdown(error);
        }
    }

    Handler handler;
    LoopbackTls tls;
    asio::io_context loop;
    asio::ssl::context context{asio::ssl::context::tls_server};
    tcp::acceptor acceptor{loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    std::thread thread;
};

Loopback::Loopback(Handler handler, LoopbackTls tls)
    : state_{std::make_unique<State>(std::move(handler), std::move(tls))} {
    state_->accept();
    state_->thread = std::thread{[state = state_.get()] { state->loop.run(); }};
}

Loopback::~Loopback() {
    state_->loop.stop();
    state_->thread.join();
}

std::uint16_t Loopback::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::string Loopback::authority() const {
    return "127.0.0.1:" + std::to_string(port());
}

}  // namespace datong::tests
