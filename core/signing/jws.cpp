#include "core/signing/jws.h"

#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"

namespace datong::signing {
namespace {

using record::Record;

constexpr codec::JsonLimits kHeaderLimits{.max_bytes = 8192, .max_depth = 8, .max_nodes = 256};

tl::unexpected<Error> trouble(std::string_view what) {
    return fail(Fault::bad_request, "jws: " + std::string{what});
}

/// What the header may say here. Source: RFC 7515, 4.1.11 and RFC 7797, 3.
Status check_header(const Record& header) {
    const Record* algorithm = header.find("alg");
    if (algorithm == nullptr || !algorithm->is_text() || !crypto::algorithm_by_jws_name(algorithm->scalar())) {
        return trouble("alg is none of ours");
    }
    if (header.find("crit") != nullptr || header.find("b64") != nullptr) {
        return trouble("crit and b64 are not accepted");
    }
    const Record* keyid = header.find("kid");
    return keyid == nullptr || keyid->is_text() ? Status{} : trouble("kid is no text");
}

}  // namespace

std::string Jws::keyid() const {
    return header.text_of("kid");
}

Result<std::string> sign_jws(std::string_view payload, std::string_view keyid, std::string_view type,
                             crypto::Algorithm algorithm, const crypto::SigningKey& key) {
    std::string header;
    codec::JsonWriter json{header};
    json.open_object().member("alg", crypto::jws_name_of(algorithm));
    if (!keyid.empty()) {
        json.member("kid", keyid);
    }
    if (!type.empty()) {
        json.member("typ", type);
    }
    json.close_object();
    std::string compact = to_base64url(header).append(".").append(to_base64url(payload));
    const auto signature = key.sign(algorithm, compact);
    if (!signature) {
        return fail(signature.error());
    }
    return std::move(compact.append(".").append(to_base64url(*signature)));
}

Result<Jws> read_jws(std::string_view compact) {
    const auto parts = split(compact, '.');
    if (parts.size() != 3) {
        return trouble("a compact form has three parts");
    }
    const auto header_text = from_base64url(parts[0]);
    auto payload = from_base64url(parts[1]);
    auto signature = from_base64url(parts[2]);
    if (!header_text || !payload || !signature) {
        return trouble("a part that is no base64url without padding");
    }
    auto header = codec::read_json(*header_text, kHeaderLimits);
    if (!header || !header->is_object()) {
        return trouble("the header is no JSON object");
    }
    if (auto good = check_header(*header); !good) {
        return fail(std::move(good.error()));
    }
    return Jws{.header = std::move(*header),
               .payload = std::move(*payload),
               .signing_input = std::string{compact.substr(0, parts[0].size() + 1 + parts[1].size())},
               .signature = std::move(*signature)};
}

Result<Jws> read_detached_jws(std::string_view compact, std::string_view payload) {
    auto jws = read_jws(compact);
    if (!jws) {
        return jws;
    }
    if (!jws->payload.empty()) {
        return trouble("a detached form has an empty payload");
    }
    jws->payload = payload;
    jws->signing_input.append(to_base64url(payload));  // it ends with the point behind the header
    return jws;
}

Status verify_jws(const Jws& jws, const crypto::VerifyingKey& key) {
    const auto algorithm = crypto::algorithm_by_jws_name(jws.header.text_of("alg"));
    if (!algorithm) {
        return fail(Fault::signature_invalid, "jws: alg is none of ours");
    }
    return key.verify(*algorithm, jws.signing_input, jws.signature);
}

}  // namespace datong::signing
