#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "examples/departments/tiny_frame.h"

namespace datong::departments {

struct Town;

/// 公积金结算 over TCP: 16 octets of head, 4 of length, GBK XML. Octet 6 of the head says '1' of a frame in the clear:
/// the sign-in (签到, SYS600), and the word that somebody must sign in; '0' of a business message, whose XML is
/// enciphered with the key that the sign-in brought (SM4), which itself comes enciphered by the master key. A key is
/// good for so many messages, and no longer once somebody signs in anew. May be used from many threads.
class SettlementCentre {
public:
    /// `town` must outlive it.
    explicit SettlementCentre(const Town& town);
    SettlementCentre(const SettlementCentre&) = delete;
    SettlementCentre& operator=(const SettlementCentre&) = delete;
    ~SettlementCentre() = default;

    [[nodiscard]] const std::string& password() const noexcept { return password_; }
    /// 32 hexadecimal digits.
    [[nodiscard]] const std::string& master_key() const noexcept { return master_key_; }

    [[nodiscard]] std::string answer(std::string_view request, Trouble trouble);

    /// The key of now is not known any more.
    void age_out();
    [[nodiscard]] std::size_t sign_ins() const;

private:
    [[nodiscard]] std::string sign_in(std::string_view body);
    [[nodiscard]] std::string business(std::string_view body, Trouble trouble);

    const Town& town_;
    std::string password_;
    std::string master_key_;
    mutable std::mutex mutex_;
    std::string key_;     ///< 16 octets; empty: nobody has signed in
    std::size_t left_{};  ///< messages that the key is still good for
    std::size_t sign_ins_{};
};

}  // namespace datong::departments
