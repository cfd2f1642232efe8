#include "core/evidence/frame.h"

#include <zlib.h>

#include "core/base/text.h"

namespace datong::evidence {
namespace {

constexpr std::string_view kMagic = "DATONG-EVIDENCE 1\n";
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

std::string write_segment_header(const SegmentHeader& header) {
    std::string out{kMagic};
    append_number(out, header.first);
    out += header.previous;
    append_number(out, crc_of(out));
    return out;
}

std::optional<SegmentHeader> read_segment_header(std::string_view bytes) {
    if (bytes.size() < kSegmentHeaderSize || !bytes.starts_with(kMagic)) {
        return std::nullopt;
    }
    const std::string_view checked = bytes.substr(0, kSegmentHeaderSize - sizeof(std::uint32_t));
    if (read_number<std::uint32_t>(bytes.substr(checked.size())) != crc_of(checked)) {
        return std::nullopt;
    }
    const std::string_view behind_magic = checked.substr(kMagic.size());
    return SegmentHeader{.first = read_number<std::uint64_t>(behind_magic),
                         .previous = std::string{behind_magic.substr(sizeof(std::uint64_t))}};
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
