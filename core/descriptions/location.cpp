#include "core/descriptions/location.h"

#include <algorithm>
#include <vector>

#include "core/base/text.h"

namespace datong::descriptions {
namespace {

bool has_scheme(std::string_view location) {
    const std::size_t colon = location.find(':');
    return colon != std::string_view::npos && location.find_first_of("/?#") > colon;
}

/// "a/./b/../c" -> "a/c"; nullopt when it leaves its beginning.
std::optional<std::string> without_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const std::string_view part : split(path, '/')) {
        if (part == "..") {
            if (kept.empty()) {
                return std::nullopt;
            }
            kept.pop_back();
        } else if (part != "." && !part.empty()) {
            kept.push_back(part);
        }
    }
    std::string out;
    for (const std::string_view part : kept) {
        out.append(out.empty() ? "" : "/").append(part);
    }
    return out.empty() ? std::nullopt : std::optional{out};
}

bool is_plain(std::string_view text) {
    return !text.empty() && text.find('\\') == std::string_view::npos &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
}

}  // namespace

std::string_view origin_of(std::string_view url) {
    const std::size_t scheme = url.starts_with("https://") ? 8U : url.starts_with("http://") ? 7U : 0U;
    return scheme == 0 ? std::string_view{} : url.substr(0, std::min(url.find_first_of("/?#", scheme), url.size()));
}

std::optional<std::string> near(std::string_view base, std::string_view location) {
    if (!is_plain(location)) {
        return std::nullopt;
    }
    const std::string_view origin = origin_of(base);
    if (has_scheme(location)) {
        const bool same = !origin.empty() && origin_of(location) == origin;
        return same ? std::optional{std::string{location}} : std::nullopt;
    }
    if (location.starts_with("//") || (origin.empty() && location.starts_with('/'))) {
        return std::nullopt;
    }
    const std::string_view query = location.substr(std::min(location.find_first_of("?#"), location.size()));
    const std::string_view path = location.substr(0, location.size() - query.size());
    std::string_view folder = base.substr(origin.size());
    folder = folder.substr(0, std::min(folder.find_first_of("?#"), folder.size()));
    const std::string_view file = folder;
    folder = folder.substr(0, folder.rfind('/') == std::string_view::npos ? 0 : folder.rfind('/') + 1);
    const std::string joined = path.empty()            ? std::string{file}
                               : path.starts_with('/') ? std::string{path}
                                                       : std::string{folder} + std::string{path};
    auto clean = without_dots(joined);
    if (!clean) {
        return std::nullopt;
    }
    return origin.empty() ? clean : std::optional{std::string{origin} + '/' + *clean + std::string{query}};
}

}  // namespace datong::descriptions
