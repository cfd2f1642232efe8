#include "core/signing/http_signature.h"

#include "core/base/text.h"
#include "core/signing/content_digest.h"
#include "fuzz/must.h"

using namespace datong;

namespace {

/// "METHOD TARGET" or "HTTP/1.1 STATUS", then fields, an empty line, and the body.
codec::HttpMessage message_of(std::string_view wire) {
    codec::HttpMessage message;
    message.scheme = "https";
    message.authority = "gw.shili.example";
    for (bool first = true; !wire.empty(); first = false) {
        const auto line = wire.substr(0, wire.find('\n'));
        wire.remove_prefix(std::min(wire.size(), line.size() + 1));
        const auto text = trim_ows(line.substr(0, line.find('\r')));
        const auto middle = text.find(first ? ' ' : ':');
        if (text.empty() || middle == std::string_view::npos) {
            break;
        }
        if (!first) {
            message.add(std::string{text.substr(0, middle)}, std::string{trim_ows(text.substr(middle + 1))});
        } else if (text.starts_with("HTTP/")) {
            message.status = 200;
        } else {
            message.method = text.substr(0, middle);
            message.target = text.substr(middle + 1);
        }
    }
    message.body = wire;
    return message;
}

}  // namespace

/// No message verifies under a key that signed nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kKey = crypto::VerifyingKey::from_secret(Secret{std::string(32, 'k')});
    const codec::HttpMessage message = message_of(fuzz::text_of(data, size));
    const auto signature = signing::read_http_signature(message, message.status != 0 ? &message : nullptr);
    if (signature) {
        fuzz::must(!signing::verify_http(*signature, kKey));
        fuzz::must(signature->base.find("\"@signature-params\": ") != std::string::npos);
    }
    [[maybe_unused]] const auto digest =
        signing::check_content_digest(message.field("content-digest").value_or(""), message.body);
    return 0;
}
