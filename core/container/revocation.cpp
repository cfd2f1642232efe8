#include "core/container/revocation.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "core/base/clock.h"
#include "core/container/archive.h"
#include "core/crypto/time_stamp.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_path.h"
#include "core/wsse/envelope.h"

namespace datong::container {
namespace {

constexpr const char* kFolder = "revocation/";
constexpr const char* kConnection = "connection";  ///< no file of the container has it
constexpr std::size_t kMostOctets = 8U << 20U;     ///< of one answer: a container stays one that can be handed on
constexpr std::size_t kMostAbove = 8;              ///< authorities above one certificate

/// A certificate, where it stands, and when it signed.
struct Placed {
    std::string place;  ///< a file of the container, or kConnection
    std::string pem;
    std::vector<std::string> brought{};  ///< PEM: certificates that came with it
    std::string signed_at{};             ///< RFC 3339 at +08:00, as all of ours; empty: it says none
};

std::vector<std::string> all_of(const std::string& pem) {
    return crypto::split_x509(pem).value_or(std::vector<std::string>{});
}

std::string first_of(const std::string& pem) {
    const auto all = all_of(pem);
    return all.empty() ? std::string{} : all.front();
}

std::string subject_of(const std::string& pem) {
    const auto facts = crypto::read_x509(pem);
    return facts ? facts->subject : std::string{};
}

bool vouches_for_itself(const std::string& pem) {
    const auto facts = crypto::read_x509(pem);
    return facts && facts->subject == facts->issuer;
}

/// @param file  gives the octets of a file; nullptr: there is none.
template <class FileOf>
std::vector<Placed> placed_in(FileOf file, const std::string& signer) {
    std::vector<Placed> all{{.place = std::string{kSignatures}, .pem = first_of(signer)}};
    for (const std::string place : {"seal/stamp.tst", "intent-seal/stamp.tst"}) {
        const std::string* token = file(place);
        const auto signed_by = token != nullptr ? crypto::signer_of_token(*token) : fail(Fault::bad_request, "none");
        if (signed_by) {
            all.push_back({.place = place,
                           .pem = first_of(signed_by->x509_pem),
                           .brought = all_of(signed_by->x509_pem),
                           .signed_at = to_rfc3339(signed_by->at)});
        }
    }
    const std::string request = "request/body.xml";
    const std::string* body = file(request);
    const auto envelope =
        body != nullptr ? wsse::read_signed_envelope(*body, wsse::limits_of(*body)) : fail(Fault::bad_request, "none");
    if (envelope) {
        all.push_back({.place = request, .pem = first_of(envelope->token_pem)});
    }
    return all;
}

/// DER of every list and response.
std::vector<std::string> answers_in(const AtHand& at_hand) {
    std::vector<std::string> all;
    for (const std::string& text : at_hand.answers) {
        auto lists = crypto::split_crls(text);
        if (lists.empty()) {
            lists.push_back(text);
        }
        for (std::string& one : lists) {
            const bool is_new = std::find(all.begin(), all.end(), one) == all.end();
            if (is_new && !one.empty() && one.size() <= kMostOctets) {
                all.push_back(std::move(one));
            }
        }
    }
    return all;
}

std::vector<std::string> pool_of(const AtHand& at_hand, const std::vector<Placed>& placed) {
    std::vector<std::string> pool;
    for (const std::string& text : at_hand.x509) {
        for (std::string& one : all_of(text)) {
            pool.push_back(std::move(one));
        }
    }
    for (const Placed& one : placed) {
        pool.insert(pool.end(), one.brought.begin(), one.brought.end());
    }
    return pool;
}

std::string issuer_of(const std::string& pem, const std::vector<std::string>& pool) {
    for (const std::string& one : pool) {
        if (one != pem && crypto::is_issued_by(pem, one)) {
            return one;
        }
    }
    return {};
}

/// A certificate and those above it as far as they are known, each the issuer of the one before.
std::vector<std::string> path_of(const std::string& pem, const std::vector<std::string>& pool) {
    std::vector<std::string> path{pem};
    while (path.size() <= kMostAbove && !vouches_for_itself(path.back())) {
        std::string issuer = issuer_of(path.back(), pool);
        if (issuer.empty() || std::find(path.begin(), path.end(), issuer) != path.end()) {
            break;  // unknown, or two that certify each other
        }
        path.push_back(std::move(issuer));
    }
    return path;
}

const std::string* find(const Files& files, const std::string& name) {
    const auto found = files.find(name);
    return found == files.end() ? nullptr : &found->second;
}

/// One answer and what stands beside it.
struct Answered {
    std::string file;
    std::string of;
    std::string pem;
    std::string issuer;
    std::string octets;
    std::optional<std::string> chain;  ///< of an authority: from the certificate at its place to the one below it

    /// As it is called for people.
    [[nodiscard]] std::string whose(bool in_chinese) const {
        if (!chain) {
            return in_chinese ? of + " 的证书" : "the certificate of " + of;
        }
        return in_chinese ? of + " 的证书之上级机构 " + subject_of(pem)
                          : "the authority " + subject_of(pem) + " above the certificate of " + of;
    }
    /// The certificate at its place, as this answer has it.
    [[nodiscard]] std::string leaf() const { return first_of(chain.value_or(pem)); }
    /// Whether each of the chain was issued by the next, and the last by the one that is answered for.
    [[nodiscard]] bool is_chain_whole() const {
        auto path = chain ? all_of(*chain) : std::vector<std::string>{};
        if (path.size() > kMostAbove) {
            return false;
        }
        path.push_back(first_of(pem));
        const auto broken = std::adjacent_find(
            path.begin(), path.end(),
            [](const std::string& one, const std::string& above) { return !crypto::is_issued_by(one, above); });
        return broken == path.end() && (!chain || path.size() > 1);
    }
};

std::vector<Answered> answers_in(const Files& files) {
    std::vector<Answered> all;
    for (auto at = files.lower_bound(kFolder); at != files.end() && at->first.starts_with(kFolder); ++at) {
        const std::string stem = at->first.substr(0, at->first.rfind('.'));
        if (!at->first.ends_with(".crl") && !at->first.ends_with(".ocsp")) {
            continue;
        }
        const auto beside = [&](const char* suffix) {
            const std::string* text = find(files, stem + suffix);
            return text != nullptr ? *text : std::string{};
        };
        std::string of = beside(".txt");
        of.resize(of.find('\n') == std::string::npos ? of.size() : of.find('\n'));
        all.push_back(
            {.file = at->first,
             .of = std::move(of),
             .pem = beside(".pem"),
             .issuer = beside(".issuer.pem"),
             .octets = at->second,
             .chain = files.contains(stem + ".chain.pem") ? std::optional{beside(".chain.pem")} : std::nullopt});
    }
    return all;
}

void say_word(const Answered& one, const crypto::RevocationWord& word, Checked& checked) {
    const std::string by = subject_of(one.issuer);
    const std::string since = word.revoked ? to_rfc3339(*word.revoked) : std::string{};
    const std::string next = word.until ? to_rfc3339(*word.until) : "-";
    const std::string kind = word.is_list ? "吊销列表 list" : "OCSP";
    const std::string zh = one.whose(true) + ": 截至 " + to_rfc3339(word.from) +
                           (since.empty() ? " 有效" : " 已吊销, 自 " + since) + " (" + kind + ", " + by + ", 下次 " +
                           next + ")";
    const std::string en = one.whose(false) + ": as of " + to_rfc3339(word.from) +
                           (since.empty() ? " good" : " revoked, since " + since) + ", says " + by + "; next word by " +
                           next;
    add_proof(checked, one.file, zh, en);
}

/// The certificate of the consumer's connection, which no record names: one and the same for all answers. An answer
/// about itself says best which it is. Empty: none.
std::string connection_in(const std::vector<Answered>& answers) {
    for (const bool is_above : {false, true}) {
        for (const Answered& one : answers) {
            if (one.of == kConnection && one.chain.has_value() == is_above) {
                return one.leaf();
            }
        }
    }
    return {};
}

/// @param placed  the certificate at its place.
void check_answer(const Answered& one, const Placed& placed, Checked& checked) {
    if (one.leaf() != placed.pem || !one.is_chain_whole()) {
        add_finding(checked, "revocation", one.file, {}, "吊销答复所附证书不是 " + one.of + " 的证书或其上级机构的证书",
                    "the certificate beside it is not the one of " + one.of + ", nor of an authority above it");
        return;
    }
    const auto word = crypto::word_on(one.octets, one.pem, one.issuer);
    if (!word) {
        add_finding(checked, "revocation", one.file, {}, "吊销答复无法读取、不属于该证书或不是其签发机构所签",
                    "it can't be read, is of another certificate, or its issuer did not sign it");
        return;
    }
    if (word->revoked && to_rfc3339(*word->revoked) <= placed.signed_at) {
        add_finding(checked, "revocation", one.file, {},
                    "签名时" + one.whose(true) + "已被吊销: " + to_rfc3339(*word->revoked),
                    one.whose(false) + " was revoked before it signed: " + to_rfc3339(*word->revoked));
        return;
    }
    say_word(one, *word, checked);
}

/// Says of which of a certificate and the authorities above it nothing was at hand.
void say_untold(const Placed& placed, const std::vector<Answered>& answers, const std::vector<std::string>& pool,
                Checked& checked) {
    if (vouches_for_itself(placed.pem)) {
        add_proof(checked, placed.place, "证书为自签名, 无机构可吊销",
                  "its certificate vouches for itself: nobody can revoke it");
        return;
    }
    for (const std::string& one : path_of(placed.pem, pool)) {
        const bool is_told = std::any_of(answers.begin(), answers.end(), [&](const Answered& answer) {
            return answer.of == placed.place && first_of(answer.pem) == one;
        });
        if (is_told || vouches_for_itself(one)) {
            continue;
        }
        const bool is_own = one == placed.pem;
        add_proof(
            checked, placed.place,
            is_own ? "制作容器时没有该证书的吊销答复" : "制作容器时没有其上级机构 " + subject_of(one) + " 的吊销答复",
            "no word on the revocation of " +
                (is_own ? "its certificate" : "the authority " + subject_of(one) + " above it") +
                " was at hand when this was made");
    }
}

/// The certificates of a container among which authorities are looked for. Of what a stranger made not more than cost
/// nothing to look through, each at each step of a path.
std::vector<std::string> pool_of(const std::vector<Answered>& answers, const std::vector<Placed>& placed) {
    constexpr std::size_t kMost = 64;
    std::vector<std::string> pool;
    const auto add = [&pool](const std::vector<std::string>& all) {
        for (const std::string& one : all) {
            if (pool.size() < kMost && std::find(pool.begin(), pool.end(), one) == pool.end()) {
                pool.push_back(one);
            }
        }
    };
    for (const Placed& one : placed) {
        add(one.brought);
    }
    for (const Answered& one : answers) {
        for (const std::string& text : {one.issuer, one.pem, one.chain.value_or("")}) {
            add(all_of(text));
        }
    }
    return pool;
}

/// The parts of one answer. @param stem  "revocation/N". @param path  from the certificate at its place to the one that
/// is answered for, and its issuer.
void add_answer(std::vector<Part>& made, const std::string& stem, const std::string& place,
                std::span<const std::string> path, const std::string& answer, bool is_list) {
    constexpr const char* kPem = "application/x-pem-file";
    const auto below = path.first(path.size() - 2);
    made.push_back({.name = stem + ".txt", .media = "text/plain", .octets = place + '\n'});
    made.push_back({.name = stem + ".pem", .media = kPem, .octets = path[below.size()]});
    made.push_back({.name = stem + ".issuer.pem", .media = kPem, .octets = path.back()});
    if (!below.empty()) {
        std::string chain;
        for (const std::string& one : below) {
            chain += one;
        }
        made.push_back({.name = stem + ".chain.pem", .media = kPem, .octets = std::move(chain)});
    }
    made.push_back({.name = stem + (is_list ? ".crl" : ".ocsp"),
                    .media = is_list ? "application/pkix-crl" : "application/ocsp-response",
                    .octets = answer});
}

}  // namespace

std::vector<Part> revocations_of(const std::vector<Part>& parts, const AtHand& at_hand) {
    const auto file = [&parts](const std::string& name) -> const std::string* {
        for (const Part& part : parts) {
            if (part.name == name) {
                return &part.octets;
            }
        }
        return nullptr;
    };
    auto placed = placed_in(file, at_hand.signer);
    if (!at_hand.connection.empty()) {
        placed.push_back({.place = kConnection, .pem = first_of(at_hand.connection)});
    }
    const auto answers = answers_in(at_hand);
    if (answers.empty()) {
        return {};
    }
    const auto pool = pool_of(at_hand, placed);
    std::vector<Part> made;
    std::size_t number = 0;
    for (const Placed& one : placed) {
        const auto path = path_of(one.pem, pool);
        for (std::size_t at = 0; at + 1 < path.size(); ++at) {
            for (const std::string& answer : answers) {
                if (const auto word = crypto::word_on(answer, path[at], path[at + 1])) {  // else of another certificate
                    add_answer(made, kFolder + std::to_string(++number), one.place, std::span{path}.first(at + 2),
                               answer, word->is_list);
                }
            }
        }
    }
    return made;
}

void check_revocations(const Files& files, const Xades& xades, const Records& records, Checked& checked) {
    auto placed = placed_in([&files](const std::string& name) { return find(files, name); }, xades.x509_pem);
    for (Placed& one : placed) {
        if (one.signed_at.empty()) {
            one.signed_at = one.place == kSignatures ? xades.signing_time : records.first.text_of("at");
        }
    }
    const auto answers = answers_in(files);
    if (const std::string leaf = connection_in(answers); !leaf.empty()) {
        placed.push_back({.place = kConnection, .pem = leaf});
    }
    for (const Answered& one : answers) {
        const auto found =
            std::find_if(placed.begin(), placed.end(), [&](const Placed& p) { return p.place == one.of; });
        if (found != placed.end()) {
            check_answer(one, *found, checked);
        } else {
            add_finding(checked, "revocation", one.file, {}, "吊销答复不属于容器中的任何证书",
                        "it is of no certificate in the container");
        }
    }
    for (auto at = files.lower_bound(kFolder); at != files.end() && at->first.starts_with(kFolder); ++at) {
        const std::string stem = at->first.substr(0, at->first.find('.'));
        if (std::none_of(answers.begin(), answers.end(),
                         [&](const Answered& a) { return a.file.starts_with(stem + '.'); })) {
            add_finding(checked, "revocation", at->first, {}, "缺少其吊销答复",
                        "the answer that it stood beside is missing");
        }
    }
    const auto pool = pool_of(answers, placed);
    for (const Placed& one : placed) {
        say_untold(one, answers, pool, checked);
    }
}

}  // namespace datong::container
