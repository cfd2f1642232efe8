#include "examples/departments/licence_file.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace datong::departments {
namespace {

/// Source: PKWARE APPNOTE 6.3, 4.4.7.
std::uint32_t crc32(std::string_view octets) {
    std::uint32_t sum = 0xFFFFFFFFU;
    for (const char c : octets) {
        sum ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0xEDB88320U : 0U);
        }
    }
    return ~sum;
}

void append_little(std::string& out, std::uint32_t value, int octets) {
    for (int i = 0; i < octets; ++i) {
        out += static_cast<char>((value >> (8U * static_cast<unsigned>(i))) & 0xFFU);
    }
}

struct Entry {
    std::string name;
    std::string octets;
};

/// What the local header and the central directory both say of an entry.
std::string facts_of(const Entry& entry) {
    std::string out;
    append_little(out, 20, 2);           // version needed
    append_little(out, 0, 2);            // flags
    append_little(out, 0, 2);            // stored
    append_little(out, 0x58210000U, 4);  // 2024-01-01 00:00
    append_little(out, crc32(entry.octets), 4);
    append_little(out, static_cast<std::uint32_t>(entry.octets.size()), 4);
    append_little(out, static_cast<std::uint32_t>(entry.octets.size()), 4);
    append_little(out, static_cast<std::uint32_t>(entry.name.size()), 2);
    append_little(out, 0, 2);  // no extra field
    return out;
}

/// Source: PKWARE APPNOTE 6.3, 4.3.6.
std::string stored_zip(const std::vector<Entry>& entries) {
    std::string out;
    std::string directory;
    for (const Entry& entry : entries) {
        const auto offset = static_cast<std::uint32_t>(out.size());
        out.append("PK\x03\x04").append(facts_of(entry)).append(entry.name).append(entry.octets);
        directory.append("PK\x01\x02");
        append_little(directory, 20, 2);
        directory.append(facts_of(entry));
        append_little(directory, 0, 2);  // comment
        append_little(directory, 0, 4);  // disk, internal attributes
        append_little(directory, 0, 4);  // external attributes
        append_little(directory, offset, 4);
        directory.append(entry.name);
    }
    const auto begins = static_cast<std::uint32_t>(out.size());
    out.append(directory).append("PK\x05\x06");
    append_little(out, 0, 4);
    append_little(out, static_cast<std::uint32_t>(entries.size()), 2);
    append_little(out, static_cast<std::uint32_t>(entries.size()), 2);
    append_little(out, static_cast<std::uint32_t>(directory.size()), 4);
    append_little(out, begins, 4);
    append_little(out, 0, 2);
    return out;
}

/// A picture that no packer would make smaller, always the same for one code.
std::string picture(const std::string& code) {
    constexpr std::size_t kOctets = 40'000;
    std::uint32_t state = crc32(code) | 1U;
    std::string out = "\x89PNG\r\n\x1A\n";
    while (out.size() < kOctets) {
        state = state * 1664525U + 1013904223U;
        out += static_cast<char>(state >> 24U);
    }
    return out;
}

}  // namespace

std::string sealed_ofd(const std::string& code) {
    const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const std::string uri = " xmlns:ofd=\"http://www.ofdspec.org/2016\"";
    return stored_zip(
        {{"OFD.xml", head + "<ofd:OFD" + uri +
                         " Version=\"1.0\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo><ofd:DocID>" + code +
                         "</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>" +
                         "<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"},
         {"Doc_0/Document.xml", head + "<ofd:Document" + uri + "/>"},
         {"Doc_0/Signs/Signatures.xml", head + "<ofd:Signatures" + uri + "/>"},
         {"Doc_0/Res/seal.png", picture(code)}});
}

}  // namespace datong::departments
