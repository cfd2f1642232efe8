// First, for Poco's own format() must be read before <chrono>, which brings std::format along in libstdc++ 13: its
// unqualified calls would be ambiguous (Poco 1.11 and 1.12).
#include <Poco/DateTime.h>
#include <Poco/Path.h>
#include <Poco/Timestamp.h>
#include <Poco/Zip/Compress.h>

#include "core/container/archive.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "core/base/text.h"
#include "core/codec/compression.h"

namespace datong::container {
namespace {

namespace zip = Poco::Zip;
using codec::ZipMember;

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kMostDescriptor = 16;  ///< octets behind a file whose sizes were not known before it

tl::unexpected<Error> refuse(const std::string& why) {
    return fail(Fault::bad_request, "container: " + why);
}

/// Letters, digits and ".-_" between single slashes, no step that begins with a dot: nothing that is a path elsewhere.
bool is_plain(std::string_view name) {
    if (name.empty() || name.size() > kLongestName) {
        return false;
    }
    for (const std::string_view step : split(name, '/')) {
        const bool good = !step.empty() && step.front() != '.' && std::all_of(step.begin(), step.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                   c == '_';
        });
        if (!good) {
            return false;
        }
    }
    return true;
}

/// In the archive's own octets nothing stands but the files that the directory names, one behind the other.
Status check_places(std::vector<ZipMember> members) {
    std::ranges::sort(members, {}, &ZipMember::local);
    std::size_t end = 0;
    for (const ZipMember& member : members) {
        const auto packed = codec::packed_octets(member);
        if (!packed) {
            return fail(packed.error());
        }
        const bool may_have_descriptor = end > 0 && member.local > end && member.local - end <= kMostDescriptor;
        if (member.local != end && !may_have_descriptor) {
            return refuse("files overlap, or something stands between them");
        }
        end = static_cast<std::size_t>(packed->data() - member.front.data()) + packed->size();
    }
    const std::size_t front = members.empty() ? 0 : members.front().front.size();
    return front - end <= kMostDescriptor ? Status{} : refuse("something stands behind the last file");
}

/// First in the archive, wherever the directory names it.
Status check_first(const std::vector<ZipMember>& members) {
    const auto first = std::ranges::find(members, 0U, &ZipMember::local);
    if (first == members.end() || first->name != "mimetype" || first->method != 0) {
        return refuse("its first file must be mimetype, not packed");
    }
    return codec::packed_octets(*first) == kMimetype ? Status{} : refuse("mimetype is not ASiC-E's");
}

Status check_names(const std::vector<ZipMember>& members) {
    std::set<std::string> seen;
    for (const ZipMember& member : members) {
        if (!is_plain(member.name)) {
            return refuse("a name that is refused: a path elsewhere, a folder, or characters beyond a-z, 0-9, . - _");
        }
        if (!seen.insert(ascii_lower(member.name)).second) {
            return refuse("two files of the name " + std::string{member.name});
        }
    }
    return {};
}

}  // namespace

Result<std::string> write_asic(const std::vector<Part>& parts, std::string_view signatures,
                               std::chrono::system_clock::time_point at) {
    try {
        std::stringstream out{std::ios::in | std::ios::out | std::ios::binary};
        zip::Compress archive{out, true};
        const Poco::DateTime when{Poco::Timestamp::fromEpochTime(std::chrono::system_clock::to_time_t(at))};
        const auto add = [&](const std::string& name, std::string_view octets, bool packed) {
            std::istringstream in{std::string{octets}, std::ios::binary};
            archive.addFile(in, when, Poco::Path{name, Poco::Path::PATH_UNIX},
                            packed ? zip::ZipCommon::CM_DEFLATE : zip::ZipCommon::CM_STORE);
        };
        add("mimetype", kMimetype, false);
        for (const Part& part : parts) {
            add(part.name, part.octets, !part.octets.empty());
        }
        add(std::string{kSignatures}, signatures, true);
        archive.close();
        return std::move(out).str();
    } catch (const Poco::Exception&) {
        return fail(Fault::internal, "container: it can't be packed");
    }
}

Result<std::map<std::string, std::string>> read_asic(std::string_view octets, const AsicLimits& limits) {
    const auto members = codec::list_zip(octets);
    if (!members) {
        return fail(Error{members.error()}.within("container"));
    }
    if (members->size() > limits.files) {
        return refuse("more than " + std::to_string(limits.files) + " files");
    }
    const Status good = check_first(*members).and_then([&] { return check_names(*members); }).and_then([&] {
        return check_places(*members);
    });
    if (!good) {
        return fail(good.error());
    }
    std::map<std::string, std::string> files;
    std::size_t left = limits.whole;
    for (const ZipMember& member : *members) {
        auto content = codec::unzip(member, std::min(limits.file, left));
        if (!content) {
            return fail(std::move(content.error()).within("container: " + std::string{member.name}));
        }
        left -= content->size();
        files.emplace(member.name, std::move(*content));
    }
    return files;
}

}  // namespace datong::container
