#include "core/app/signature_tools.h"

#include <algorithm>
#include <iostream>
#include <optional>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/base/clock.h"
#include "core/crypto/token.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_path.h"
#include "core/keyring/folder.h"

namespace datong::app {
namespace {

using crypto::PathQuestion;
using Time = std::chrono::system_clock::time_point;

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";

std::optional<std::vector<std::string>> read_files(const std::vector<std::string>& files) {
    std::vector<std::string> texts;
    for (const std::string& file : files) {
        auto text = read_text(file);
        if (!text) {
            std::cerr << "无法读取 can't read " << file << '\n';
            return std::nullopt;
        }
        texts.push_back(std::move(*text));
    }
    return texts;
}

/// Each certificate of a PEM text.
std::vector<std::string> blocks_of(const std::string& pem) {
    std::vector<std::string> blocks;
    for (std::size_t at = pem.find(kBegin); at != std::string::npos;) {
        const std::size_t next = pem.find(kBegin, at + 1);
        blocks.push_back(pem.substr(at, next - at));
        at = next;
    }
    return blocks;
}

long long days_left(const crypto::X509Facts& facts, Time now) {
    return std::chrono::floor<std::chrono::days>(facts.not_after - now).count();
}

void print(const crypto::X509Facts& facts) {
    std::cout << facts.subject << "\n  签发者 issuer: " << facts.issuer << "\n  序列号 serial: " << facts.serial
              << "\n  有效期 valid: " << to_rfc3339(facts.not_before).substr(0, 10) << " – "
              << to_rfc3339(facts.not_after).substr(0, 10) << "\n  SHA-256: " << facts.sha256
              << (facts.is_authority ? "\n  签发机构 an authority" : "") << '\n';
}

/// What an OCSP response says; nullopt when it can't be used, which was said.
std::optional<int> ask_ocsp(const CertVerifyOptions& options, const std::string& leaf,
                            const std::vector<std::string>& trust, const std::vector<std::string>& others, Time at) {
    const auto texts = read_files({options.ocsp, options.issuer});
    if (!texts) {
        return kUsage;
    }
    const auto status = crypto::check_ocsp(
        (*texts)[0], {.leaf = leaf, .issuer = (*texts)[1], .anchors = trust, .others = others, .at = at});
    if (!status) {
        std::cout << "ocsp: NOT BELIEVED 不可信\n  " << status.error().detail() << '\n';
        return kWanting;
    }
    const bool is_good = *status == crypto::OcspStatus::good;
    std::cout << "ocsp: "
              << (is_good                                  ? "good 未吊销"
                  : *status == crypto::OcspStatus::revoked ? "REVOKED 已吊销"
                                                           : "UNKNOWN 响应未提及该证书")
              << '\n';
    return is_good ? std::nullopt : std::optional{kWanting};
}

/// A certificate that the configuration names.
struct Named {
    std::string where;
    std::string pem;
};

std::vector<Named> named_in(const catalogue::Snapshot& snapshot) {
    std::vector<Named> all;
    const auto add = [&all](const std::string& where, const std::string& pem) {
        for (std::string& block : blocks_of(pem)) {
            all.push_back({where, std::move(block)});
        }
    };
    const auto add_listener = [&](const std::string& name, const catalogue::Listener& listener) {
        if (listener.tls) {
            add(name + " tls chain", listener.tls->chain_pem);
            add(name + " tls client_ca", listener.tls->client_ca_pem);
        }
    };
    add_listener("listen", snapshot.gateway.listen);
    add_listener("admin", snapshot.gateway.admin);
    return all;
}

/// "land key land-2026", of every key that stays in a token.
std::vector<std::string> token_keys_in(const catalogue::Snapshot& snapshot) {
    std::vector<std::string> all;
    const auto add = [&all](const std::string& owner, const catalogue::NamedKey& key) {
        if (key.key && crypto::is_in_token(*key.key)) {
            all.push_back(owner + " key " + key.id);
        }
    };
    const auto add_all = [&add](const std::string& owner, const catalogue::NamedKey& key) {
        add(owner, key);
        for (const catalogue::NamedKey& other : key.others) {
            add(owner, other);
        }
    };
    add_all("gateway", snapshot.gateway.key);
    for (const auto& [name, listener] :
         {std::pair{"listen tls", &snapshot.gateway.listen}, std::pair{"admin tls", &snapshot.gateway.admin}}) {
        if (listener->tls && listener->tls->token) {
            all.push_back(std::string{name} + " key");
        }
    }
    for (const auto& [id, department] : snapshot.departments) {
        add_all(id, department->key);
    }
    return all;
}

/// What a key in a token is, without anything of it leaving there. @return the command's status.
int list_token_key(const std::string& uri) {
    const auto where = crypto::read_token_uri(uri);
    const auto key = where ? keyring::open_in_token(uri, "") : fail(where.error());
    if (!key) {
        std::cerr << key.error().detail() << '\n';
        return kConfig;
    }
    std::cout << where->object << "\n  在令牌中 in a token (PKCS#11): " << where->module
              << "\n  算法 algorithm: " << crypto::name_of(key->default_algorithm())
              << "\n  指纹 thumbprint (RFC 7638): " << key->verifying_key().thumbprint() << '\n';
    return kGood;
}

}  // namespace

int cert_verify(const CertVerifyOptions& options) {
    const auto text = read_text(options.file);
    const auto trust = read_files(options.trust);
    auto others = read_files(options.others);
    const auto crls = read_files(options.crls);
    const auto at = moment(options.at);
    if (!text) {
        std::cerr << "无法读取 can't read " << options.file << '\n';
    }
    if (!at) {
        std::cerr << "时刻有误 --at is no RFC 3339 time: " << options.at << '\n';
    }
    if (!text || !trust || !others || !crls || !at) {
        return kUsage;
    }
    if (blocks_of(*text).size() > 1) {
        others->push_back(*text);  // a chain: the leaf comes first
    }
    PathQuestion question{.leaf = *text, .anchors = *trust, .others = *others, .crls = *crls, .at = *at};
    question.revocation = options.revocation == "none"   ? PathQuestion::Revocation::none
                          : options.revocation == "soft" ? PathQuestion::Revocation::soft
                                                         : PathQuestion::Revocation::hard;
    const auto verdict = crypto::check_path(question);
    if (!verdict) {
        std::cerr << "无法验证 can't be verified: " << verdict.error().detail() << '\n';
        return kUsage;
    }
    if (!verdict->good) {
        std::cout << "certificate: INVALID 证书无效\n  " << verdict->why << "\n  " << verdict->subject << '\n';
        return kWanting;
    }
    if (!options.ocsp.empty()) {
        if (const auto code = ask_ocsp(options, *text, *trust, *others, *at)) {
            return *code;
        }
    }
    std::cout << "certificate: valid 证书有效\n";
    return kGood;
}

int cert_list(const std::vector<std::string>& named) {
    int code = kGood;
    std::vector<std::string> files;
    for (const std::string& one : named) {
        if (crypto::is_token_uri(one)) {
            code = std::max(code, list_token_key(one));
        } else {
            files.push_back(one);
        }
    }
    const auto texts = read_files(files);
    if (!texts) {
        return kUsage;
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto blocks = blocks_of((*texts)[i]);
        if (blocks.empty()) {
            std::cerr << files[i] << ": 没有 PEM 证书 no certificate in PEM\n";
            code = kWanting;
        }
        for (const std::string& block : blocks) {
            const auto facts = crypto::read_x509(block);
            if (!facts) {
                std::cerr << files[i] << ": " << facts.error().detail() << '\n';
                code = kWanting;
                continue;
            }
            print(*facts);
        }
    }
    return code;
}

int cert_check(const std::string& config, int warn_days) {
    std::vector<Named> all;
    std::vector<std::string> in_tokens;
    const Mistakes mistakes = with_configuration(config, [&](const catalogue::Snapshot& snapshot) {
        all = named_in(snapshot);
        in_tokens = token_keys_in(snapshot);
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    int code = kGood;
    for (const std::string& one : in_tokens) {
        std::cout << one << ": 在令牌中 in a token (PKCS#11)\n";
    }
    const Time now = std::chrono::system_clock::now();
    for (const Named& one : all) {
        const auto facts = crypto::read_x509(one.pem);
        const long long left = facts ? days_left(*facts, now) : -1;
        const bool is_wanting = left < warn_days;
        code = is_wanting ? kWanting : code;
        std::cout << one.where << ": " << (facts ? facts->subject : facts.error().detail()) << ", "
                  << (left < 0 ? "已过期 EXPIRED" : "剩余天数 days left ") << (left < 0 ? "" : std::to_string(left))
                  << (is_wanting && left >= 0 ? "  即将到期 SOON" : "") << '\n';
    }
    if (all.empty() && in_tokens.empty()) {
        std::cout << "配置未使用证书 the configuration names no certificate\n";
    }
    return code;
}

}  // namespace datong::app
