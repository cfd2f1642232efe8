#include "tests/journeys/platform.h"

#include <fstream>
#include <sstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "core/http/client.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"

namespace datong::journeys {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> post(http::Client* client, codec::HttpMessage request, Result<codec::HttpMessage>* into) {
    *into = co_await client->send(std::move(request), std::chrono::steady_clock::now() + std::chrono::seconds{30});
}

}  // namespace

std::string read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

void write_text(const std::string& path, const std::string& text) {
    std::ofstream{path, std::ios::binary} << text;
}

record::Record json_of(const codec::HttpMessage& message) {
    auto body = codec::read_json(message.body);
    return body ? std::move(*body) : record::Record{};
}

Platform::Platform(std::string url, std::string keys_folder, std::string consumer)
    : url_{std::move(url)}, keys_{std::move(keys_folder)}, consumer_{std::move(consumer)} {
}

void Platform::show_certificate(const std::string& name) {
    certificate_ = keys_ + '/' + name;
}

codec::HttpMessage Platform::prepare(const std::string& target, const std::string& body) const {
    codec::HttpMessage request;
    request.method = "POST";
    request.scheme = "https";
    request.authority = url_.substr(url_.find("://") + 3);
    request.target = target;
    request.body = body;
    request.add("Host", request.authority);
    request.add("Content-Type", "application/json");
    request.add("Content-Digest", signing::content_digest(body));
    return signed_now(std::move(request));
}

codec::HttpMessage Platform::prepare_get(const std::string& target) const {
    codec::HttpMessage request;
    request.method = "GET";
    request.scheme = "https";
    request.authority = url_.substr(url_.find("://") + 3);
    request.target = target;
    request.add("Host", request.authority);
    return signed_now(std::move(request));
}

codec::HttpMessage Platform::signed_now(codec::HttpMessage request) const {
    const auto key = crypto::SigningKey::from_pem(read_file(keys_ + '/' + consumer_ + ".key.pem"));
    const signing::SignHow how{.components = signing::request_components(request.method != "GET"),
                               .created = to_unix_seconds(std::chrono::system_clock::now()),
                               .nonce = to_base64url(crypto::random_bytes(16)),
                               .keyid = consumer_ + "-2026",
                               .algorithm = key->default_algorithm()};
    const auto made = signing::sign_http(request, nullptr, how, *key);
    return made ? request : codec::HttpMessage{};
}

codec::HttpMessage Platform::send(codec::HttpMessage request) const {
    http::ClientSettings settings;
    settings.url = url_;
    settings.ca_pem = read_file(keys_ + "/ca.pem");
    settings.max_answer = 64U << 20;
    if (!certificate_.empty()) {
        settings.client_chain_pem = read_file(certificate_ + ".chain.pem");
        settings.client_key_pem = Secret{read_file(certificate_ + ".key.pem")};
    }
    asio::io_context loop{1};
    Result<codec::HttpMessage> answer = fail(Fault::unavailable, "not asked");
    {
        auto client = http::Client::make(std::move(settings));
        if (!client) {
            return {};
        }
        asio::co_spawn(loop, post(client->get(), std::move(request), &answer), asio::detached);
        loop.run();
    }
    return answer ? std::move(*answer) : codec::HttpMessage{};
}

codec::HttpMessage Platform::call(const std::string& target, const record::Record& body) const {
    return send(prepare(target, codec::write_json(body)));
}

Status Platform::check_signature(const codec::HttpMessage& answer, const codec::HttpMessage& request) const {
    const auto signature = signing::read_http_signature(answer, &request);
    if (!signature) {
        return fail(signature.error());
    }
    for (const std::string& component : signing::answer_components(request.method != "GET", "sig1")) {
        if (std::find(signature->components.begin(), signature->components.end(), component) ==
            signature->components.end()) {
            return fail(Fault::not_signed, component);
        }
    }
    const auto key = crypto::VerifyingKey::from_pem(read_file(keys_ + "/gateway.pub.pem"));
    if (auto good = key->verify(key->default_algorithm(), signature->base, signature->signature); !good) {
        return good;
    }
    return signing::check_content_digest(answer.field("content-digest").value_or(""), answer.body);
}

}  // namespace datong::journeys
