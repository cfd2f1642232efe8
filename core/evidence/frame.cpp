#include "core/evidence/frame.h"

#include <zlib.h>

#include <array>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::evidence {
namespace {

constexpr std::string_view kMagic = "DATONG-EVIDENCE 2\n";
constexpr std::string_view kOldMagic = "DATONG-EVIDENCE 1\n";
constexpr std::string_view kTrailerMark = "\xFF\xFF\xFF\xFF";
constexpr std::array<std::string_view, 2> kHashes{"sha256", "sm3"};
constexpr std::size_t kHashSize = 32;
constexpr std::string_view kSuffix = ".dlog";
constexpr std::string_view kDurable = R"(,"durable":)";
constexpr std::size_t kNameDigits = 12;

std::uint32_t crc_of(std::string_view bytes) {
    const auto* octets = reinterpret_cast<const Bytef*>(bytes.data());
    return static_cast<std::uint32_t>(::crc32_z(0, octets, bytes.size()));
}

template <class Number>
void append_number(std::string& out, Number value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
    }
}

template <class Number>
Number read_number(std::string_view bytes) {
    Number value{};
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        value |= static_cast<Number>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return value;
}

std::string number_prefix(std::uint64_t number) {
    return R"({"n":)" + std::to_string(number) + R"(,"prev":")";
}

}  // namespace

std::string_view name_of(ChainHash hash) {
    return kHashes[static_cast<std::size_t>(hash)];
}

std::optional<ChainHash> chain_hash_by_name(std::string_view name) {
    return name == kHashes[0]   ? std::optional{ChainHash::sha256}
           : name == kHashes[1] ? std::optional{ChainHash::sm3}
                                : std::nullopt;
}

std::string hash_of(ChainHash hash, std::string_view octets) {
    return hash == ChainHash::sm3 ? crypto::sm3(octets) : crypto::sha256(octets);
}

std::size_t SegmentHeader::size() const noexcept {
    return is_old ? kOldSegmentHeaderSize : kSegmentHeaderSize;
}

std::string write_segment_header(const SegmentHeader& header) {
    std::string out{kMagic};
    append_number(out, header.first);
    out += header.previous;
    append_number(out, header.begun_ms);
    out.push_back(static_cast<char>(header.hash));
    out.push_back(header.is_closed_before ? '\1' : '\0');
    append_number(out, crc_of(out));
    return out;
}

std::optional<SegmentHeader> read_segment_header(std::string_view bytes) {
    const bool is_old = bytes.starts_with(kOldMagic);
    const std::size_t size = is_old ? kOldSegmentHeaderSize : kSegmentHeaderSize;
    if (bytes.size() < size || !(is_old || bytes.starts_with(kMagic))) {
        return std::nullopt;
    }
    const std::string_view checked = bytes.substr(0, size - sizeof(std::uint32_t));
    if (read_number<std::uint32_t>(bytes.substr(checked.size())) != crc_of(checked)) {
        return std::nullopt;
    }
    std::string_view rest = checked.substr(kMagic.size());
    SegmentHeader header{.first = read_number<std::uint64_t>(rest),
                         .previous = std::string{rest.substr(sizeof(std::uint64_t), kHashSize)},
                         .is_old = is_old};
    if (is_old) {
        return header;
    }
    rest.remove_prefix(sizeof(std::uint64_t) + kHashSize);
    header.begun_ms = read_number<std::uint64_t>(rest);
    const auto hash = static_cast<unsigned char>(rest[sizeof(std::uint64_t)]);
    if (hash >= kHashes.size()) {
        return std::nullopt;  // of a later version
    }
    header.hash = static_cast<ChainHash>(hash);
    header.is_closed_before = rest.back() != '\0';
    return header;
}

std::string write_segment_trailer(const SegmentTrailer& trailer) {
    std::string said;
    append_number(said, trailer.records);
    said += trailer.last;
    append_number(said, trailer.closed_ms);
    std::string out{kTrailerMark};
    append_number(out, crc_of(said));
    return out + said;
}

bool is_trailer(std::string_view bytes) {
    return bytes.starts_with(kTrailerMark);
}

std::optional<SegmentTrailer> read_segment_trailer(std::string_view bytes) {
    if (bytes.size() != kSegmentTrailerSize || !is_trailer(bytes)) {
        return std::nullopt;
    }
    const std::string_view said = bytes.substr(kFrameHeadSize);
    if (read_frame_head(bytes).crc != crc_of(said)) {
        return std::nullopt;
    }
    return SegmentTrailer{.records = read_number<std::uint64_t>(said),
                          .last = std::string{said.substr(sizeof(std::uint64_t), kHashSize)},
                          .closed_ms = read_number<std::uint64_t>(said.substr(sizeof(std::uint64_t) + kHashSize))};
}

void append_frame(std::string& out, std::string_view payload) {
    append_number(out, static_cast<std::uint32_t>(payload.size()));
    append_number(out, crc_of(payload));
    out += payload;
}

FrameHead read_frame_head(std::string_view bytes) {
    return {.length = read_number<std::uint32_t>(bytes), .crc = read_number<std::uint32_t>(bytes.substr(4))};
}

bool is_plausible(const FrameHead& head) {
    // an empty payload is refused because eight zeros, as a crash can leave them, would be one
    return head.length > 0 && head.length <= kMaxPayload;
}

bool fits(const FrameHead& head, std::string_view payload) {
    return head.length == payload.size() && head.crc == crc_of(payload);
}

std::string make_payload(const Link& link, std::uint64_t durable, std::string_view entry) {
    std::string out = number_prefix(link.number);
    out.reserve(out.size() + entry.size() + 120);
    out += to_hex(link.previous);
    out += '"';
    const std::string_view members = entry.substr(1, entry.size() - 2);
    if (!members.empty()) {
        out += ',';
        out += members;
    }
    out += kDurable;
    out += std::to_string(durable);
    out += '}';
    return out;
}

bool has_number(std::string_view payload, std::uint64_t number) {
    return payload.starts_with(number_prefix(number));
}

bool has_link(std::string_view payload, const Link& link) {
    return payload.starts_with(number_prefix(link.number) + to_hex(link.previous) + '"');
}

std::optional<std::uint64_t> durable_of(std::string_view payload) {
    const std::size_t at = payload.rfind(kDurable);
    if (at == std::string_view::npos || !payload.ends_with('}')) {
        return std::nullopt;
    }
    const std::string_view digits = payload.substr(at + kDurable.size());
    return to_whole_number(digits.substr(0, digits.size() - 1));
}

std::string segment_name(std::uint64_t first) {
    std::string digits = std::to_string(first);
    if (digits.size() < kNameDigits) {
        digits.insert(0, kNameDigits - digits.size(), '0');
    }
    return digits.append(kSuffix);
}

std::optional<std::uint64_t> segment_number(std::string_view file_name) {
    if (!file_name.ends_with(kSuffix) || file_name.size() < kNameDigits + kSuffix.size()) {
        return std::nullopt;
    }
    return to_whole_number(file_name.substr(0, file_name.size() - kSuffix.size()));
}

}  // namespace datong::evidence
