#include <memory>
#include <optional>

#include <openssl/evp.h>

#include "examples/departments/legacy_text.h"
#include "examples/departments/platforms.h"
#include "examples/departments/settlement_centre.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr std::size_t kHead = 20;  // 16 octets of ASCII, 4 of length in network order

constexpr std::size_t kMark = 6;
constexpr char kClear = '1';
constexpr char kEnciphered = '0';
constexpr std::size_t kMessagesOfAKey = 50;

std::string from_hexadecimal(const std::string& digits) {
    std::string octets;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        octets += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
    return octets;
}

/// SM4 in ECB, PKCS #7 or whole blocks; nothing for what the key did not encipher.
std::optional<std::string> sm4(bool enciphers, const std::string& key, std::string_view text, bool padded) {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> made{EVP_CIPHER_CTX_new(),
                                                                               &EVP_CIPHER_CTX_free};
    const auto octets = [](const auto& from) { return reinterpret_cast<const unsigned char*>(from.data()); };
    std::string out(text.size() + 16, '\0');
    auto* into = reinterpret_cast<unsigned char*>(out.data());
    int first = 0;
    int last = 0;
    const bool good =
        key.size() == 16 &&
        EVP_CipherInit_ex(made.get(), EVP_sm4_ecb(), nullptr, octets(key), nullptr, enciphers ? 1 : 0) == 1 &&
        EVP_CIPHER_CTX_set_padding(made.get(), padded ? 1 : 0) == 1 &&
        EVP_CipherUpdate(made.get(), into, &first, octets(text), static_cast<int>(text.size())) == 1 &&
        EVP_CipherFinal_ex(made.get(), into + first, &last) == 1;
    out.resize(static_cast<std::size_t>(good ? first + last : 0));
    return good ? std::optional{std::move(out)} : std::nullopt;
}

std::string frame(char mark, std::string_view octets) {
    std::string out = "C52240" + std::string{mark} + "000000000";
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        out += static_cast<char>(octets.size() >> shift & 0xFFU);
    }
    return out.append(octets);
}

std::string loan_xml(const Town& town, std::size_t index) {
    const Person& person = town.persons[index];
    const Flat& flat = town.flats[index];
    const auto number = static_cast<std::int64_t>(index);
    const std::int64_t granted = flat.price_fen / 2;
    const int first = std::stoi(flat.registered.substr(0, 4));
    return "<LOAN>" +
           elements({{"JKHTBH", "GJJ" + flat.registered + fixed_number(number, 5)},
                     {"DKZH", "9999" + fixed_number(number + 800'000, 12)},
                     {"JKRXM", person.name},
                     {"JKRZJLX", "01"},
                     {"JKRZJH", index % 6 == 3 ? comparable_id(person.id) : person.id},
                     {"DKDBLX", index % 4 == 2 ? "03" : "01"},
                     {"DKHKFS", index % 2 == 0 ? "01" : "02"},
                     {"HTDKJE", yuan(granted)},
                     {"DKFFE", yuan(granted)},
                     {"DKFFRQ", flat.registered},
                     {"DKQS", "240"},
                     {"YDDQRQ", std::to_string(first + 20) + flat.registered.substr(4)},
                     {"JKHTLL", "0.0310000"},
                     {"DKYE", yuan(granted - granted / 240 * (number % 100))},
                     {"DKJQRQ", index % 20 == 19 ? dashed_day(flat.registered) : "99991231"},
                     {"LJYQQS", std::to_string(index % 12 == 11 ? 2 : 0)},
                     {"DKFXDJ", index % 12 == 11 ? "02" : "01"},
                     {"FWZL", flat.location},
                     {"FWJZMJ", yuan(flat.area_hundredths)},
                     {"FWZJ", yuan(flat.price_fen)},
                     {"DYWQZH", flat.certificate_no}}) +
           "</LOAN>";
}

std::string reply(std::string_view status, std::string_view code, std::string_view text, const std::string& loan) {
    return "<?xml version=\"1.0\" encoding=\"GBK\"?><MSG><HEAD>" +
           elements({{"TxStatus", std::string{status}},
                     {"RtnCode", std::string{code}},
                     {"RtnMessage", std::string{text}},
                     {"ReceiveDate", "20240630"},
                     {"ReceiveTime", "093000"}}) +
           "</HEAD><BODY>" + loan + "</BODY></MSG>";
}

std::string loan_answer(const Town& town, const std::string& xml, Trouble trouble) {
    const auto found = find_person(town, element_text(xml, "JKRXM"), element_text(xml, "JKRZJH"));
    if (element_text(xml, "TxCode") != "BDC903") {
        return reply("1", "90001", "交易码不支持", "");
    }
    return found ? reply("0", "00000", "成功", loan_xml(town, told_instead(*found, trouble)))
                 : reply("1", "10004", "无此借款人", "");
}

std::string not_signed_in() {
    return frame(kClear, to_gb18030(reply("1", "2002", "未签到", "")));
}

}  // namespace

SettlementCentre::SettlementCentre(const Town& town) : town_{town}, password_{random_key()}, master_key_{random_key()} {
}

std::string SettlementCentre::answer(std::string_view request, Trouble trouble) {
    const std::string_view body = request.substr(kHead);
    return request[kMark] == kClear ? sign_in(body) : business(body, trouble);
}

std::string SettlementCentre::sign_in(std::string_view body) {
    const std::string xml = from_gb18030(body);
    if (element_text(xml, "TxCode") != "SYS600" || element_text(xml, "OperNo") != "datong" ||
        element_text(xml, "PassWord") != password_) {
        return frame(kClear, to_gb18030(reply("1", "90010", "签到用户或口令错误", "")));
    }
    const std::string key = from_hexadecimal(random_key());
    const std::scoped_lock lock{mutex_};
    key_ = key;
    left_ = kMessagesOfAKey;
    ++sign_ins_;
    const auto wrapped = sm4(true, from_hexadecimal(master_key_), key, false);
    return frame(kClear, to_gb18030(reply("0", "00000", "成功", element("WorkKey", to_base64(wrapped.value_or(""))))));
}

std::string SettlementCentre::business(std::string_view body, Trouble trouble) {
    std::string key;
    {
        const std::scoped_lock lock{mutex_};
        if (left_ == 0 || trouble == Trouble::token_expired) {
            return not_signed_in();
        }
        --left_;
        key = key_;
    }
    const auto xml = sm4(false, key, body, true);
    if (!xml) {
        return not_signed_in();
    }
    const std::string told = loan_answer(town_, from_gb18030(*xml), trouble);
    const auto sealed = sm4(true, key, trouble == Trouble::wrong_encoding ? told : to_gb18030(told), true);
    return frame(kEnciphered, sealed.value_or(""));
}

void SettlementCentre::age_out() {
    const std::scoped_lock lock{mutex_};
    left_ = 0;
}

std::size_t SettlementCentre::sign_ins() const {
    const std::scoped_lock lock{mutex_};
    return sign_ins_;
}

FrameHead settlement_head() {
    return {.octets = kHead, .whole = [](std::string_view head) -> std::optional<std::size_t> {
                std::size_t length = 0;
                for (const char c : head.substr(16)) {
                    length = length << 8U | static_cast<unsigned char>(c);
                }
                return head.substr(0, 6) == "C52240" ? std::optional{kHead + length} : std::nullopt;
            }};
}

FrameHandler settlement_server(SettlementCentre& centre) {
    return [&centre](std::string_view request, Trouble trouble) {
        return FrameTold{.octets = centre.answer(request, trouble)};
    };
}

}  // namespace datong::departments
