#include "core/files/rule.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/files/place.h"

namespace datong::files {
namespace {

constexpr std::array<std::string_view, 7> kTypes{"application/pdf", "application/ofd", "image/png",    "image/jpeg",
                                                 "image/tiff",      "application/zip", "image/vnd.dwg"};

bool is_zip(std::string_view octets) {
    return octets.starts_with("PK\x03\x04");
}

/// The container's main entry is called so; a name in a ZIP container is not packed.
bool is_ofd(std::string_view octets) {
    return is_zip(octets) && octets.find("OFD.xml") != std::string_view::npos;
}

bool is_of(std::string_view octets, std::string_view media_type) {
    using namespace std::string_view_literals;
    return media_type == "application/pdf"   ? octets.starts_with("%PDF-"sv)
           : media_type == "application/ofd" ? is_ofd(octets)
           : media_type == "image/png"       ? octets.starts_with("\x89PNG\r\n\x1A\n"sv)
           : media_type == "image/jpeg"      ? octets.starts_with("\xFF\xD8\xFF"sv)
           : media_type == "image/tiff"      ? octets.starts_with("II*\0"sv) || octets.starts_with("MM\0*"sv)
           : media_type == "application/zip" ? is_zip(octets)
                                             : octets.starts_with("AC10"sv);
}

/// A digest as departments write one: hexadecimal or Base64.
std::optional<std::string> read_digest(std::string_view written) {
    constexpr std::size_t kOctets = 32;
    auto octets = written.size() == 2 * kOctets ? from_hex(ascii_lower(written)) : from_base64(written);
    return octets && octets->size() == kOctets ? std::move(octets) : std::nullopt;
}

bool is_meant(const File& file, const Rule& rule, const record::Record& content) {
    const record::Record* said = rule.digest_at.empty() ? nullptr : find_place(content, rule.digest_at);
    if (said == nullptr || said->is_null()) {
        return true;
    }
    return read_digest(said->scalar()) == (rule.digest_by == "sm3" ? crypto::sm3(*file.octets) : file.sha256);
}

constexpr std::array kRows{
    WrongRow{Wrong::not_base64, "file.base64", "不是文件的 Base64", "no Base64 of a file"},
    WrongRow{Wrong::no_such_part, "file.part", "所指的附件没有随报文到来", "names a part that did not come"},
    WrongRow{Wrong::address, "file.address", "文件地址不在数据源 files_at 允许的范围内",
             "an address that the source's files_at does not allow"},
    WrongRow{Wrong::too_large, "file.too_large", "文件超过该服务的上限", "over the service's limit"},
    WrongRow{Wrong::media_type, "file.media_type", "不是该服务所给类型的文件",
             "no file of a media type that the service has"},
    WrongRow{Wrong::other_digest, "file.digest", "文件与部门所给的摘要不符",
             "not the file whose digest the record has"},
    WrongRow{Wrong::not_text, "file.text", "记录在此处不是文本", "the record has no text there"},
    WrongRow{Wrong::too_many, "file.too_many", "一条记录最多 20 个文件", "a record has at most 20 files"},
    WrongRow{Wrong::no_room, "file.no_room", "网关暂存的文件已满，请及时取走已给出的文件，稍后再试",
             "the gateway holds as many files as it may: fetch what was given, and try again later"},
    WrongRow{Wrong::gone, "file.gone", "文件地址已失效，请重新调用该服务",
             "the file is not there any more: call the service again"},
};

}  // namespace

std::span<const std::string_view> known_media_types() {
    return kTypes;
}

std::size_t octets_of_base64(std::string_view text) {
    return text.size() / 4 * 3;
}

const WrongRow& row_of(Wrong wrong) {
    return *std::ranges::find(kRows, wrong, &WrongRow::wrong);
}

Judged<File> judge(std::shared_ptr<const std::string> octets, const Rule& rule, const record::Record& content) {
    if (octets->size() > rule.most) {
        return tl::unexpected{Wrong::too_large};
    }
    const auto type = std::ranges::find_if(rule.media_types, [&](const auto& one) { return is_of(*octets, one); });
    if (type == rule.media_types.end()) {
        return tl::unexpected{Wrong::media_type};
    }
    File file{.octets = std::move(octets), .media_type = *type, .sha256 = {}};
    file.sha256 = crypto::sha256(*file.octets);
    return is_meant(file, rule, content) ? Judged<File>{std::move(file)} : tl::unexpected{Wrong::other_digest};
}

}  // namespace datong::files
