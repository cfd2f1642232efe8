#include <charconv>

#include <openssl/evp.h>

#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"
#include "examples/departments/tiny_frame.h"

namespace datong::departments {
namespace {

constexpr std::string_view kToken = "demo-fs-token";
constexpr std::size_t kLength = 8;
constexpr std::size_t kHead = 8 + 8 + 3 + 4;  // length, CNNONTAX, 1.0, message number
constexpr std::size_t kMac = 64;

/// 64 hexadecimal digits of SHA-256 over token and message; capitals, as this bureau's server writes them.
std::string mac_of(std::string_view xml) {
    const std::string text = std::string{kToken}.append(xml);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
        out.append(1, kHex[digest[i] >> 4U]).append(1, kHex[digest[i] & 15U]);
    }
    return out;
}

std::string frame(std::string_view number, const std::string& xml) {
    const std::string rest = "CNNONTAX1.0" + std::string{number} + xml + mac_of(xml);
    return fixed_column(std::to_string(kLength + rest.size()), kLength) + rest;
}

std::string message(std::string_view result, std::string_view text, const std::string& voucher) {
    return "<?xml version=\"1.0\" encoding=\"GBK\"?><CFX><HEAD>" +
           elements({{"APP", "CNNONTAX"},
                     {"VER", "1.0"},
                     {"SRC", "999900"},
                     {"DES", "DATONG"},
                     {"MsgNo", "5001"},
                     {"MsgID", "1"},
                     {"MsgRef", "1"},
                     {"WorkDate", "20240630"},
                     {"Reserve", ""}}) +
           "</HEAD><MSG><MOF>" + elements({{"Result", std::string{result}}, {"AddWord", std::string{text}}}) +
           element("VoucherCount", voucher.empty() ? "0" : "1") + "<VoucherBody>" +
           (voucher.empty() ? "" : element("Voucher", voucher)) + "</VoucherBody></MOF></MSG></CFX>";
}

std::string voucher_xml(const Town& town, std::size_t index) {
    const Person& person = town.persons[index];
    const Flat& flat = town.flats[index];
    return "<Voucher>" +
           elements({{"AdmDivCode", flat.division},
                     {"PayCode", pay_code_of(index)},
                     {"BillDate", flat.registered},
                     {"ChgAgenCode", "018001"},
                     {"ChgAgenName", "示例市不动产登记中心"},
                     {"PayerName", person.name},
                     {"PayerCode", person.id},
                     {"Amt", "80.00"},
                     {"PayInfo", "103044550|不动产登记费|件|1|80.00#"},
                     {"RecAcctName", "示例市财政局非税收入专户"},
                     {"RecAcct", "9999000012345678"},
                     {"RecBank", "示例银行"},
                     {"PayStats", index % 5 == 4 ? "0" : "1"},
                     {"PayDate", index % 5 == 4 ? "" : flat.registered + "112233"}}) +
           "</Voucher>";
}

std::string answer(const Town& town, std::string_view request, Trouble trouble) {
    const std::string_view head = request.substr(0, kHead);
    const std::string xml{request.substr(kHead, request.size() - kHead - kMac)};
    const std::string mac{request.substr(request.size() - kMac)};
    const auto told = [&](std::string_view result, std::string_view text, const std::string& voucher) {
        const std::string made = message(result, text, voucher);
        return frame("5001", trouble == Trouble::wrong_encoding ? made : to_gb18030(made));
    };
    std::string upper = mac;
    for (char& c : upper) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    if (head.substr(kLength, 8) != "CNNONTAX" || upper != mac_of(xml)) {
        return told("99999", "报文校验失败", "");
    }
    if (trouble == Trouble::token_expired) {
        return told("2002", "未签到", "");
    }
    const std::string voucher = from_gb18030(from_base64(element_text(from_gb18030(xml), "Voucher")));
    const std::string code = element_text(voucher, "PayCode");
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        if (pay_code_of(i) == code) {
            const std::string found = voucher_xml(town, told_instead(i, trouble));
            return told("00000", "成功", to_base64(trouble == Trouble::wrong_encoding ? found : to_gb18030(found)));
        }
    }
    return told("18012", "缴款码不存在", "");
}

}  // namespace

FrameHead nontax_head() {
    return {.octets = kHead, .whole = [](std::string_view head) -> std::optional<std::size_t> {
                std::size_t length = 0;
                const auto [end, error] = std::from_chars(head.data(), head.data() + kLength, length);
                const bool fits = error == std::errc{} && length >= kHead + kMac;
                return fits ? std::optional{length} : std::nullopt;
            }};
}

FrameHandler nontax_server(const Town& town) {
    return [&town](std::string_view request, Trouble trouble) { return answer(town, request, trouble); };
}

}  // namespace datong::departments
