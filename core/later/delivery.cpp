#include "core/later/delivery.h"

#include <algorithm>
#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/crypto/token.h"
#include "core/http/client.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"

namespace datong::later {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kLimit{10};       ///< of one attempt
constexpr std::size_t kMostOfAnswer = 64 << 10;  ///< what a consumer says to it is of no interest
constexpr std::size_t kNonce = 16;

Result<codec::HttpMessage> request_of(const catalogue::Callback& to, const Delivery& what,
                                      const catalogue::NamedKey& signer, std::chrono::system_clock::time_point now) {
    const auto begin = to.url.find("://") + 3;
    const auto slash = to.url.find('/', begin);
    codec::HttpMessage request;
    request.method = "POST";
    request.scheme = "https";
    request.authority = to.url.substr(begin, slash - begin);
    request.target = slash == std::string::npos ? "/" : to.url.substr(slash);
    request.body = what.body;
    request.add("Host", request.authority);
    request.add("Content-Type", "application/json");
    request.add("Content-Digest", signing::content_digest(what.body));
    request.add("Idempotency-Key", '"' + what.key + '"');
    const signing::SignHow how{.components = signing::request_components(true),
                               .created = to_unix_seconds(now),
                               .nonce = to_base64url(crypto::random_bytes(kNonce)),
                               .keyid = signer.id,
                               .algorithm = signer.key->default_algorithm()};
    auto made = signing::sign_http(request, nullptr, how, *signer.key);
    return made ? Result<codec::HttpMessage>{std::move(request)} : fail(std::move(made.error()));
}

}  // namespace

asio::awaitable<Result<int>> deliver(std::shared_ptr<const catalogue::Snapshot> snapshot, catalogue::Callback to,
                                     Delivery what, std::chrono::system_clock::time_point now,
                                     const exchange::Threads& threads) {
    const std::function<Result<codec::HttpMessage>()> work = [snapshot, to, what, now] {
        return request_of(to, what, snapshot->gateway.key.at(now), now);
    };
    const bool waits = crypto::is_in_token(*snapshot->gateway.key.at(now).key);
    auto request = waits ? co_await exchange::by_token<codec::HttpMessage>(threads, work) : work();
    if (!request) {
        co_return fail(std::move(request.error()));
    }
    auto client = http::Client::make({.url = to.url.substr(0, to.url.find('/', to.url.find("://") + 3)),
                                      .ca_pem = to.ca_pem,
                                      .max_answer = kMostOfAnswer});
    if (!client) {
        co_return fail(std::move(client.error()));
    }
    auto answer = co_await (*client)->send(std::move(*request), Deadline::clock::now() + kLimit);
    if (!answer) {
        co_return fail(std::move(answer.error()));
    }
    co_return answer->status;
}

std::chrono::seconds pause_after(const catalogue::Callback& to, std::int64_t attempts) {
    constexpr std::chrono::seconds kLongest{3'600};
    constexpr std::int64_t kMostDoubled = 12;  // an hour is reached before
    return std::min(kLongest, to.retry * (std::int64_t{1} << std::clamp<std::int64_t>(attempts - 1, 0, kMostDoubled)));
}

}  // namespace datong::later
