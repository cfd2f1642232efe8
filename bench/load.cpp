#include "bench/load.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/async/wait.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/http_message.h"
#include "core/crypto/digest.h"
#include "core/crypto/key.h"
#include "core/http/client.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"

namespace datong::bench {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

/// What the senders share; all on one loop.
struct Running {
    const LoadPlan& plan;
    http::Client& client;
    Caller caller;
    SteadyClock::time_point began;
    SteadyClock::time_point ends;
    std::uint64_t sent{};
    LoadResult result{};

    [[nodiscard]] bool done() const {
        return SteadyClock::now() >= ends && (plan.calls_a_second > 0 || result.latencies.size() >= plan.least_calls);
    }
};

asio::awaitable<void> send_calls(Running* running) {
    while (!running->done()) {
        SteadyClock::time_point due = SteadyClock::now();
        if (running->plan.calls_a_second > 0) {
            const double after = static_cast<double>(running->sent) / running->plan.calls_a_second;
            due = running->began + std::chrono::microseconds{static_cast<std::int64_t>(after * 1e6)};
        }
        ++running->sent;
        co_await async::sleep_until(due);
        auto request = signed_call(running->caller, running->plan.target, running->plan.body);
        const auto deadline = SteadyClock::now() + std::chrono::seconds{10};
        auto answer = co_await running->client.send(std::move(request), deadline);
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - due);
        running->result.latencies.push_back(static_cast<std::uint32_t>(took.count()));
        const bool is_good =
            answer && answer->status == 200 && answer->body.find(running->plan.answer_holds) != std::string::npos;
        running->result.failures += is_good ? 0 : 1;
        if (!is_good && running->result.first_failure.empty()) {
            running->result.first_failure =
                answer ? std::to_string(answer->status) + ' ' + answer->body : answer.error().detail();
        }
    }
}

}  // namespace

codec::HttpMessage signed_call(const Caller& caller, const std::string& target, const std::string& body) {
    codec::HttpMessage request;
    request.method = body.empty() ? "GET" : "POST";
    request.scheme = "https";
    request.authority = caller.authority;
    request.target = target;
    request.add("Host", caller.authority);
    if (!body.empty()) {
        request.body = body;
        request.add("Content-Type", "application/json");
        request.add("Content-Digest", signing::content_digest(body));
    }
    const signing::SignHow how{.components = signing::request_components(!body.empty()),
                               .created = to_unix_seconds(std::chrono::system_clock::now()),
                               .nonce = to_base64url(crypto::random_bytes(12)),
                               .keyid = caller.keyid,
                               .algorithm = caller.key.default_algorithm()};
    const auto made = signing::sign_http(request, nullptr, how, caller.key);
    return made ? request : codec::HttpMessage{};
}

double LoadResult::percentile(double part) const {
    if (latencies.empty()) {
        return 0;
    }
    const auto at = static_cast<std::size_t>(part * static_cast<double>(latencies.size() - 1));
    return static_cast<double>(latencies[at]);
}

Result<LoadResult> run_load(const LoadPlan& plan) {
    http::ClientSettings settings;
    settings.url = plan.url;
    settings.ca_pem = plan.ca_pem;
    settings.idle_per_loop = plan.connections;
    auto key = crypto::SigningKey::from_pem(plan.key_pem);
    if (!key) {
        return fail(key.error());
    }
    asio::io_context loop{1};
    auto client = http::Client::make(std::move(settings));
    if (!client) {
        return fail(client.error());
    }
    const auto now = SteadyClock::now();
    Running running{
        .plan = plan,
        .client = **client,
        .caller = {.key = std::move(*key), .keyid = plan.keyid, .authority = plan.url.substr(plan.url.find("://") + 3)},
        .began = now,
        .ends = now + plan.length};
    for (std::size_t i = 0; i < plan.connections; ++i) {
        asio::co_spawn(loop, send_calls(&running), asio::detached);
    }
    loop.run();
    running.result.seconds = std::chrono::duration<double>(SteadyClock::now() - running.began).count();
    std::sort(running.result.latencies.begin(), running.result.latencies.end());
    client->reset();
    return std::move(running.result);
}

}  // namespace datong::bench
