#include "core/app/signature_tools.h"

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <iostream>
#include <optional>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/http/parser.h"
#include "core/signing/content_digest.h"
#include "core/signing/http_signature.h"
#include "core/signing/jcs.h"
#include "core/signing/jwk_set.h"

namespace datong::app {
namespace {

using signing::JwkSet;

constexpr std::size_t kMostOctets = 32U << 20U;

std::string name_of_file(const std::string& file) {
    return file == "-" ? "标准输入 standard input" : file;
}

/// What is in it; says so where there is nothing. @param what  should be there.
std::optional<std::string> read_or_complain(const std::string& file, std::string_view what) {
    auto text = read_text(file);
    if (!text) {
        std::error_code ignored;
        std::cerr << "无法读取 can't read " << file
                  << (std::filesystem::is_directory(file, ignored) ? ": 是目录 a folder" : "")
                  << "\n  应为 wanted: " << what << '\n';
    } else if (text->empty()) {
        std::cerr << "没有内容 nothing in " << name_of_file(file) << "\n  应为 wanted: " << what << '\n';
        return std::nullopt;
    }
    return text;
}

constexpr std::string_view kJws = "紧凑形式的 JWS a compact JWS, aaa.bbb.ccc";
constexpr std::string_view kTakeItOut =
    "其中的证照, 不是 JSON 本身 the certificate in this JSON: jq -r .certificate FILE";
constexpr std::string_view kMessage =
    "完整的 HTTP 报文, 从首行到正文 a whole HTTP message, from its first line to the end of its body";
constexpr std::string_view kKeys =
    "JWKS (datong keys > trust.jwks), 或 PEM 公钥、证书 or a public key or certificate in PEM";

/// Standard input can be one of them.
bool are_told_apart(std::initializer_list<std::string_view> files) {
    const bool good = std::count(files.begin(), files.end(), "-") < 2;
    if (!good) {
        std::cerr
            << "标准输入只能用作其中一个 standard input can be one of the files only: 给出文件名 name the others\n";
    }
    return good;
}

/// A key in PEM has no name: it is whatever the signature calls it.
Result<record::Record> jwks_of(const std::string& text) {
    if (text.find("-----BEGIN ") == std::string::npos) {
        return codec::read_json(text);
    }
    auto key = crypto::VerifyingKey::from_pem(text);
    return key ? Result<record::Record>{key->to_jwk()} : fail(std::move(key.error()));
}

std::optional<JwkSet> read_keys(const std::string& file) {
    const auto text = read_or_complain(file, kKeys);
    if (!text) {
        return std::nullopt;
    }
    const auto jwks = jwks_of(*text);
    auto set = jwks ? JwkSet::read(*jwks) : fail(jwks.error());
    if (!set) {
        std::cerr << "公钥文件有误 no keys to verify with: " << name_of_file(file) << ": " << set.error().detail()
                  << "\n  应为 wanted: " << kKeys << '\n';
        return std::nullopt;
    }
    for (const std::string& why : set->passed_over()) {
        std::cerr << "跳过一把密钥 a key is passed over: " << why << '\n';
    }
    return std::move(*set);
}

/// @param todo  empty: what is said says it.
int say_refused(const Error& why, std::string_view todo = {}) {
    std::cout << "signature: INVALID 签名无效\n  " << why.detail() << '\n';
    if (!todo.empty()) {
        std::cout << "  应为 wanted: " << todo << '\n';
    }
    return kWanting;
}

/// "a, b" of a set that lacks the one that was asked for.
std::string names_in(const JwkSet& keys) {
    std::string names;
    for (const JwkSet::Key& key : keys.keys()) {
        names.append(names.empty() ? "" : ", ").append(key.id.empty() ? "(无名 unnamed)" : key.id);
    }
    return names;
}

std::string by_key(const JwkSet::Key& key, std::string_view algorithm) {
    return "用密钥 by key " + (key.id.empty() ? std::string{"(无名 unnamed)"} : key.id) + " (" +
           std::string{crypto::name_of(key.key.default_algorithm())} + "), 算法 algorithm " + std::string{algorithm};
}

void say_valid(const std::string& keyid, std::string_view algorithm) {
    std::cout << "signature: valid 签名有效\n  密钥 key: " << (keyid.empty() ? "(无名 unnamed)" : keyid)
              << "\n  算法 algorithm: " << algorithm << '\n';
}

/// A message in a file: an editor may have left lines that end with a line feed alone, and one line break behind.
std::string as_on_the_wire(std::string text) {
    const std::size_t end = text.find("\n\n");
    if (text.find('\r') != std::string::npos || end == std::string::npos) {
        return text;
    }
    std::string head;
    for (const char c : text.substr(0, end + 2)) {
        head.append(c == '\n' ? "\r\n" : std::string(1, c));
    }
    return head + text.substr(end + 2);
}

/// @return Fault::bad_request for what is no whole HTTP message.
Result<codec::HttpMessage> read_message(const std::string& text, const std::string& scheme) {
    const http::Parser::Limits limits{.header = 64U << 10U, .body = kMostOctets};
    const bool is_response = text.starts_with("HTTP/");
    http::Parser parser = is_response ? http::Parser::of_response(limits, false) : http::Parser::of_request(limits);
    std::string_view rest = text;
    while (!parser.done() && !rest.empty()) {
        const auto used = parser.feed(rest);
        if (!used) {
            return fail(Fault::bad_request, "message: " + used.error().detail());
        }
        if (*used == 0) {
            break;
        }
        rest.remove_prefix(*used);
    }
    if (!parser.done()) {
        if (auto ended = parser.end(); !ended || !parser.done()) {
            return fail(Fault::bad_request, "message: cut short");
        }
    }
    if (rest.find_first_not_of("\r\n") != std::string_view::npos) {
        return fail(Fault::bad_request, "message: more octets than Content-Length says");
    }
    codec::HttpMessage& message = parser.message();
    message.scheme = scheme;
    message.authority = std::string{trim_ows(message.field("host").value_or(""))};
    return std::move(message);
}

Result<crypto::Algorithm> algorithm_of(const signing::HttpSignature& signature, const JwkSet::Key& key) {
    const auto named = signature.algorithm.empty() ? std::optional{key.only.value_or(key.key.default_algorithm())}
                                                   : crypto::algorithm_by_name(signature.algorithm);
    if (!named) {
        return fail(Fault::signature_invalid, "alg is none of ours: " + signature.algorithm);
    }
    if (key.only && *key.only != *named) {
        return fail(Fault::signature_invalid, "the key is for another alg");
    }
    return *named;
}

/// A digest that is covered and does not fit its body would make the signature prove nothing.
Status check_digest(const codec::HttpMessage& message) {
    const auto digest = message.field("content-digest");
    return digest ? signing::check_content_digest(*digest, message.body) : Status{};
}

Result<crypto::Algorithm> verify_one(const signing::HttpSignature& signature, const codec::HttpMessage& message,
                                     const JwkSet& keys) {
    const JwkSet::Key* key = keys.find(signature.keyid);
    if (key == nullptr) {
        return fail(Fault::signature_invalid, "没有该编号的公钥 no key by that keyid: " + signature.keyid +
                                                  "; 文件中有 the file has: " + names_in(keys));
    }
    const auto algorithm = algorithm_of(signature, *key);
    if (!algorithm) {
        return algorithm;
    }
    if (auto good = key->key.verify(*algorithm, signature.base, signature.signature); !good) {
        return fail(std::move(good.error()).within(by_key(*key, crypto::name_of(*algorithm))));
    }
    if (auto good = check_digest(message); !good) {
        return fail(std::move(good.error()));
    }
    return *algorithm;
}

/// What of our own profile the signature does not cover, so that a developer sees what to add.
void say_coverage(const signing::HttpSignature& signature, const codec::HttpMessage& message) {
    std::cout << "  覆盖 covered:";
    for (const std::string& component : signature.components) {
        std::cout << ' ' << component;
    }
    std::cout << '\n';
    if (message.status != 0) {
        return;
    }
    const auto missing = signing::missing_components(signature, signing::request_components(!message.body.empty()));
    if (!missing.empty() || signature.tag != "datong" || signature.nonce.empty() || !signature.created) {
        std::cout << "  网关不会接受 this gateway would refuse the request: it wants";
        for (const std::string& component : missing) {
            std::cout << ' ' << component;
        }
        std::cout << (signature.tag != "datong" ? " tag=\"datong\"" : "") << (signature.nonce.empty() ? " nonce" : "")
                  << (signature.created ? "" : " created") << '\n';
    }
}

}  // namespace

int verify_http_message(const VerifyHttpOptions& options) {
    if (!are_told_apart({options.message, options.keys, options.request})) {
        return kUsage;
    }
    const auto keys = read_keys(options.keys);
    const auto text = read_or_complain(options.message, kMessage);
    const auto asked =
        options.request.empty() ? std::optional<std::string>{""} : read_or_complain(options.request, kMessage);
    if (!keys || !text || !asked) {
        return kUsage;
    }
    const auto message = read_message(as_on_the_wire(*text), options.scheme);
    if (!message) {
        return say_refused(message.error(), kMessage);
    }
    auto request = asked->empty() ? Result<codec::HttpMessage>{} : read_message(as_on_the_wire(*asked), options.scheme);
    if (!request) {
        return say_refused(std::move(request.error()).within("request"), kMessage);
    }
    const auto signature =
        signing::read_http_signature(*message, options.request.empty() ? nullptr : &*request, options.label);
    if (!signature) {
        return say_refused(signature.error());
    }
    const auto algorithm = verify_one(*signature, *message, *keys);
    if (!algorithm) {
        return say_refused(algorithm.error());
    }
    say_valid(signature->keyid, crypto::name_of(*algorithm));
    say_coverage(*signature, *message);
    return kGood;
}

int verify_jws_file(const VerifyJwsOptions& options) {
    if (!are_told_apart({options.file, options.keys, options.payload})) {
        return kUsage;
    }
    const auto keys = read_keys(options.keys);
    const auto text = read_or_complain(options.file, kJws);
    const auto payload = options.payload.empty() ? std::optional<std::string>{} : read_text(options.payload);
    if (!options.payload.empty() && !payload) {
        std::cerr << "无法读取 can't read " << options.payload << '\n';
    }
    if (!keys || !text || (!options.payload.empty() && !payload)) {
        return kUsage;
    }
    const std::string_view compact = std::string_view{*text}.substr(0, text->find_last_not_of(" \r\n\t") + 1);
    const auto jws = payload ? signing::read_detached_jws(compact, *payload) : signing::read_jws(compact);
    if (!jws) {
        const bool is_json = compact.find('{') != std::string_view::npos;
        return say_refused(jws.error(), is_json ? kTakeItOut : std::string_view{});
    }
    const auto key = signing::verify_jws(*jws, *keys);
    if (!key) {
        const JwkSet::Key* meant = keys->find(jws->keyid());
        return say_refused(
            meant == nullptr ? Error{Fault::signature_invalid, "没有该编号的公钥 no key by that kid: " + jws->keyid() +
                                                                   "; 文件中有 the file has: " + names_in(*keys)}
                             : Error{key.error()}.within(by_key(*meant, jws->header.text_of("alg"))));
    }
    if (options.show) {
        std::cout << jws->payload;
        return kGood;
    }
    say_valid((*key)->id, jws->header.text_of("alg"));
    return kGood;
}

int print_canonical(const std::string& file, bool digest) {
    const auto text = read_or_complain(file, "JSON (RFC 8259, UTF-8)");
    if (!text) {
        return kUsage;
    }
    const auto value = codec::read_json(*text);
    const auto canonical = value ? signing::canonical_json(*value) : fail(value.error());
    if (!canonical) {
        std::cerr << "不是可规范化的 JSON can't be canonicalised: " << canonical.error().detail() << '\n';
        return kWanting;
    }
    std::cout << (digest ? to_hex(crypto::sha256(*canonical)) + '\n' : *canonical);
    return kGood;
}

}  // namespace datong::app
