#include "core/adapter/file_origins.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace datong::adapter {
namespace {

bool is_same_host(const HttpAddress& one, const HttpAddress& other) {
    const bool same_scheme = one.origin.starts_with("https:") == other.origin.starts_with("https:");
    return same_scheme && one.port == other.port && ascii_equal_ignoring_case(one.host, other.host);
}

/// Nothing that two readers could read as two addresses: visible ASCII, no backslash, no user before the host, no
/// fragment. Source: RFC 3986, 3 and 7.6.
bool is_plain(std::string_view address) {
    const std::size_t scheme = address.find("://");
    const std::string_view rest = address.substr(scheme == std::string_view::npos ? 0 : scheme + 3);
    const std::string_view authority = scheme == std::string_view::npos ? "" : rest.substr(0, rest.find_first_of("/?"));
    return authority.find('@') == std::string_view::npos && std::ranges::all_of(address, [](char c) {
               return c > 0x20 && c < 0x7F && c != '\\' && c != '#' && c != '"' && c != '<' && c != '>';
           });
}

/// No dot segment, written out or escaped: it would leave the folder that an entry allows; and no parameters of one,
/// which servers take away before they look. Source: RFC 3986, 3.3 and 5.2.4.
bool stays_below(std::string_view path) {
    const auto segments = split(path, '/');
    return std::ranges::none_of(segments, [](std::string_view segment) {
        const std::string lower = ascii_lower(segment);
        std::string plain;
        for (std::size_t i = 0; i < lower.size(); ++i) {
            const bool is_dot = std::string_view{lower}.substr(i).starts_with("%2e");
            plain += is_dot ? '.' : lower[i];
            i += is_dot ? 2 : 0;
        }
        return plain == "." || plain == ".." || plain.find(';') != std::string::npos ||
               plain.find("%3b") != std::string::npos || plain.find("%2f") != std::string::npos ||
               plain.find("%5c") != std::string::npos;
    });
}

bool lies_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

HttpAddress take_apart(const std::string& url) {
    const std::size_t begin = url.find("://") + 3;
    const std::size_t end = std::min(url.find('/', begin), url.size());
    const std::string authority = url.substr(begin, end - begin);
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    HttpAddress made{.origin = url.substr(0, end),
                     .host = authority.substr(0, has_port ? colon : std::string::npos),
                     .port = has_port                   ? authority.substr(colon + 1)
                             : url.starts_with("https") ? "443"
                                                        : "80",
                     .path = url.substr(end)};
    if (made.host.starts_with('[') && made.host.ends_with(']')) {
        made.host = made.host.substr(1, made.host.size() - 2);
    }
    while (made.path.ends_with('/')) {
        made.path.pop_back();
    }
    return made;
}

Setting FileOrigins::setting() {
    return {.name = "files_at",
            .kind = SettingKind::list,
            .help_en = "addresses below which files may be fetched that a reply names; none: nowhere",
            .help_zh = "答复中的文件地址只能在这些地址之下；不写则一律不取"};
}

FileOrigins FileOrigins::make(const Settings& settings, const http::ClientSettings& like, const HttpAddress& own,
                              Mistakes& mistakes) {
    FileOrigins made;
    for (const std::string& entry : settings.texts("files_at")) {
        const bool has_scheme = entry.starts_with("https://") || entry.starts_with("http://");
        const HttpAddress below = has_scheme ? take_apart(entry) : HttpAddress{};
        const bool good = has_scheme && is_plain(entry) && stays_below(below.path) && !below.host.empty() &&
                          entry.find('?') == std::string::npos;
        http::ClientSettings client = like;
        client.url = below.origin;
        if (!below.origin.starts_with("https://")) {
            client.ca_pem = client.pinned_pem = client.client_chain_pem = {};
            client.client_key_pem = {};
            client.client_token.reset();
            client.old_tls = false;
            client.judge_server = {};
        }
        auto opened = good ? http::Client::make(std::move(client)) : fail(Fault::bad_request, "no address");
        if (!opened) {
            mistakes.push_back(mistake_at(settings.where("files_at"), "files_at 应为 http(s) 地址列表: " + entry,
                                          "files_at lists http(s) addresses, a host and a path: " + entry,
                                          "files_at: [\"https://files.example/licences/\"]"));
            continue;
        }
        // one pool of connections a host: the department counts them
        made.allowed_.push_back(
            {.below = below,
             .client = is_same_host(below, own) ? nullptr : std::shared_ptr<http::Client>{std::move(*opened)}});
    }
    return made;
}

Result<FileOrigins::Place> FileOrigins::find(const std::string& address, const HttpAddress& own) const {
    const bool is_path = address.starts_with('/') && !address.starts_with("//");
    const bool has_scheme = address.starts_with("https://") || address.starts_with("http://");
    if ((!is_path && !has_scheme) || !is_plain(address)) {
        return fail(Fault::not_permitted, "a file's address that can't be read");
    }
    const std::string whole = is_path ? own.origin + address : address;
    const std::size_t question = std::min(whole.find('?'), whole.size());
    const std::string query = whole.substr(question);
    const std::string plain = whole.substr(0, question);
    const HttpAddress wanted = take_apart(plain);
    const std::string path = plain.substr(wanted.origin.size());
    const auto found = std::ranges::find_if(allowed_, [&](const Allowed& one) {
        return is_same_host(one.below, wanted) && lies_below(path, one.below.path);
    });
    if (found == allowed_.end() || !stays_below(path)) {
        return fail(Fault::not_permitted, "a file's address that files_at does not allow");
    }
    return Place{.client = found->client.get(), .target = (path.empty() ? "/" : path) + query};
}

}  // namespace datong::adapter
