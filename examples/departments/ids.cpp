#include "examples/departments/ids.h"

#include <array>

namespace datong::departments {
namespace {

constexpr std::string_view kAlphabet36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kAlphabet31 = "0123456789ABCDEFGHJKLMNPQRTUWXY";

int place(std::string_view alphabet, char c) {
    return static_cast<int>(alphabet.find(c));
}

}  // namespace

std::string resident_id(std::string_view first_17) {
    constexpr std::array<int, 17> kWeights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (std::size_t i = 0; i < kWeights.size(); ++i) {
        sum += kWeights[i] * (first_17[i] - '0');
    }
    return std::string{first_17} + "10X98765432"[sum % 11];
}

std::string short_resident_id(std::string_view id_18) {
    return std::string{id_18.substr(0, 6)} + std::string{id_18.substr(8, 9)};
}

std::string organisation_code(std::string_view first_8) {
    constexpr std::array<int, 8> kWeights{3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (std::size_t i = 0; i < kWeights.size(); ++i) {
        sum += kWeights[i] * place(kAlphabet36, first_8[i]);
    }
    return std::string{first_8} + "0X987654321"[sum % 11];
}

std::string credit_code(std::string_view kind, std::string_view division, std::string_view organisation) {
    std::string code{kind};
    code.append(division).append(organisation_code(organisation));
    int sum = 0;
    int weight = 1;
    for (const char c : code) {
        sum += weight * place(kAlphabet31, c);
        weight = weight * 3 % 31;
    }
    return code + kAlphabet31[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

std::string certificate_id(std::string_view type, std::string_view issuer, std::string_view serial) {
    constexpr std::string_view kVersion = "001";
    int p = 36;
    for (const std::string_view part : {type, issuer, serial, kVersion}) {
        for (const char c : part) {
            p = (p + place(kAlphabet36, c)) % 36;
            p = (p == 0 ? 36 : p) * 2 % 37;
        }
    }
    std::string id = "1.2.156.3005.2.";
    id.append(type).append(".").append(issuer).append(".").append(serial).append(".").append(kVersion).append(".");
    return id + kAlphabet36[static_cast<std::size_t>((37 - p) % 36)];
}

}  // namespace datong::departments
