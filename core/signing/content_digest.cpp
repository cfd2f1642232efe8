#include "core/signing/content_digest.h"

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/signing/structured_field.h"

namespace datong::signing {

std::string content_digest(std::string_view body) {
    return content_digest_of(crypto::sha256(body));
}

std::string content_digest_of(std::string_view sha256) {
    return "sha-256=:" + to_base64(sha256) + ":";
}

Status check_content_digest(std::string_view field_value, std::string_view body) {
    return check_content_digest(field_value, body, crypto::sha256(body));
}

Status check_content_digest(std::string_view field_value, std::string_view body, std::string_view sha256) {
    const auto all = sf::parse_dictionary_without_duplicates(field_value);
    if (!all) {
        return fail(Error{all.error()}.within("Content-Digest"));
    }
    bool checked = false;
    for (const auto& [algorithm, value] : *all) {
        const bool is_256 = algorithm == "sha-256";
        if (!is_256 && algorithm != "sha-512") {
            continue;
        }
        const auto* item = std::get_if<sf::Item>(&value);
        const auto* digest = item != nullptr ? std::get_if<sf::Bytes>(&item->value) : nullptr;
        if (digest == nullptr) {
            return fail(Fault::bad_request, "Content-Digest: " + algorithm + " is no byte sequence");
        }
        if (digest->octets != (is_256 ? std::string{sha256} : crypto::sha512(body))) {
            return fail(Fault::signature_invalid, "Content-Digest: " + algorithm + " does not match the body");
        }
        checked = true;
    }
    return checked ? Status{} : fail(Fault::not_signed, "Content-Digest: neither sha-256 nor sha-512");
}

}  // namespace datong::signing
