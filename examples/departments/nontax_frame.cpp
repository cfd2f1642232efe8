#include "examples/departments/nontax_frame.h"

#include <cctype>
#include <charconv>
#include <cstddef>

#include <openssl/evp.h>

#include "examples/departments/legacy_text.h"

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

std::string message(std::string_view result, std::string_view text, const std::string& inside) {
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
           "</HEAD><MSG><MOF>" + elements({{"Result", std::string{result}}, {"AddWord", std::string{text}}}) + inside +
           "</MOF></MSG></CFX>";
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

std::optional<std::string> open_nontax(std::string_view request) {
    std::string mac{request.substr(request.size() - kMac)};
    for (char& c : mac) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    const std::string_view xml = request.substr(kHead, request.size() - kHead - kMac);
    if (request.substr(kLength, 8) != "CNNONTAX" || mac != mac_of(xml)) {
        return std::nullopt;
    }
    return from_gb18030(xml);
}

std::string nontax_answer(std::string_view result, std::string_view text, const std::string& inside, bool to_gbk) {
    const std::string made = message(result, text, inside);
    return frame("5001", to_gbk ? to_gb18030(made) : made);
}

}  // namespace datong::departments
