#include "core/evidence/verify.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "core/app/commands.h"
#include "core/codec/json.h"
#include "core/crypto/x509.h"
#include "core/evidence/proof.h"
#include "core/seals/check.h"
#include "core/sources/acceptance.h"

namespace datong::app {
namespace {

std::optional<std::string> text_in(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return in ? std::optional{std::move(text).str()} : std::nullopt;
}

/// What stands in the evidence, for a terminal: no text of an altered file may draw a verdict of its own.
std::string shown(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

int say_broken(const evidence::Verdict& verdict) {
    std::cout << "evidence: BROKEN 存证不完整\n  ";
    if (!verdict.file.empty()) {
        std::cout << "file " << verdict.file << ", ";
    }
    std::cout << "record " << verdict.number
              << (verdict.exchange.empty() ? "" : ", exchange " + shown(verdict.exchange)) << "\n  " << verdict.reason
              << ": " << verdict.text_zh << " | " << verdict.text_en << '\n';
    if (!verdict.keyid.empty()) {
        std::cout << "  公钥 key " << shown(verdict.keyid) << '\n';
    }
    return kWanting;
}

void say_seals(const seals::SealCounts& counts) {
    std::cout << "  封签 seals: " << counts.seals << " over " << counts.sealed << " records, " << counts.unsealed
              << " records not sealed 条未封签";
    if (!counts.unsealed_since.empty()) {
        std::cout << ", since 自 " << shown(counts.unsealed_since);
    }
    std::cout << '\n';
    if (counts.stamped > 0) {
        std::cout << "  时间戳 time-stamps: " << counts.stamped << " of " << counts.seals << " seals, "
                  << (counts.stamps_checked > 0 ? "已验证 checked\n" : "未验证 not checked: --tsa 锚证书 ANCHOR.pem\n");
    }
}

int say_valid(const evidence::Verdict& verdict, const seals::SealCounts& counts) {
    std::cout << "evidence: valid 存证有效\n  " << verdict.records << " records, " << verdict.exchanges
              << " exchanges, " << verdict.refusals << " refusals, " << verdict.open << " without an outcome, ";
    if (verdict.closed > 0) {
        std::cout << verdict.closed << " closed as unknown, ";
    }
    std::cout << verdict.signatures << " signatures checked\n";
    if (verdict.attested > 0) {
        std::cout
            << "  " << verdict.attested
            << " 次请求只有网关见证, 不能由调用方的密钥证明 requests attested by the gateway only, not provable by "
               "their caller's key\n";
    }
    say_seals(counts);
    std::cout << "  head " << verdict.last_hash << '\n';
    if (!verdict.open_exchanges.empty()) {
        std::cout << "  无结果的交换 without an outcome:";
        for (const std::string& exchange : verdict.open_exchanges) {
            std::cout << ' ' << shown(exchange);
        }
        std::cout << (verdict.open > verdict.open_exchanges.size() ? " ...\n" : "\n");
    }
    std::cout << "  下次验证请带上 next time, to see that nothing was taken away: --head " << verdict.last_hash
              << " --records " << verdict.records << '\n';
    return kGood;
}

/// A container of one exchange, or a joint-test record, instead of a folder.
int verify_file(const std::string& file, const record::Record& jwks, const seals::CheckOptions& by) {
    const std::string octets = text_in(file).value_or("");
    if (octets.starts_with("PK")) {
        std::vector<std::string> anchors;
        for (const auto& stamps : by.stamps) {
            anchors.insert(anchors.end(), stamps.anchors.begin(), stamps.anchors.end());
        }
        return verify_container(octets, jwks, anchors);
    }
    const auto record = sources::verify_acceptance(octets, jwks);
    if (!record) {
        std::cout << "joint-test record: BROKEN 验收单无效\n  " << shown(record.error().detail()) << '\n';
        return kWanting;
    }
    const record::Record* cases = record->find("cases");
    std::cout << "joint-test record: valid 验收单有效\n  " << shown(record->text_of("source")) << ", "
              << shown(record->text_of("at")) << ", " << (cases != nullptr ? cases->items().size() : 0) << " cases, "
              << shown(record->text_of("result")) << "\n  签名 signed by " << shown(record->text_of("signed_by"))
              << ", 快照 snapshot " << shown(record->text_of("snapshot")) << '\n';
    return kGood;
}

int prove_folder(const std::string& folder, const record::Record& jwks, const seals::CheckOptions& by) {
    const auto found = seals::verify_folder(folder, jwks, by);
    if (!found) {
        std::cerr << "无法读取存证目录 can't read the evidence: " << found.error().detail() << '\n';
        return kWanting;
    }
    const evidence::Verdict& verdict = found->evidence;
    if (verdict.reason == "no_evidence") {
        std::cout << verdict.text_zh << ' ' << verdict.text_en << ": " << folder << '\n';
        return kWanting;
    }
    return verdict.valid ? say_valid(verdict, found->seals) : say_broken(verdict);
}

}  // namespace

int verify(const VerifyOptions& options) {
    const auto jwks = codec::read_json(text_in(options.keys).value_or(""));
    if (!jwks) {
        std::cerr << "无法读取公钥文件 " << options.keys << " can't read a JWKS (public keys) from " << options.keys
                  << '\n';
        return kConfig;
    }
    if (const auto trusted = evidence::read_keys(*jwks); !trusted) {
        std::cerr << "公钥文件有误 " << options.keys << " is no JWKS to verify with: " << trusted.error().detail()
                  << '\n';
        return kConfig;
    }
    seals::CheckOptions by{.known = options.known, .without_seals = options.without_seals};
    for (const std::string& file : options.authorities) {
        auto pem = text_in(file);
        if (!pem || !crypto::split_x509(*pem)) {
            std::cerr << "无法读取证书 " << file << " can't read a certificate (PEM) from " << file << '\n';
            return kConfig;
        }
        by.stamps.push_back({.anchors = {std::move(*pem)}});
    }
    if (!options.anchor.empty()) {
        auto anchor = seals::read_anchor(text_in(options.anchor).value_or(""));
        if (!anchor) {
            std::cerr << "无法读取锚 " << options.anchor << " is no anchor: " << anchor.error().detail() << '\n';
            return kConfig;
        }
        by.anchor = std::move(*anchor);
    }
    std::error_code ignored;  // whoever reads it says why not
    return std::filesystem::is_regular_file(options.folder, ignored) ? verify_file(options.folder, *jwks, by)
                                                                     : prove_folder(options.folder, *jwks, by);
}

}  // namespace datong::app
