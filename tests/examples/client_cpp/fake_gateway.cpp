#include "tests/examples/client_cpp/fake_gateway.h"

#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/signing/content_digest.h"
#include "core/signing/field_digest.h"
#include "core/signing/http_signature.h"
#include "core/signing/jws.h"
#include "tests/core/signing/corpus.h"

namespace datong::tests {
namespace {

using codec::HttpMessage;
using record::Record;

constexpr std::int64_t kCreated = 1'767'225'600;

Record json(const std::string& text) {
    return codec::read_json(text).value();
}

/// The file as answer and statement name it.
Record file_record(const FakeGateway::Named& file) {
    Record one = Record::object();
    one.put("path", Record::text(file.path));
    one.put("media_type", Record::text(file.media_type));
    one.put("length", Record::integer(static_cast<std::int64_t>(file.octets.size())));
    one.put("sha256", Record::text(to_hex(crypto::sha256(file.octets))));
    return one;
}

}  // namespace

Record sample_problem() {
    return json(R"({"type":"urn:datong:problem:not_permitted","code":"not_permitted","status":403,"title":"未获授权",
        "title_en":"Not permitted","todo":"申请授权","todo_en":"Ask for a grant","exchange":"0190-x",
        "errors":[{"field":"/query/divisionCode","rule":"required","message":"缺少","message_en":"missing"}]})");
}

std::string to_wire(const HttpMessage& answer) {
    std::string wire = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nConnection: close\r\n";
    for (const codec::HttpField& field : answer.fields) {
        wire.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    return wire + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
}

crypto::SigningKey FakeGateway::make_key() {
    return crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
}

Record FakeGateway::jwks() const {
    const auto put = [](Record& keys, const crypto::SigningKey& key, const char* keyid, const char* owner) {
        Record jwk = key.verifying_key().to_jwk();
        jwk.put("kid", Record::text(keyid));
        jwk.put("use", Record::text("sig"));
        jwk.put("datong_owner", Record::text(owner));
        keys.add(std::move(jwk));
    };
    Record keys = Record::list();
    put(keys, gateway_key, "gateway-2026", "gateway");
    put(keys, land_key, "land-2026", "department:land");
    put(keys, consumer_key, "one-window-2026", "consumer:one-window");
    Record all = Record::object();
    all.put("keys", std::move(keys));
    return all;
}

client::Trust FakeGateway::trust() const {
    return client::Trust::from_jwks(jwks()).value();
}

client::Consumer FakeGateway::consumer() const {
    return {"one-window-2026", consumer_key};
}

Record FakeGateway::envelope(const std::string& material) const {
    Record answer = json(R"({"exchange":"0190-x","service":"realestate-certificate@1.0.0","outcome":"found",
        "as_of":"2026-01-01T08:00:00.000+08:00","scope":{"registers":["realestate"],"divisions":["9999"]},
        "content":{"certificateNumber":"0000001","area":100.10},"certificate":"","provenance":[],"digests":[]})");
    Record statement = json(R"({"iss":"11999901MB0000019U","issuer":{"id":"land","title":"示例局"},"iat":1767225600})");
    statement.put("jti", Record::text(material.empty() ? "0190-x" : "0190-x#" + material));
    for (const std::string name : {"exchange", "service", "outcome", "as_of", "scope"}) {
        statement.put(name, *answer.find(name));
    }
    if (!valid_until.empty()) {
        statement.put("valid_until", Record::text(valid_until));
        answer.put("sharing", Record::object({{"valid_until", Record::text(valid_until)}}));
    }
    if (!file.octets.empty()) {
        Record named = file_record(file);
        statement.put("file_digests", Record::list({named}));
        if (file.is_inlined) {
            answer.find("content")->put(file.path.substr(1), Record::text(to_base64(file.octets)));
        } else {
            named.put("url", Record::text(file.url));
        }
        answer.put("files", Record::list({std::move(named)}));
    }
    answer.put("asked", Record::list());
    statement.put("asked", Record::list());
    for (const auto& [path, value] :
         {std::pair{"/id_no", codec::write_json(Record::text(asked_id))}, std::pair{"/query", asked_query}}) {
        const std::string salt = signing::new_salt();
        const std::string digest = signing::field_digest(salt, path, value);
        answer.find("asked")->add(Record::object(
            {{"path", Record::text(path)}, {"salt", Record::text(salt)}, {"digest", Record::text(digest)}}));
        statement.find("asked")->add(Record::text(digest));
    }
    for (const auto& [name, value] : answer.find("content")->members()) {
        const std::string salt = signing::new_salt();
        const std::string digest = signing::field_digest(salt, "/" + name, codec::write_json(value));
        Record entry = Record::object();
        entry.put("path", Record::text("/" + name));
        entry.put("salt", Record::text(salt));
        entry.put("digest", Record::text(digest));
        answer.find("provenance")->add(std::move(entry));
        answer.find("digests")->add(Record::text(digest));
    }
    statement.put("digests", *answer.find("digests"));
    answer.put("certificate", Record::text(signing::sign_jws(codec::write_json(statement), "land-2026", "",
                                                             crypto::Algorithm::ecdsa_p256_sha256, land_key)
                                               .value()));
    return answer;
}

Record FakeGateway::matter() const {
    Record answer = json(R"({"exchange":"0190-x","matter":"existing-home-transfer@1.0.0","outcome":"found",
        "requirements":[{"id":"home","outcome":"satisfied","materials":[
            {"material":"certificate","service":"realestate-certificate@1.0.0","outcome":"found"}]}]})");
    answer.find("requirements")
        ->items_to_edit()[0]
        .find("materials")
        ->items_to_edit()[0]
        .put("answer", envelope("certificate"));
    return answer;
}

bool FakeGateway::accepts(const HttpMessage& request) const {
    const bool has_body = request.method == "POST";
    const auto signature = signing::read_http_signature(request);
    return signature && signature->keyid == "one-window-2026" && signature->tag == "datong" &&
           !signature->nonce.empty() && signature->created.has_value() &&
           signing::missing_components(*signature, signing::request_components(has_body)).empty() &&
           signing::verify_http(*signature, consumer_key.verifying_key()) &&
           (!has_body || signing::check_content_digest(request.field("Content-Digest").value_or(""), request.body));
}

HttpMessage FakeGateway::answer(const HttpMessage& request) const {
    HttpMessage answer{.status = status};
    const bool accepted = accepts(request);
    Record body = status != 200 ? sample_problem() : request.path().ends_with("/materials") ? matter() : envelope();
    if (alter_body) {
        alter_body(body);
    }
    answer.status = accepted ? status : 401;
    answer.body = codec::write_json(body);
    if (request.method == "GET" && status == 200) {
        answer.body = fetched.empty() ? file.octets : fetched;
    }
    answer.add("Content-Type", status == 200 ? "application/json" : "application/problem+json");
    answer.add("Content-Digest", signing::content_digest(answer.body));
    if (accepted && is_signed) {
        const signing::SignHow how{.components = signing::answer_components(request.method == "POST", "sig1"),
                                   .created = kCreated,
                                   .keyid = "gateway-2026",
                                   .algorithm = crypto::Algorithm::ecdsa_p256_sha256};
        static_cast<void>(signing::sign_http(answer, &request, how, gateway_key).value());
    }
    if (alter_answer) {
        alter_answer(answer);
    }
    return answer;
}

std::string FakeGateway::answer(const std::string& wire) const {
    HttpMessage request = http_message(wire);
    request.scheme = "http";
    if (request.target == "/v1/keys") {
        HttpMessage keys{.status = 200, .body = codec::write_json(jwks())};
        keys.add("Content-Type", "application/jwk-set+json");
        return to_wire(keys);
    }
    return to_wire(answer(request));
}

}  // namespace datong::tests
