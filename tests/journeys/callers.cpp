#include "tests/journeys/callers.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/async/wait.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/http/client.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"
#include "core/signing/jws.h"
#include "tests/journeys/platform.h"

namespace datong::journeys {
namespace asio = boost::asio;

/// One connection after the other, and one call after the other on it. All lines are on the callers' one loop.
struct Callers::Line {
    Callers& all;
    int calls_each;  ///< before the connection is replaced

    static asio::awaitable<void> call_on(std::shared_ptr<Line> line) {
        Line* const self = line.get();
        while (!self->all.stop_) {
            auto client = http::Client::make({.url = self->all.aim_.url,
                                              .ca_pem = self->all.aim_.ca_pem,
                                              .judge_server = [self](std::string sha256, const auto&, Deadline) {
                                                  return see(self, std::move(sha256));
                                              }});
            for (int i = 0; i < self->calls_each && !self->all.stop_; ++i) {
                co_await async::sleep_until(self->all.next());
                co_await call(self, client->get());
            }
        }
    }

    static asio::awaitable<Status> see(Line* self, std::string sha256) {
        const std::lock_guard lock{self->all.mutex_};
        self->all.certificates_.insert(std::move(sha256));
        co_return Status{};
    }

    static Deadline soon() { return Deadline::clock::now() + std::chrono::seconds{30}; }

    static asio::awaitable<void> call(Line* self, http::Client* client) {
        const auto key = self->all.key();
        codec::HttpMessage request = self->prepare(*key);
        auto answer = co_await client->send(request, soon());
        ++self->all.calls_;
        if (!answer || answer->status != 200) {
            self->all.note(answer ? answer->body : answer.error().detail());
            co_return;
        }
        const auto signature = signing::read_http_signature(*answer, &request);
        const record::Record body = json_of(*answer);
        const auto certificate = signing::read_jws(body.text_of("certificate"));
        if (!signature || !certificate ||
            !signing::check_content_digest(answer->field("content-digest").value_or(""), answer->body)) {
            self->all.note("no signature, certificate or digest");
            co_return;
        }
        const auto gateway = co_await key_of(self, client, signature->keyid);
        const auto issuer = co_await key_of(self, client, certificate->keyid());
        if (!gateway || !signing::verify_http(*signature, *gateway)) {
            self->all.note("not signed by a published key: " + signature->keyid);
        }
        if (!issuer || !signing::verify_jws(*certificate, *issuer)) {
            self->all.note("certificate not signed by a published key: " + certificate->keyid());
        }
    }

    /// A key that is not known yet is looked up where the gateway publishes it.
    static asio::awaitable<std::optional<crypto::VerifyingKey>> key_of(Line* self, http::Client* client,
                                                                       std::string id) {
        auto known = self->all.published(id);
        if (!known) {
            codec::HttpMessage request;
            request.method = "GET";
            request.target = "/v1/keys";
            const auto answer = co_await client->send(std::move(request), soon());
            if (answer && answer->status == 200) {
                self->all.learn(json_of(*answer));
            }
            known = self->all.published(id);
        }
        co_return known;
    }

    [[nodiscard]] codec::HttpMessage prepare(const CallerKey& key) const {
        codec::HttpMessage request;
        request.method = "POST";
        request.scheme = "https";
        request.authority = all.aim_.url.substr(all.aim_.url.find("://") + 3);
        request.target = all.aim_.target;
        request.body = all.aim_.body;
        request.add("Host", request.authority);
        request.add("Content-Type", "application/json");
        request.add("Content-Digest", signing::content_digest(request.body));
        const signing::SignHow how{.components = signing::request_components(true),
                                   .created = to_unix_seconds(std::chrono::system_clock::now()),
                                   .nonce = to_base64url(crypto::random_bytes(16)),
                                   .keyid = key.id,
                                   .algorithm = key.key.default_algorithm()};
        if (!signing::sign_http(request, nullptr, how, key.key)) {
            all.note("not signed");
        }
        return request;
    }
};

Callers::Callers(Aim aim, std::shared_ptr<const CallerKey> key)
    : aim_{std::move(aim)}, next_{Deadline::clock::now()}, key_{std::move(key)}, thread_{[this] { run(); }} {
}

Callers::~Callers() {
    stop();
}

void Callers::run() {
    asio::io_context loop{1};
    for (std::size_t i = 0; i < aim_.connections; ++i) {
        auto line = std::make_shared<Line>(Line{.all = *this, .calls_each = i % 8 == 7 ? 1 : 40});
        asio::co_spawn(loop, Line::call_on(std::move(line)), [this](const std::exception_ptr& thrown) {
            if (thrown) {
                note("an exception");
            }
        });
    }
    loop.run();
}

Deadline Callers::next() {
    constexpr std::chrono::seconds kPatience{1};
    const auto each = std::chrono::duration_cast<Deadline::duration>(std::chrono::seconds{1}) /
                      static_cast<Deadline::rep>(aim_.per_second);
    const auto now = Deadline::clock::now();
    for (; next_ + kPatience < now; next_ += each) {
        ++missed_;
    }
    return std::exchange(next_, next_ + each);
}

void Callers::stop() {
    stop_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::weak_ptr<const CallerKey> Callers::use(std::shared_ptr<const CallerKey> key) {
    const std::lock_guard lock{mutex_};
    std::weak_ptr<const CallerKey> before = key_;
    key_ = std::move(key);
    return before;
}

std::shared_ptr<const CallerKey> Callers::key() const {
    const std::lock_guard lock{mutex_};
    return key_;
}

void Callers::note(const std::string& failure) {
    const std::lock_guard lock{mutex_};
    if (failures_++ == 0) {
        first_failure_ = failure;
    }
}

std::string Callers::first_failure() const {
    const std::lock_guard lock{mutex_};
    return first_failure_;
}

std::vector<std::string> Callers::signers() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> ids;
    for (const auto& [id, seen] : signers_) {
        ids.push_back(id);
    }
    return ids;
}

std::size_t Callers::certificates() const {
    const std::lock_guard lock{mutex_};
    return certificates_.size();
}

std::optional<crypto::VerifyingKey> Callers::published(const std::string& id) {
    const std::lock_guard lock{mutex_};
    const auto found = published_.find(id);
    if (found == published_.end()) {
        return std::nullopt;
    }
    signers_[id] = true;
    return found->second;
}

void Callers::learn(const record::Record& jwks) {
    const record::Record* keys = jwks.find("keys");
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; keys != nullptr && i < keys->items().size(); ++i) {
        if (auto key = crypto::VerifyingKey::from_jwk(keys->items()[i])) {
            published_.emplace(keys->items()[i].text_of("kid"), std::move(*key));
        }
    }
}

}  // namespace datong::journeys
