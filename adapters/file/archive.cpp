#include "adapters/file/archive.h"

#include <optional>
#include <utility>

#include "adapters/file/glob.h"
#include "core/codec/compression.h"

namespace datong::adapters::file {
namespace {

tl::unexpected<Error> refuse(std::string why) {
    return fail(Fault::department_invalid, std::move(why));
}

bool is_wanted(const codec::ZipMember& member, std::string_view pattern) {
    const std::size_t slash = member.name.rfind('/');
    const std::string_view plain = slash == std::string_view::npos ? member.name : member.name.substr(slash + 1);
    return !plain.empty() && fits(pattern, plain);
}

}  // namespace

Result<std::string> unzip_one(std::string_view archive, std::string_view pattern, std::size_t most) {
    const auto members = codec::list_zip(archive);
    if (!members) {
        return refuse(members.error().detail());
    }
    std::optional<codec::ZipMember> found;
    for (const codec::ZipMember& member : *members) {
        if (!is_wanted(member, pattern)) {
            continue;
        }
        if (found) {
            return refuse("the archive has several files of the wanted name");
        }
        found = member;
    }
    if (!found) {
        return refuse("the archive has no file of the wanted name");
    }
    auto content = codec::unzip(*found, most);
    if (!content && content.error().fault() == Fault::body_too_large) {
        return refuse("the archive unpacks to more than max_reply bytes");
    }
    return content ? std::move(content) : refuse(content.error().detail());
}

}  // namespace datong::adapters::file
