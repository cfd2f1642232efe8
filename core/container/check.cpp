#include "core/container/check.h"

#include <regex>
#include <set>
#include <utility>

#include "core/container/archive.h"
#include "core/container/check_parts.h"
#include "core/container/revocation.h"
#include "core/container/xades.h"
#include "core/crypto/digest.h"

namespace datong::container {
namespace {

/// The trusted key of a gateway that the signer's certificate holds, in use when it says that it signed: a certificate
/// that nobody vouches for is only a name.
const std::pair<const std::string, evidence::TrustedKey>* find_signer(const Xades& xades,
                                                                      const evidence::TrustedKeys& keys) {
    const auto key = crypto::VerifyingKey::from_pem(xades.x509_pem);
    for (const auto& trusted : keys) {
        if (key && trusted.second.owner == "gateway" && trusted.second.key.thumbprint() == key->thumbprint() &&
            evidence::is_in_time(trusted.second, xades.signing_time)) {
            return &trusted;
        }
    }
    return nullptr;
}

void check_signature(const Xades& xades, const evidence::TrustedKeys& keys, Checked& checked) {
    const auto* signer = find_signer(xades, keys);
    const std::string file{kSignatures};
    if (signer == nullptr) {
        add_finding(checked, "signer", file, {}, "签名者不是受信任的、当时有效的网关密钥",
                    "its signer is no trusted key of a gateway that was in use then");
        return;
    }
    if (!verify_xades(xades, signer->second.key)) {
        add_finding(checked, "signature", file, {}, "容器签名验证失败", "the container's signature does not verify");
        return;
    }
    checked.signed_by = signer->first;
    add_proof(checked, file, "网关签名覆盖所有文件", "the gateway's signature over every file");
}

/// Every file is signed, every signed file is there, and each is as it was signed.
void check_files(const Files& files, const Xades& xades, Checked& checked) {
    for (const auto& [name, octets] : files) {
        if (name == "mimetype" || name == kSignatures) {
            continue;
        }
        const auto wanted = xades.digests.find(name);
        if (wanted == xades.digests.end()) {
            add_finding(checked, "file_unsigned", name, {}, "文件未被签名", "a file that nobody signed");
        } else if (wanted->second != crypto::sha256(octets)) {
            add_finding(checked, "file_altered", name, {}, "文件被改动", "the file was altered");
        }
    }
    for (const auto& [name, digest] : xades.digests) {
        if (!files.contains(name)) {
            add_finding(checked, "file_missing", name, {}, "已签名的文件缺失", "a signed file is missing");
        }
    }
}

/// Whether a container has a file of this name: of what stands in none of them nobody would say what it proves.
bool is_known(const std::string& name) {
    static const std::regex kNames{
        "mimetype|META-INF/signatures\\.xml|exchange\\.json|digests\\.txt"
        "|records/(intent|outcome|closing|refusal)\\.json"
        "|(request|answer|closed)/(signature-base\\.txt|signature\\.bin|signature\\.der|key\\.pem)"
        "|(request|answer)/body\\.(json|xml|bin|cms)"
        "|replies/[1-9][0-9]{0,3}\\.(bin|cms)"
        "|certificates/[1-9][0-9]{0,3}\\.(jws|txt|der|pem)"
        "|(seal|intent-seal)/(place\\.json|path\\.txt|record\\.txt|seal\\.(jws|txt|der|pem)|stamp\\.tst)"
        "|revocation/[1-9][0-9]{0,3}\\.(txt|pem|issuer\\.pem|chain\\.pem|crl|ocsp)"};
    return std::regex_match(name, kNames);
}

/// Nothing but what is looked at, and one body a message: a second one would pass unread.
void check_names(const Files& files, Checked& checked) {
    std::set<std::string> bodies;
    for (const auto& [name, octets] : files) {
        if (!is_known(name)) {
            add_finding(checked, "file_unknown", name, {}, "容器中不应有的文件", "a file that no container has");
        }
        const std::string stem = name.substr(0, name.rfind('.'));
        if (stem.ends_with("/body") && !bodies.insert(stem).second) {
            add_finding(checked, "file_twice", name, {}, "同一报文有两个文件", "a second file of the same message");
        }
    }
}

}  // namespace

void add_finding(Checked& checked, std::string code, std::string file, std::string field, std::string text_zh,
                 std::string text_en) {
    checked.findings.push_back(
        {std::move(code), std::move(file), std::move(field), std::move(text_zh), std::move(text_en)});
}

void add_proof(Checked& checked, std::string file, std::string text_zh, std::string text_en) {
    checked.proofs.push_back({std::move(file), std::move(text_zh), std::move(text_en)});
}

Result<Checked> check_container(std::string_view octets, const record::Record& keys,
                                const std::vector<seals::StampTrust>& stamps) {
    const auto trusted = evidence::read_keys(keys);
    if (!trusted) {
        return fail(trusted.error());
    }
    const auto files = read_asic(octets);
    if (!files) {
        return fail(files.error());
    }
    const auto signatures = files->find(std::string{kSignatures});
    if (signatures == files->end()) {
        return fail(Fault::bad_request, "container: no " + std::string{kSignatures});
    }
    const auto xades = read_xades(signatures->second);
    if (!xades) {
        return fail(xades.error());
    }
    Checked checked;
    check_signature(*xades, *trusted, checked);
    check_files(*files, *xades, checked);
    check_names(*files, checked);
    const auto records = read_records(*files);
    if (!records) {
        return fail(records.error());
    }
    const SignedBy signed_by = check_records(*records, *trusted, checked);
    check_bodies(*files, *records, signed_by, *trusted, checked);
    check_seal(*files, *records, *trusted, checked);
    check_stamps(*files, stamps, checked);
    check_revocations(*files, *xades, *records, checked);
    return checked;
}

}  // namespace datong::container
