#include "examples/departments/platforms.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "examples/departments/legacy_text.h"

namespace datong::departments {
namespace {

constexpr long long kWindowSeconds = 180;
constexpr std::size_t kKeySize = 16;  // AES-128

std::string header(const Asked& asked, std::string_view name) {
    const auto found = asked.headers.find(name);
    return found == asked.headers.end() ? std::string{} : found->second;
}

std::string digest(const EVP_MD* kind, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), octets.data(), &size, kind, nullptr);
    return {reinterpret_cast<const char*>(octets.data()), size};
}

std::string hexadecimal(std::string_view octets) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : octets) {
        const auto octet = static_cast<unsigned char>(c);
        out.append(1, kDigits[octet >> 4U]).append(1, kDigits[octet & 15U]);
    }
    return out;
}

long long seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Told refusal(std::string_view code) {
    return {.body = json_object({{"code", json_quoted(code)}, {"msg", json_quoted("接口调用失败")}, {"data", "\"\""}})};
}

}  // namespace

std::string tif_signature(std::string_view timestamp, std::string_view token, std::string_view nonce) {
    return hexadecimal(digest(EVP_sha256(), std::string{timestamp}.append(token).append(nonce).append(timestamp)));
}

std::string national_signature(std::string_view key, std::string_view sid, std::string_view rid,
                               std::string_view rtime) {
    const std::string text = std::string{sid}.append(rid).append(rtime);
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), octets.data(), &size);
    return to_base64({reinterpret_cast<const char*>(octets.data()), size});
}

std::string wrapped_secret(std::string_view appkey, std::string_view secret) {
    const std::string seed = digest(EVP_sha1(), digest(EVP_sha1(), appkey)).substr(0, kKeySize);
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher{EVP_CIPHER_CTX_new(),
                                                                                 EVP_CIPHER_CTX_free};
    std::string out(secret.size() + kKeySize, '\0');
    auto* octets = reinterpret_cast<unsigned char*>(out.data());
    int size = 0;
    int rest = 0;
    EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_ecb(), nullptr, reinterpret_cast<const unsigned char*>(seed.data()),
                       nullptr);
    EVP_EncryptUpdate(cipher.get(), octets, &size, reinterpret_cast<const unsigned char*>(secret.data()),
                      static_cast<int>(secret.size()));
    EVP_EncryptFinal_ex(cipher.get(), octets + size, &rest);
    out.resize(static_cast<std::size_t>(size + rest));
    return to_base64(out);
}

std::string random_key() {
    std::array<unsigned char, kKeySize> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        throw std::runtime_error{"no random octets"};
    }
    return hexadecimal({reinterpret_cast<const char*>(octets.data()), octets.size()});
}

TifGate::TifGate(Handler department, std::string paasid)
    : department_{std::move(department)}, paasid_{std::move(paasid)}, token_{random_key()} {
}

bool TifGate::is_signed(const Asked& asked) {
    const std::string timestamp = header(asked, "x-tif-timestamp");
    const std::string nonce = header(asked, "x-tif-nonce");
    std::string given = header(asked, "x-tif-signature");
    std::transform(given.begin(), given.end(), given.begin(),  // some write capitals
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool is_fresh = std::abs(seconds_now() - std::atoll(timestamp.c_str())) <= kWindowSeconds;
    return header(asked, "x-tif-paasid") == paasid_ && is_fresh && !nonce.empty() &&
           given == tif_signature(timestamp, token_, nonce) && nonces_.insert(nonce).second;
}

Told TifGate::answer(const Asked& asked, Trouble trouble) {
    if (!is_signed(asked)) {
        return {.body = json_object({{"code", "401"}, {"message", json_quoted("验签失败")}, {"data", "null"}})};
    }
    return department_(asked, trouble);
}

ProvincialCentre::ProvincialCentre(Handler department, std::string rid, std::vector<Service> services)
    : department_{std::move(department)},
      rid_{std::move(rid)},
      services_{std::move(services)},
      appkey_{random_key()},
      secret_{random_key()} {
}

void ProvincialCentre::expire() {
    const std::lock_guard lock{mutex_};
    expired_.insert(std::exchange(secret_, random_key()));
}

std::size_t ProvincialCentre::lent() const {
    const std::lock_guard lock{mutex_};
    return lent_;
}

Told ProvincialCentre::lend(const Asked& asked) {
    const std::string sign = national_signature(appkey_, asked.value("gjgxjhpt_sid"), asked.value("gjgxjhpt_rid"),
                                                asked.value("gjgxjhpt_rtime"));
    if (asked.value("gjgxjhpt_rid") != rid_ || asked.value("gjgxjhpt_sign") != sign) {
        return refusal("E-106");
    }
    const std::lock_guard lock{mutex_};
    ++lent_;
    const std::string ends = std::to_string((seconds_now() + 1'800) * 1'000);
    return {.body = json_object(
                {{"code", json_quoted("0")},
                 {"message", json_quoted("成功")},
                 {"data", json_texts({{"secret", wrapped_secret(appkey_, secret_)}, {"secretEndTime", ends}})}})};
}

Told ProvincialCentre::answer(const Asked& asked, Trouble trouble) {
    if (asked.path == "/sysapi/auth/refreshappsecret") {
        return lend(asked);
    }
    const std::string sid = header(asked, "gjgxjhpt_sid");
    const auto service =
        std::find_if(services_.begin(), services_.end(), [&](const Service& one) { return one.sid == sid; });
    if (asked.path != "/httpproxy" || service == services_.end()) {
        return {.status = 404, .content_type = "text/plain", .body = "no such service"};
    }
    {
        const std::lock_guard lock{mutex_};
        const auto is_by = [&](const std::string& secret) {
            return header(asked, "gjgxjhpt_sign") ==
                   national_signature(secret, sid, header(asked, "gjgxjhpt_rid"), header(asked, "gjgxjhpt_rtime"));
        };
        if (header(asked, "gjgxjhpt_rid") != rid_ || !is_by(secret_)) {
            return refusal(std::any_of(expired_.begin(), expired_.end(), is_by) ? "E-107" : "E-106");
        }
    }
    Asked inner = asked;
    inner.path = service->path;
    return department_(inner, trouble);
}

}  // namespace datong::departments
