#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace datong::crypto {

/// Raw octets: 32, 64 and 32 bytes.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string sha512(std::string_view bytes);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// 32 octets. Source: GB/T 32905-2016.
[[nodiscard]] std::string sm3(std::string_view bytes);
/// 32 octets. Source: GM/T 0042-2015, appendix D.3.
[[nodiscard]] std::string hmac_sm3(std::string_view key, std::string_view bytes);
/// From OpenSSL's generator; a failure ends the process.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// SHA-256 in steps. One object is used by one thread.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void add(std::string_view bytes);
    /// add(to_base64(bytes)), without making that text.
    void add_base64(std::string_view bytes);
    [[nodiscard]] std::string finish();  ///< 32 octets; the object starts anew

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace datong::crypto
