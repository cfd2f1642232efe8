#include <algorithm>
#include <utility>

#include "core/base/clock.h"
#include "core/crypto/x509_path.h"
#include "core/keyring/making.h"

namespace datong::keyring {
namespace {

using crypto::X509Facts;

Error refuse(std::string text) {
    return Error{Fault::bad_request, std::move(text)};
}

/// Where the certificate and the key that it is for were found.
struct Fit {
    std::size_t leaf{};  ///< among what came
    std::size_t key{};   ///< in the ring
    X509Facts facts;
};

Result<Fit> find_fit(const Folder& folder, const Ring& ring, const std::vector<std::string>& blocks) {
    for (std::size_t k = ring.keys.size(); k-- > 0;) {
        const auto pem = folder.read(ring.keys[k].id + ".pub.pem");
        const auto own = pem ? crypto::VerifyingKey::from_pem(*pem) : fail(refuse(""));
        for (std::size_t i = 0; own && i < blocks.size(); ++i) {
            auto facts = crypto::read_x509(blocks[i]);
            const auto certified = crypto::VerifyingKey::from_pem(blocks[i]);
            if (facts && certified && certified->thumbprint() == own->thumbprint()) {
                return Fit{.leaf = i, .key = k, .facts = std::move(*facts)};
            }
        }
    }
    return fail(refuse("证书与密钥不配: 不属于密钥环 " + ring.name +
                       " 的任何一把密钥 the certificate is for no key of the ring\n  datong cert csr " + ring.name +
                       "  再交给签发机构 prints the request that it must answer"));
}

/// The leaf and those above it, in the order of a TLS chain; what belongs to no path is left out.
std::vector<std::string> in_order(std::vector<std::string> blocks, std::size_t leaf) {
    std::vector<std::string> chain{blocks[leaf]};
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(leaf));
    for (;;) {
        const auto above = std::ranges::find_if(
            blocks, [&chain](const std::string& one) { return crypto::is_issued_by(chain.back(), one); });
        if (above == blocks.end()) {
            return chain;
        }
        chain.push_back(*above);
        blocks.erase(above);
    }
}

Status check_time(const X509Facts& facts, const RingKey& key, WallTime now) {
    if (facts.not_after <= now) {
        return fail(refuse("证书已过期 the certificate has expired: " + to_rfc3339(facts.not_after).substr(0, 10)));
    }
    if (facts.not_before > std::max(now, key.from)) {
        return fail(refuse("证书尚未生效, 而密钥已在用 the certificate is not valid yet, but its key is in use: " +
                           to_rfc3339(facts.not_before)));
    }
    return {};
}

/// Without anchors the links are checked among themselves; with them the whole path is.
Status check_chain(const std::vector<std::string>& chain, const ImportAsk& ask, WallTime at) {
    if (ask.trust.empty()) {
        return {};
    }
    const auto verdict = crypto::check_path({.leaf = chain.front(),
                                             .anchors = ask.trust,
                                             .others = chain,
                                             .at = at,
                                             .revocation = crypto::PathQuestion::Revocation::none});
    if (!verdict) {
        return fail(refuse("无法验证证书链 the chain can't be checked: " + verdict.error().detail()));
    }
    return verdict->good
               ? Status{}
               : fail(refuse("证书链验证不通过 the chain does not hold: " + verdict->why + "\n  " + verdict->subject));
}

bool is_self_issued(const std::string& pem) {
    return crypto::is_issued_by(pem, pem);
}

void add_notes(const std::vector<std::string>& chain, const Fit& fit, const ImportAsk& ask, std::size_t came,
               Done& done) {
    if (came > chain.size()) {
        done.notes.push_back("与该证书链无关的证书未收入 certificates that are no part of its path were left out: " +
                             std::to_string(came - chain.size()));
    }
    if (ask.trust.empty() && !is_self_issued(chain.back())) {
        done.notes.push_back(
            "未对照信任的根验证 no trusted authority was given, so the top of the chain is believed: --trust ca.pem");
    }
    done.notes.push_back("有效期至 valid until " + to_rfc3339(fit.facts.not_after).substr(0, 10) + "  " +
                         fit.facts.subject);
}

}  // namespace

Result<Done> import_x509(Folder& folder, const ImportAsk& ask, WallTime now) {
    auto there = folder.ring(ask.name);
    if (!there || !*there) {
        return fail(there ? refuse("没有该密钥环 no such ring: " + ask.name) : std::move(there.error()));
    }
    const auto blocks = crypto::split_x509(ask.bytes);
    if (!blocks) {
        return fail(refuse("文件中没有证书 no certificate in the file (PEM, DER, PKCS #7)"));
    }
    Done done{.ring = std::move(**there)};
    const auto fit = find_fit(folder, done.ring, *blocks);
    if (!fit) {
        return fail(fit.error());
    }
    RingKey& key = done.ring.keys[fit->key];
    const std::vector<std::string> chain = in_order(*blocks, fit->leaf);
    if (fit->facts.is_authority || !crypto::allows(chain.front(), done.ring.role)) {
        return fail(refuse("证书的密钥用法不允许用途 the certificate's usages do not allow the role " +
                           std::string{name_of(done.ring.role)}));
    }
    const auto good = check_time(fit->facts, key, now).and_then([&] {
        return check_chain(chain, ask, std::max(now, fit->facts.not_before));
    });
    if (!good) {
        return fail(good.error());
    }
    done.id = key.id;
    std::string text;
    for (const std::string& one : chain) {
        text += one;
    }
    add_notes(chain, *fit, ask, blocks->size(), done);
    const std::string name = key.id + ".chain.pem";
    if (key.chain == name && folder.read(name) == text) {
        return done;
    }
    if (auto written = folder.disk().replace(folder.path_of(name), text); !written) {
        return fail(std::move(written.error()));
    }
    done.changed = true;
    done.written.push_back(folder.path_of(name));
    if (key.chain == name) {
        return done;
    }
    key.chain = name;
    if (auto put = folder.put(done.ring); !put) {
        return fail(std::move(put.error()));
    }
    done.written.push_back(folder.path_of(ring_file(ask.name)));
    return done;
}

}  // namespace datong::keyring
