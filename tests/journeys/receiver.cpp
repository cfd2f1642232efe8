#include "tests/journeys/receiver.h"

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "core/async/loops.h"
#include "core/async/wait.h"
#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "core/http/server.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"
#include "tests/journeys/platform.h"

namespace datong::journeys {

struct Receiver::State {
    explicit State(std::string keys) : keys_folder{std::move(keys)} {}

    std::string keys_folder;
    mutable std::mutex mutex;
    Mood mood{Mood::good};
    std::vector<codec::HttpMessage> requests;
    std::set<std::string> known;
    std::vector<record::Record> told;
    std::function<void()> at_effect;
    std::string trouble;
    async::Loops loops{1};
    std::unique_ptr<http::Server> server;

    /// As docs/matters.md says that a platform checks it.
    [[nodiscard]] Status check(const codec::HttpMessage& request) const {
        const auto signature = signing::read_http_signature(request);
        if (!signature) {
            return fail(signature.error());
        }
        if (!signing::missing_components(*signature, signing::request_components(true)).empty()) {
            return fail(Fault::not_signed, "not all is covered");
        }
        const auto age = to_unix_seconds(SystemClock{}.now()) - signature->created.value_or(0);
        if (age < -30 || age > 300 || signature->nonce.empty()) {
            return fail(Fault::signature_stale, "stale");
        }
        const auto key = crypto::VerifyingKey::from_pem(read_file(keys_folder + "/gateway.pub.pem"));
        if (auto good = signing::verify_http(*signature, *key); !good) {
            return good;
        }
        return signing::check_content_digest(request.field("content-digest").value_or(""), request.body);
    }

    [[nodiscard]] codec::HttpMessage take(codec::HttpMessage request) {
        const std::lock_guard lock{mutex};
        codec::HttpMessage answer;
        requests.push_back(request);
        if (auto good = check(request); !good) {
            trouble = good.error().detail();
            answer.status = 401;
            return answer;
        }
        if (mood == Mood::failing || mood == Mood::gone) {
            answer.status = mood == Mood::gone ? 410 : 503;
            return answer;
        }
        if (mood == Mood::moved) {
            answer.status = 307;
            answer.add("Location", "/elsewhere");
            return answer;
        }
        auto body = codec::read_json(request.body);
        const bool is_new = body && known.insert(request.field("idempotency-key").value_or("")).second;
        if (is_new) {
            told.push_back(std::move(*body));
            if (at_effect) {
                at_effect();
            }
        }
        answer.status = is_new && mood == Mood::forgetful ? 500 : 204;
        return answer;
    }
};

Receiver::Receiver(std::string keys_folder) : state_{std::make_unique<State>(std::move(keys_folder))} {
    State& state = *state_;
    http::ServerSettings settings;
    settings.tls = std::make_shared<const http::TlsFiles>(
        http::TlsFiles{.chain_pem = read_file(state.keys_folder + "/tls.chain.pem"),
                       .key_pem = read_file(state.keys_folder + "/tls.key.pem")});
    state.server = std::make_unique<http::Server>(
        std::move(settings), state.loops,
        [&state](codec::HttpMessage request, http::Peer, Deadline) -> boost::asio::awaitable<codec::HttpMessage> {
            bool hangs = false;
            {
                const std::lock_guard lock{state.mutex};
                hangs = state.mood == Mood::hanging;
                if (hangs) {
                    state.requests.push_back(request);
                }
            }
            if (hangs) {
                co_await async::sleep_until(Deadline::clock::now() + std::chrono::seconds{60});
            }
            co_return state.take(std::move(request));
        },
        [](const Error&, const std::string&) { return codec::HttpMessage{.status = 400}; });
    if (!state.server->listen()) {
        throw std::runtime_error{"the receiver can't listen"};
    }
    state.loops.start();
}

Receiver::~Receiver() {
    state_->server->drain(std::chrono::milliseconds{0});
    state_->loops.stop(std::chrono::milliseconds{100});
    state_->server.reset();
}

std::string Receiver::url() const {
    return "https://127.0.0.1:" + std::to_string(state_->server->port()) + "/datong";
}

void Receiver::set(Mood mood) {
    const std::lock_guard lock{state_->mutex};
    state_->mood = mood;
}

void Receiver::at_effect(std::function<void()> then) {
    const std::lock_guard lock{state_->mutex};
    state_->at_effect = std::move(then);
}

std::size_t Receiver::attempts() const {
    const std::lock_guard lock{state_->mutex};
    return state_->requests.size();
}

std::size_t Receiver::effects() const {
    const std::lock_guard lock{state_->mutex};
    return state_->told.size();
}

std::vector<record::Record> Receiver::told() const {
    const std::lock_guard lock{state_->mutex};
    return state_->told;
}

std::vector<codec::HttpMessage> Receiver::requests() const {
    const std::lock_guard lock{state_->mutex};
    return state_->requests;
}

std::string Receiver::trouble() const {
    const std::lock_guard lock{state_->mutex};
    return state_->trouble;
}

bool eventually(const std::function<bool()>& there) {
    return eventually_within(std::chrono::minutes{2}, there);
}

bool eventually_within(std::chrono::seconds time, const std::function<bool()>& there) {
    const auto until = std::chrono::steady_clock::now() + time;
    bool is_there = there();
    while (!is_there && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        is_there = there();
    }
    return is_there;
}

}  // namespace datong::journeys
