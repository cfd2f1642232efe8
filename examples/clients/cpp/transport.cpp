#include "examples/clients/cpp/transport.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <cpprest/http_client.h>
#include <boost/asio/ssl.hpp>

#include "core/base/text.h"

namespace datong::client {
namespace {

namespace ssl = boost::asio::ssl;
namespace rest = web::http;

constexpr std::size_t kMostAnswer = 64U << 20U;

bool is_loopback(std::string_view authority) {
    const std::string_view host =
        authority.substr(0, authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':'));
    return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

/// What cpprestsdk would neither encode nor normalise.
bool is_plain(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [more](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

/// Our anchors only: the context that cpprestsdk prepared trusts the system's too.
ssl::context context_of(const TransportSettings& settings) {
    ssl::context context{ssl::context::tls_client};
    context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string{}; });
    if (settings.ca_pem.empty()) {
        context.set_default_verify_paths();
    } else {
        context.add_certificate_authority(boost::asio::buffer(settings.ca_pem));
    }
    if (!settings.client_chain_pem.empty()) {
        context.use_certificate_chain(boost::asio::buffer(settings.client_chain_pem));
        context.use_private_key(boost::asio::buffer(settings.client_key_pem.reveal()), ssl::context::pem);
    }
    return context;
}

rest::client::http_client_config config_of(const TransportSettings& settings) {
    rest::client::http_client_config config;
    config.set_timeout(settings.timeout);
    config.set_max_redirects(0);  // a signed request goes to the host that it names and to no other
    config.set_validate_certificates(true);
    config.set_ssl_context_callback([settings](ssl::context& context) { context = context_of(settings); });
    return config;
}

/// Host is left to the library, which writes the authority of its base URI, as it was given: a Host set
/// here would be compared with the server's certificate, port and all.
rest::http_request request_of(const codec::HttpMessage& message) {
    rest::http_request request{message.method};
    request.set_request_uri(web::uri{message.target});
    if (!message.body.empty()) {
        request.set_body(std::vector<unsigned char>{message.body.begin(), message.body.end()});
    }
    for (const codec::HttpField& field : message.fields) {
        request.headers().remove(field.name);  // the library's own idea of the content type
    }
    for (const codec::HttpField& field : message.fields) {
        request.headers().add(field.name, field.value);
    }
    return request;
}

codec::HttpMessage answer_of(rest::http_response response) {
    codec::HttpMessage answer;
    answer.status = response.status_code();
    for (const auto& [name, value] : response.headers()) {
        answer.add(name, value);
    }
    const auto body = response.extract_vector().get();
    answer.body.assign(body.begin(), body.end());
    return answer;
}

}  // namespace

struct Transport::State {
    explicit State(const TransportSettings& settings)
        : client{web::uri{settings.endpoint.scheme + "://" + settings.endpoint.authority}, config_of(settings)} {}

    rest::client::http_client client;
};

Result<Endpoint> read_url(std::string_view url) {
    const auto bad = [](std::string what) { return fail(Fault::bad_request, "--url: " + std::move(what)); };
    Endpoint endpoint;
    const std::size_t colon = url.find("://");
    endpoint.scheme = ascii_lower(url.substr(0, colon));
    if (colon == std::string_view::npos || (endpoint.scheme != "https" && endpoint.scheme != "http")) {
        return bad("must begin with https://");
    }
    std::string_view rest = url.substr(colon + 3);
    endpoint.authority = ascii_lower(rest.substr(0, rest.find('/')));
    rest.remove_prefix(endpoint.authority.size());
    while (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    endpoint.base_path = rest;
    if (endpoint.authority.empty() || !is_plain(endpoint.authority, ".-:[]") || !is_plain(rest, "/-._~")) {
        return bad("must be scheme, host, port and a plain path only");
    }
    if (endpoint.scheme == "http" && !is_loopback(endpoint.authority)) {
        return bad("plain http is for this machine only; use https");
    }
    return endpoint;
}

Transport::Transport(std::unique_ptr<State> state) : state_{std::move(state)} {
}
Transport::~Transport() = default;
Transport::Transport(Transport&&) noexcept = default;
Transport& Transport::operator=(Transport&&) noexcept = default;

Result<Transport> Transport::make(const TransportSettings& settings) {
    try {
        static_cast<void>(context_of(settings));  // what can't be used is said before anything is sent
        return Transport{std::make_unique<State>(settings)};
    } catch (const std::exception& trouble) {
        return fail(Fault::bad_request, std::string{"TLS files: "} + trouble.what());
    }
}

Result<codec::HttpMessage> Transport::send(const codec::HttpMessage& request) const {
    try {
        auto response = state_->client.request(request_of(request)).get();
        if (response.headers().content_length() > kMostAnswer) {
            return fail(Fault::unavailable, "the answer is too large");
        }
        return answer_of(std::move(response));
    } catch (const std::exception& trouble) {
        return fail(Fault::unavailable, trouble.what());
    }
}

}  // namespace datong::client
