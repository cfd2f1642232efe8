#include "core/signing/field_digest.h"

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::signing {

std::string field_digest(std::string_view salt, std::string_view path, std::string_view value_json) {
    std::string text;
    text.reserve(salt.size() + path.size() + value_json.size() + 2);
    text.append(salt).append("\n").append(path).append("\n").append(value_json);
    return to_base64url(crypto::sha256(text));
}

std::string file_field_digest(std::string_view salt, std::string_view path, std::string_view octets) {
    crypto::Sha256 digest;
    for (const std::string_view part : {salt, std::string_view{"\n"}, path, std::string_view{"\n\""}}) {
        digest.add(part);
    }
    digest.add_base64(octets);
    digest.add("\"");
    return to_base64url(digest.finish());
}

/// Source: RFC 6901, 3.
std::string& append_step(std::string& path, std::string_view name) {
    constexpr std::string_view kEscaped = "~/";
    path += '/';
    for (auto at = name.find_first_of(kEscaped); at != std::string_view::npos; at = name.find_first_of(kEscaped)) {
        path.append(name.substr(0, at)).append(name[at] == '~' ? "~0" : "~1");
        name.remove_prefix(at + 1);
    }
    return path.append(name);
}

std::string new_salt() {
    return to_base64url(crypto::random_bytes(16));
}

}  // namespace datong::signing
