#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::files {

/// What a file may have at most, whatever a service says: octets.
inline constexpr std::size_t kMost = std::size_t{32} << 20;

/// How a department gives a file.
enum class Way {
    base64,   ///< the record holds its Base64
    address,  ///< the record holds an address that the gateway fetches it from
    part,     ///< it came beside the message (MTOM, SwA), and the record holds "cid:ID"
};

/// Where a service's record holds a file (证照文件), and what is let through of it.
struct Rule {
    std::string at;  ///< pointer into the record, '*' for every item of a list: "/document/file"
    Way way{};
    std::vector<std::string> media_types;  ///< it is one of them by its own octets; of known_media_types()
    std::size_t most = std::size_t{8} << 20;
    std::size_t inline_most = std::size_t{256} << 10;  ///< up to that many octets it stands in a JSON answer
    std::string digest_at{};  ///< where the department gives its digest, hexadecimal or Base64; empty: nowhere
    std::string digest_by{};  ///< "sha-256" or "sm3"
};

/// What is wrong with a file. Its rule stands in the problem's `errors`, with the place.
enum class Wrong {
    not_base64,    ///< "file.base64"
    no_such_part,  ///< "file.part": the record names one that did not come
    address,       ///< "file.address": not below one that the settings allow
    too_large,     ///< "file.too_large"
    media_type,    ///< "file.media_type": by its own octets none that the service has
    other_digest,  ///< "file.digest": not the file whose digest the record has
    not_text,      ///< "file.text": the record has something else in its place
    too_many,      ///< "file.too_many"
    no_room,       ///< "file.no_room": the gateway holds as many files as it may
    gone,          ///< "file.gone": an address that was not given to this consumer, or whose time is over
};
struct WrongRow {
    Wrong wrong{};
    std::string_view rule;
    std::string_view text_zh;
    std::string_view text_en;
};
[[nodiscard]] const WrongRow& row_of(Wrong wrong);

template <class T>
using Judged = tl::expected<T, Wrong>;

/// A department's file, octet by octet as it came.
struct File {
    std::shared_ptr<const std::string> octets;
    std::string media_type;
    std::string sha256;  ///< 32 octets
};

/// The media types that a file can be told to be by its octets.
[[nodiscard]] std::span<const std::string_view> known_media_types();

/// Judges a file by its rule: not empty, of a media type that the rule has, within its limit, and, where the department
/// gives a digest, the very file that it meant.
/// @param content  the record that it belongs to.
/// Source: ISO 32000-2, 7.5.2 (PDF); GB/T 33190-2016, 6 (OFD: a ZIP container with OFD.xml); PNG (W3C), 5.2; ITU-T
/// T.81, B.1.1.3 (JPEG); TIFF 6.0, 2.
[[nodiscard]] Judged<File> judge(std::shared_ptr<const std::string> octets, const Rule& rule,
                                 const record::Record& content);

/// How many octets a Base64 text stands for, at most.
[[nodiscard]] std::size_t octets_of_base64(std::string_view text);

}  // namespace datong::files
