#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/guarded.h"
#include "core/crypto/key.h"
#include "tests/support/http_handler.h"

namespace datong::test {

/// A platform that signs in and answers as the real ones do, every profile on one port. It verifies by the published
/// text of each profile, lends secrets under Java's SHA1PRNG, and counts what happens.
class Platform {
public:
    static constexpr const char* kAppkey = "0123456789abcdef0123456789abcdef";

    Platform();

    [[nodiscard]] std::string url() const { return server_.url(); }
    [[nodiscard]] std::string peer_key() const;      ///< SM2, hexadecimal
    void knows(const crypto::VerifyingKey& client);  ///< for the envelope

    /// From now on what was lent before is refused, inside a 200.
    void expire();
    void refuse_to_lend(bool on);
    void refuse_everything(bool on);

    [[nodiscard]] int lendings() const { return count_of(lendings_); }
    [[nodiscard]] int good() const { return count_of(good_); }
    [[nodiscard]] int refused() const { return count_of(refused_); }
    [[nodiscard]] std::string last_body() const;
    [[nodiscard]] std::string last_target() const;

private:
    using Request = support::HandledRequest;
    using Answer = support::HttpHandler::Answer;

    [[nodiscard]] int count_of(const int& counter) const;
    Answer handle(const Request& request);
    Answer lend_national(const Request& request);
    Answer national(const Request& request);
    Answer national_form(const Request& request);
    Answer tif(const Request& request);
    Answer sha1(const Request& request);
    Answer lend_gateway(const Request& request);
    Answer gateway(const Request& request);
    Answer lend_zj(const Request& request, bool renews);
    Answer zj(const Request& request);
    Answer lend_token(const Request& request);
    Answer token(const Request& request);
    Answer envelope(const Request& request);
    /// Counts, and answers with the code that the platforms' papers say.
    Answer judge(bool is_good);

    mutable std::mutex mutex_;
    int epoch_{};
    bool lends_{true};
    bool refuses_all_{};
    int lendings_{};
    int good_{};
    int refused_{};
    std::map<std::string, Secret> lent_;  ///< by sid, appid or token; what is valid now
    std::string gateway_time_;
    std::string refresh_secret_;
    std::string last_body_;
    std::string last_target_;
    crypto::SigningKey own_;
    std::optional<crypto::VerifyingKey> client_;
    support::HttpHandler server_;
};

}  // namespace datong::test
