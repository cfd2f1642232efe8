#include "core/container/revocation.h"

#include <algorithm>
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

/// A certificate, where it stands, and when it signed.
struct Placed {
    std::string place;  ///< a file of the container, or kConnection
    std::string pem;
    std::string signed_at{};  ///< RFC 3339 at +08:00, as all of ours; empty: it says none
};

std::string first_of(const std::string& pem) {
    const auto all = crypto::split_x509(pem);
    return all ? all->front() : std::string{};
}

/// @param file  gives the octets of a file; nullptr: there is none.
template <class FileOf>
std::vector<Placed> placed_in(FileOf file, const std::string& signer) {
    std::vector<Placed> all{{.place = std::string{kSignatures}, .pem = first_of(signer)}};
    for (const std::string place : {"seal/stamp.tst", "intent-seal/stamp.tst"}) {
        const std::string* token = file(place);
        const auto signed_by = token != nullptr ? crypto::signer_of_token(*token) : fail(Fault::bad_request, "none");
        if (signed_by) {
            all.push_back(
                {.place = place, .pem = first_of(signed_by->x509_pem), .signed_at = to_rfc3339(signed_by->at)});
        }
    }
    const std::string request = "request/body.xml";
    const std::string* body = file(request);
    const auto envelope = body != nullptr ? wsse::read_signed_envelope(*body) : fail(Fault::bad_request, "none");
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

std::vector<std::string> pool_of(const AtHand& at_hand) {
    std::vector<std::string> pool;
    for (const std::string& text : at_hand.x509) {
        for (std::string& one : crypto::split_x509(text).value_or(std::vector<std::string>{})) {
            pool.push_back(std::move(one));
        }
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
        all.push_back({.file = at->first,
                       .of = std::move(of),
                       .pem = beside(".pem"),
                       .issuer = beside(".issuer.pem"),
                       .octets = at->second});
    }
    return all;
}

void say_word(const Answered& one, const crypto::RevocationWord& word, Checked& checked) {
    const auto issuer = crypto::read_x509(one.issuer);
    const std::string by = issuer ? issuer->subject : std::string{};
    const std::string since = word.revoked ? to_rfc3339(*word.revoked) : std::string{};
    const std::string next = word.until ? to_rfc3339(*word.until) : "-";
    const std::string kind = word.is_list ? "吊销列表 list" : "OCSP";
    const std::string zh = one.of + " 的证书: 截至 " + to_rfc3339(word.from) +
                           (since.empty() ? " 有效" : " 已吊销, 自 " + since) + " (" + kind + ", " + by + ", 下次 " +
                           next + ")";
    const std::string en = "the certificate of " + one.of + ": as of " + to_rfc3339(word.from) +
                           (since.empty() ? " good" : " revoked, since " + since) + ", says " + by + "; next word by " +
                           next;
    add_proof(checked, one.file, zh, en);
}

/// @param placed  the certificate that it is said to be of; nullptr: the consumer's connection.
void check_answer(const Answered& one, const Placed* placed, Checked& checked) {
    if (placed != nullptr && first_of(one.pem) != placed->pem) {
        add_finding(checked, "revocation", one.file, {}, "吊销答复所附证书不是 " + one.of + " 的证书",
                    "the certificate beside it is not the one of " + one.of);
        return;
    }
    const auto word = crypto::word_on(one.octets, one.pem, one.issuer);
    if (!word) {
        add_finding(checked, "revocation", one.file, {}, "吊销答复无法读取、不属于该证书或不是其签发机构所签",
                    "it can't be read, is of another certificate, or its issuer did not sign it");
        return;
    }
    if (placed != nullptr && word->revoked && to_rfc3339(*word->revoked) <= placed->signed_at) {
        add_finding(checked, "revocation", one.file, {}, "签名时该证书已被吊销: " + to_rfc3339(*word->revoked),
                    "the certificate was revoked before it signed: " + to_rfc3339(*word->revoked));
        return;
    }
    say_word(one, *word, checked);
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
    const auto pool = pool_of(at_hand);
    std::vector<Part> made;
    std::size_t number = 0;
    for (const Placed& one : placed) {
        const std::string issuer = answers.empty() ? std::string{} : issuer_of(one.pem, pool);
        for (const std::string& answer : issuer.empty() ? std::vector<std::string>{} : answers) {
            const auto word = crypto::word_on(answer, one.pem, issuer);
            if (!word) {
                continue;  // of another certificate
            }
            const std::string stem = kFolder + std::to_string(++number);
            made.push_back({.name = stem + ".txt", .media = "text/plain", .octets = one.place + '\n'});
            made.push_back({.name = stem + ".pem", .media = "application/x-pem-file", .octets = one.pem});
            made.push_back({.name = stem + ".issuer.pem", .media = "application/x-pem-file", .octets = issuer});
            made.push_back({.name = stem + (word->is_list ? ".crl" : ".ocsp"),
                            .media = word->is_list ? "application/pkix-crl" : "application/ocsp-response",
                            .octets = answer});
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
    for (const Answered& one : answers) {
        const auto found =
            std::find_if(placed.begin(), placed.end(), [&](const Placed& p) { return p.place == one.of; });
        if (found == placed.end() && one.of != kConnection) {
            add_finding(checked, "revocation", one.file, {}, "吊销答复不属于容器中的任何证书",
                        "it is of no certificate in the container");
        } else {
            check_answer(one, found == placed.end() ? nullptr : &*found, checked);
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
    for (const Placed& one : placed) {
        const bool is_told =
            std::any_of(answers.begin(), answers.end(), [&](const Answered& a) { return a.of == one.place; });
        if (!is_told) {
            const auto facts = crypto::read_x509(one.pem);
            const bool is_own = facts && facts->subject == facts->issuer;
            add_proof(checked, one.place, is_own ? "证书为自签名, 无机构可吊销" : "制作容器时没有该证书的吊销答复",
                      is_own ? "its certificate vouches for itself: nobody can revoke it"
                             : "no word on the revocation of its certificate was at hand when this was made");
        }
    }
}

}  // namespace datong::container
