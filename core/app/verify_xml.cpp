#include <iostream>
#include <optional>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/signature_tools.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/wsse/xml_signature.h"

namespace datong::app {
namespace {

using crypto::VerifyingKey;
using record::Record;

constexpr std::string_view kPolicy = "policy: ";

/// What became of one signature.
struct Verdict {
    std::string word;  ///< "valid", "invalid" or "refused"
    std::string why;
    std::optional<wsse::XmlSignature> signature;
    std::string path;
};

Verdict judged(const Error& error) {
    if (error.fault() == Fault::not_signed && error.detail().starts_with(kPolicy)) {
        return {.word = "refused", .why = error.detail().substr(kPolicy.size()), .signature = {}, .path = {}};
    }
    return {.word = "invalid", .why = error.detail(), .signature = {}, .path = {}};
}

std::optional<std::vector<VerifyingKey>> trusted_keys(const VerifyXmlOptions& options) {
    std::vector<VerifyingKey> keys;
    for (const std::string& file : options.keys) {
        const auto pem = read_text(file);
        auto key = pem ? VerifyingKey::from_pem(*pem) : fail(Fault::bad_request, "can't be read");
        if (!key) {
            std::cerr << "公钥有误 no key to verify with: " << file << ": " << key.error().detail() << '\n';
            return std::nullopt;
        }
        keys.push_back(std::move(*key));
    }
    if (!options.secret.empty()) {
        auto secret = read_text(options.secret);
        if (!secret || secret->empty()) {
            std::cerr << "无法读取 can't read " << options.secret << '\n';
            return std::nullopt;
        }
        keys.push_back(VerifyingKey::from_secret(Secret{std::move(*secret)}));
    }
    if (keys.empty() && !options.own_key) {
        std::cerr << "请给出 --key, --secret 或 --key-in-message  give --key, --secret or --key-in-message\n";
        return std::nullopt;
    }
    return keys;
}

Status verify_by(const wsse::XmlSignature& signature, const std::vector<VerifyingKey>& keys, bool own_key) {
    if (own_key) {
        const auto pem = wsse::key_in(signature.key_info);
        const auto key = pem ? VerifyingKey::from_pem(*pem) : fail(pem.error());
        if (!key) {
            return fail(Fault::not_signed, std::string{kPolicy} + key.error().detail());
        }
        return wsse::verify_value(signature, *key);
    }
    Status last = fail(Fault::signature_invalid, "no trusted key");
    for (const VerifyingKey& key : keys) {
        last = wsse::verify_value(signature, key);
        if (last) {
            return last;
        }
    }
    return fail(Fault::signature_invalid, "xml signature: by none of the trusted keys");
}

Verdict verdict_on(const wsse::Document& document, wsse::Element element, const std::vector<VerifyingKey>& keys,
                   bool own_key) {
    auto signature = wsse::read_xml_signature(document, element);
    const Status good = signature ? verify_by(*signature, keys, own_key) : fail(signature.error());
    Verdict verdict = good ? Verdict{.word = "valid", .why = {}, .signature = {}, .path = {}} : judged(good.error());
    if (signature) {
        verdict.signature = std::move(*signature);
    }
    verdict.path = wsse::path_of(element);
    return verdict;
}

Record report_of(const Verdict& verdict) {
    Record report = Record::object();
    report.put("signature", Record::text(verdict.path));
    report.put("verdict", Record::text(verdict.word));
    if (!verdict.why.empty()) {
        report.put("why", Record::text(verdict.why));
    }
    if (!verdict.signature) {
        return report;
    }
    report.put("algorithm", Record::text(std::string{crypto::name_of(verdict.signature->algorithm)}));
    Record covered = Record::list();
    for (const wsse::SignedPart& part : verdict.signature->parts) {
        Record one = Record::object();
        one.put("reference", Record::text(part.reference));
        one.put("element", Record::text(wsse::path_of(part.element)));
        one.put("sha256", Record::text(to_hex(crypto::sha256(part.octets))));
        covered.add(std::move(one));
    }
    report.put("signed", std::move(covered));
    return report;
}

void print_for_people(const std::vector<Verdict>& verdicts) {
    for (const Verdict& verdict : verdicts) {
        const bool is_valid = verdict.word == "valid";
        const bool is_refused = verdict.word == "refused";
        std::cout << "signature: "
                  << (is_valid     ? "valid 签名有效"
                      : is_refused ? "REFUSED 按规则拒绝"
                                   : "INVALID 签名无效")
                  << "  " << verdict.path << '\n';
        if (!verdict.why.empty()) {
            std::cout << "  " << verdict.why << '\n';
        }
        for (std::size_t i = 0; is_valid && i < verdict.signature->parts.size(); ++i) {
            std::cout << "  已签 signed: " << wsse::path_of(verdict.signature->parts[i].element) << '\n';
        }
    }
}

}  // namespace

int verify_xml_file(const VerifyXmlOptions& options) {
    const auto keys = trusted_keys(options);
    const auto text = read_text(options.file);
    if (!text) {
        std::cerr << "无法读取 can't read " << options.file << '\n';
    }
    if (!keys || !text) {
        return kUsage;
    }
    std::vector<Verdict> verdicts;
    const auto document = wsse::Document::read(*text, wsse::limits_of(*text));
    const auto signatures =
        document ? wsse::find_all(document->root(), wsse::kDsig, "Signature") : std::vector<wsse::Element>{};
    for (wsse::Element element : signatures) {
        verdicts.push_back(verdict_on(*document, element, *keys, options.own_key));
    }
    if (signatures.empty()) {
        verdicts.push_back(
            judged(document ? Error{Fault::not_signed, "no ds:Signature in the document"} : document.error()));
    }
    if (options.report) {
        Record list = Record::list();
        for (const Verdict& verdict : verdicts) {
            list.add(report_of(verdict));
        }
        Record whole = Record::object();
        whole.put("signatures", std::move(list));
        std::cout << codec::write_json_for_people(whole) << '\n';
    } else {
        print_for_people(verdicts);
    }
    for (const Verdict& verdict : verdicts) {
        if (verdict.word != "valid") {
            return kWanting;
        }
    }
    return kGood;
}

}  // namespace datong::app
