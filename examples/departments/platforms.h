#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "examples/departments/tiny_http.h"

namespace datong::departments {

// How platforms want calls signed, written a second time and independently of the gateway's own code.

/// x-tif-signature of a call: hexadecimal SHA-256 over timestamp, token, nonce and timestamp.
[[nodiscard]] std::string tif_signature(std::string_view timestamp, std::string_view token, std::string_view nonce);

/// gjgxjhpt_sign: Base64 of HMAC-SHA256 over sid, rid and rtime.
[[nodiscard]] std::string national_signature(std::string_view key, std::string_view sid, std::string_view rid,
                                             std::string_view rtime);

/// A secret as it is lent: Base64 of AES-128-ECB under what Java's SHA1PRNG makes of the appkey.
[[nodiscard]] std::string wrapped_secret(std::string_view appkey, std::string_view secret);

/// 32 hexadecimal digits, others each time.
[[nodiscard]] std::string random_key();

/// The province's gateway before a department (粤 TIF): lets through what is signed with the token, is at most three
/// minutes old and was not sent before; refuses the rest with code 401 in a body with status 200.
class TifGate {
public:
    TifGate(Handler department, std::string paasid);

    [[nodiscard]] const std::string& token() const noexcept { return token_; }
    [[nodiscard]] Told answer(const Asked& asked, Trouble trouble);

private:
    [[nodiscard]] bool is_signed(const Asked& asked);

    Handler department_;
    std::string paasid_;
    std::string token_;
    std::set<std::string> nonces_;
};

/// The provincial centre (省数据共享交换平台, gjgxjhpt): lends a secret to who signs with the appkey, and hands calls
/// that are signed with it to the department's service. Its own codes: E-106 not in the list, E-107 the secret has
/// expired. May be used from many threads.
class ProvincialCentre {
public:
    struct Service {
        std::string sid;
        std::string path;  ///< of the department
    };
    ProvincialCentre(Handler department, std::string rid, std::vector<Service> services);

    [[nodiscard]] const std::string& appkey() const noexcept { return appkey_; }
    [[nodiscard]] Told answer(const Asked& asked, Trouble trouble);

    /// What was lent signs no more.
    void expire();
    [[nodiscard]] std::size_t lent() const;

private:
    [[nodiscard]] Told lend(const Asked& asked);

    Handler department_;
    std::string rid_;
    std::vector<Service> services_;
    std::string appkey_;
    mutable std::mutex mutex_;
    std::string secret_;
    std::set<std::string> expired_;
    std::size_t lent_{};
};

}  // namespace datong::departments
