#include "core/keyring/making.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "core/crypto/token.h"
#include "core/keyring/secret_file.h"
#include "core/record/date.h"

namespace datong::keyring {
namespace {

using crypto::Algorithm;
using crypto::KeyUse;
using crypto::SigningKey;
using crypto::X509Wish;

struct KindRow {
    KeyKind kind;
    std::string_view name;
    Algorithm algorithm;
    std::size_t rsa_bits;
};
constexpr std::array<KindRow, 5> kKinds{{
    {KeyKind::p256, "p256", Algorithm::ecdsa_p256_sha256, 0},
    {KeyKind::rsa_2048, "rsa-2048", Algorithm::rsa_pss_sha512, 2'048},
    {KeyKind::rsa_3072, "rsa-3072", Algorithm::rsa_pss_sha512, 3'072},
    {KeyKind::ed25519, "ed25519", Algorithm::ed25519, 0},
    {KeyKind::sm2, "sm2", Algorithm::sm2_sm3, 0},
}};

Result<SigningKey> generate(KeyKind kind) {
    const KindRow& row = *std::ranges::find(kKinds, kind, &KindRow::kind);
    return row.rsa_bits != 0 ? SigningKey::generate(row.algorithm, row.rsa_bits) : SigningKey::generate(row.algorithm);
}

KeyKind kind_like(const SigningKey& key) {
    const Algorithm algorithm = key.default_algorithm();
    return algorithm == Algorithm::rsa_pss_sha512 ? KeyKind::rsa_3072
                                                  : std::ranges::find(kKinds, algorithm, &KindRow::algorithm)->kind;
}

bool is_ring_name(std::string_view name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return is_key_id(name) && name.front() >= 'a' && name.front() <= 'z' &&
           name.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::string day_of(WallTime at) {
    return record::to_text(record::to_civil(at).date);
}

/// "gateway-2026", or with a number behind it where that is taken.
std::string free_id(const Ring& ring, WallTime at) {
    const std::string first = ring.name + '-' + day_of(at).substr(0, 4);
    std::string id = first;
    for (int i = 2; ring.knows(id); ++i) {
        id = first + '-' + std::to_string(i);
    }
    return id;
}

/// Makes what does not exist yet of one key: private and public half, request, perhaps a certificate.
class Maker {
public:
    Maker(Folder& folder, Done& done) : folder_{folder}, done_{done} {}

    struct Plan {
        std::string id;
        KeyKind kind{};
        KeyPlace place;
        X509Wish wish;
        int self_signed_days{};
    };

    /// All that is written is made first, so that what can't be made leaves nothing behind.
    Result<RingKey> make(const Plan& plan, WallTime from, WallTime now) {
        RingKey key{.id = plan.id, .file = plan.id + ".key.pem", .from = from};
        const bool in_token = crypto::is_token_uri(plan.place.file);
        if (in_token && plan.wish.use == KeyUse::encrypt) {
            return fail(
                Fault::bad_request,
                "令牌中的密钥只用于 sign 与 tls, 不用于 encrypt keys in tokens sign and do TLS, and open nothing");
        }
        if (in_token) {
            key.file = plan.place.file;
        } else if (!plan.place.file.empty()) {
            key.file = std::filesystem::absolute(plan.place.file).lexically_normal().string();
        }
        const bool is_there = in_token || folder_.has(key.file);
        const auto opened = open_or_make(plan, key);
        const auto pem = opened ? opened->public_pem() : fail(opened.error());
        const auto csr = pem ? crypto::make_request(*opened, plan.wish) : fail(pem.error());
        const auto chain = csr ? self_signed(plan, *opened, now) : fail(csr.error());
        if (!chain) {
            return fail(chain.error());
        }
        auto written = is_there ? Status{} : write_private(key.file, *opened);
        written = std::move(written).and_then([&] { return write_public(plan.id + ".pub.pem", *pem); }).and_then([&] {
            return replace(plan.id + ".csr.pem", *csr);
        });
        if (written && !chain->empty()) {
            key.chain = plan.id + ".chain.pem";
            written = replace(key.chain, *chain);
        }
        return written ? Result<RingKey>{std::move(key)} : fail(std::move(written.error()));
    }

private:
    /// The key that an earlier command left, or that the person named; else a new one.
    Result<SigningKey> open_or_make(const Plan& plan, const RingKey& key) {
        if (crypto::is_token_uri(key.file)) {
            return folder_.open_key(key);
        }
        if (folder_.has(key.file)) {
            done_.notes.push_back("已有私钥, 沿用 the private key is there already and is used: " +
                                  folder_.path_of(key.file));
            return folder_.open_key(key);
        }
        return plan.place.file.empty() ? generate(plan.kind)
                                       : fail(Fault::bad_request, "没有该私钥文件 no such private key: " + key.file);
    }

    /// Empty when none is wished.
    static Result<std::string> self_signed(const Plan& plan, const SigningKey& key, WallTime now) {
        if (plan.self_signed_days == 0) {
            return std::string{};
        }
        // an hour back, for clocks that are behind
        return crypto::make_self_signed(key, plan.wish,
                                        {.not_before = now - std::chrono::hours{1}, .days = plan.self_signed_days});
    }

    Status write_private(const std::string& name, const SigningKey& key) {
        const auto pem = key.to_pem();
        return pem ? note(name, folder_.disk().write_new(folder_.path_of(name), pem->reveal(), true))
                   : fail(pem.error());
    }

    Status write_public(const std::string& name, const std::string& pem) {
        if (const auto there = folder_.read(name)) {
            return *there == pem ? Status{}
                                 : fail(Fault::bad_request, "该公钥文件属于另一把密钥 this file is another key's: " +
                                                                folder_.path_of(name));
        }
        return note(name, folder_.disk().write_new(folder_.path_of(name), pem, false));
    }

    Status replace(const std::string& name, const std::string& pem) {
        return note(name, folder_.disk().replace(folder_.path_of(name), pem));
    }

    Status note(const std::string& name, Status written) {
        if (written) {
            done_.written.push_back(folder_.path_of(name));
        }
        return written;
    }

    Folder& folder_;
    Done& done_;
};

X509Wish wish_of(const InitAsk& ask) {
    X509Wish wish = ask.names;
    wish.use = ask.role;
    if (wish.common_name.empty()) {
        wish.common_name = !wish.dns_names.empty()   ? wish.dns_names.front()
                           : !wish.addresses.empty() ? wish.addresses.front()
                                                     : ask.name;
    }
    return wish;
}

/// The names that the ring's last request has; the ring's own name where there is none.
X509Wish wish_of(const Folder& folder, const Ring& ring) {
    const auto pem = folder.read(ring.keys.back().id + ".csr.pem");
    auto wish = pem ? crypto::read_request(*pem, ring.role) : fail(Fault::bad_request, "");
    return wish ? std::move(*wish) : X509Wish{.use = ring.role, .common_name = ring.name, .organization = {}};
}

Error no_ring(std::string_view name) {
    return Error{Fault::bad_request, "没有该密钥环 no such ring: " + std::string{name} +
                                         "\n  datong cert init tls|sign|encrypt " + std::string{name}};
}

/// Puts the new ring in force and into what was done.
Result<Done> commit(const Folder& folder, Ring ring, Done done) {
    if (auto put = folder.put(ring); !put) {
        return fail(std::move(put.error()));
    }
    done.changed = true;
    done.written.push_back(folder.path_of(ring_file(ring.name)));
    done.ring = std::move(ring);
    return done;
}

/// Removes private halves of retired keys, those that an earlier command did not come to included.
void remove_private(const Folder& folder, const std::vector<RingKey>& old, Done& done) {
    std::vector<std::string> files;
    for (const RingKey& key : old) {
        if (!std::filesystem::path{key.file}.is_absolute() && !crypto::is_token_uri(key.file)) {
            files.push_back(key.file);
        }
    }
    for (const RetiredRingKey& key : done.ring.retired) {
        if (!key.keeps) {
            files.push_back(key.id + ".key.pem");
        }
    }
    for (const std::string& file : files) {
        if (!folder.has(file)) {
            continue;
        }
        if (folder.disk().remove(folder.path_of(file))) {
            done.removed.push_back(folder.path_of(file));
        } else {
            done.notes.push_back("未能删除已退役的私钥 a retired private key could not be removed: " +
                                 folder.path_of(file));
        }
    }
}

/// Its files are the other ring's: whoever finished a rotation here would take that one's private key away.
Error taken(const std::string& id, const std::string& ring) {
    return {Fault::bad_request, "密钥编号属于另一密钥环 this key id belongs to ring " + ring + ": " + id};
}

}  // namespace

std::optional<KeyKind> key_kind_by_name(std::string_view name) {
    const auto row = std::ranges::find(kKinds, name, &KindRow::name);
    return row == kKinds.end() ? std::nullopt : std::optional{row->kind};
}

Result<Done> init(Folder& folder, const InitAsk& ask, WallTime now) {
    if (!is_ring_name(ask.name) || (!ask.id.empty() && !is_key_id(ask.id))) {
        return fail(Fault::bad_request, "名称只能用小写字母、数字和连字符 a name is [a-z][a-z0-9-]*");
    }
    auto there = folder.ring(ask.name);
    if (!there) {
        return fail(std::move(there.error()));
    }
    if (*there) {
        if ((*there)->role != ask.role) {
            return fail(Fault::bad_request, "该密钥环用途不同 this ring has another role: " + ask.name + " " +
                                                std::string{name_of((*there)->role)});
        }
        Done done{.ring = std::move(**there)};
        done.id = done.ring.keys.back().id;
        return done;
    }
    Ring ring{.name = ask.name, .role = ask.role, .keys = {}, .retired = {}};
    Done done;
    done.id = ask.id.empty() ? free_id(ring, now) : ask.id;
    if (const std::string other = folder.other_ring(done.id, ask.name); !other.empty()) {
        return fail(taken(done.id, other));
    }
    auto key = Maker{folder, done}.make(
        {.id = done.id,
         .kind = ask.kind,
         .place = ask.place,
         .wish = wish_of(ask),
         .self_signed_days = ask.self_signed_days},
        ask.place.file.empty() ? std::chrono::floor<std::chrono::seconds>(now) : WallTime{}, now);
    if (!key) {
        return fail(std::move(key.error()));
    }
    ring.keys.push_back(std::move(*key));
    return commit(folder, std::move(ring), std::move(done));
}

Result<Done> request(Folder& folder, const RequestAsk& ask) {
    auto ring = folder.ring(ask.name);
    if (!ring || !*ring) {
        return fail(ring ? no_ring(ask.name) : std::move(ring.error()));
    }
    Done done{.ring = std::move(**ring)};
    const RingKey* key = ask.id.empty() ? &done.ring.keys.back() : done.ring.find(ask.id);
    if (key == nullptr) {
        return fail(Fault::bad_request, "密钥环中没有该编号 the ring has no key " + ask.id);
    }
    done.id = key->id;
    const std::string name = key->id + ".csr.pem";
    if (!ask.names && folder.has(name)) {
        return done;
    }
    X509Wish wish = ask.names ? *ask.names : wish_of(folder, done.ring);
    wish.use = done.ring.role;
    if (wish.common_name.empty()) {
        wish.common_name = wish_of(folder, done.ring).common_name;
    }
    const auto opened = folder.open_key(*key);
    const auto pem = opened ? crypto::make_request(*opened, wish) : fail(opened.error());
    if (!pem) {
        return fail(pem.error());
    }
    if (auto written = folder.disk().replace(folder.path_of(name), *pem); !written) {
        return fail(std::move(written.error()));
    }
    done.changed = true;
    done.written.push_back(folder.path_of(name));
    return done;
}

Result<Done> rotate(Folder& folder, const RotateAsk& ask, WallTime now) {
    auto there = folder.ring(ask.name);
    if (!there || !*there) {
        return fail(there ? no_ring(ask.name) : std::move(there.error()));
    }
    Ring ring = std::move(**there);
    if (ring.keys.size() > 1) {  // under way: said, and left as it is
        Done done{.ring = std::move(ring)};
        done.id = done.ring.keys.back().id;
        return done;
    }
    const WallTime from = std::chrono::floor<std::chrono::seconds>(ask.from.value_or(now + std::chrono::hours{24}));
    if (from < ring.keys.back().from) {
        return fail(Fault::bad_request, "启用时刻早于现用密钥 the moment lies before that of the key in use");
    }
    Done done;
    done.id = ask.id.empty() ? free_id(ring, from) : ask.id;
    if (!is_key_id(done.id) || ring.knows(done.id)) {
        return fail(Fault::bad_request, "密钥编号不合规或已用过 no key id, or one that is taken: " + done.id);
    }
    if (const std::string other = folder.other_ring(done.id, ask.name); !other.empty()) {
        return fail(taken(done.id, other));
    }
    const auto old = folder.open_key(ring.keys.back());
    if (!old && !ask.kind) {
        return fail(old.error());
    }
    auto key = Maker{folder, done}.make({.id = done.id,
                                         .kind = ask.kind ? *ask.kind : kind_like(*old),
                                         .place = ask.place,
                                         .wish = wish_of(folder, ring),
                                         .self_signed_days = ask.self_signed_days},
                                        from, now);
    if (!key) {
        return fail(std::move(key.error()));
    }
    ring.keys.push_back(std::move(*key));
    return commit(folder, std::move(ring), std::move(done));
}

Result<Done> finish(Folder& folder, const FinishAsk& ask, WallTime now) {
    auto there = folder.ring(ask.name);
    if (!there || !*there) {
        return fail(there ? no_ring(ask.name) : std::move(there.error()));
    }
    Done done{.ring = std::move(**there)};
    const RingKey* used = done.ring.in_use(now);
    done.id = done.ring.keys.back().id;
    std::vector<RingKey> old;
    if (used != nullptr && used != &done.ring.keys.front()) {
        Ring ring = done.ring;
        const auto count = used - &done.ring.keys.front();
        old.assign(done.ring.keys.begin(), done.ring.keys.begin() + count);
        ring.keys.erase(ring.keys.begin(), ring.keys.begin() + count);
        for (const RingKey& key : old) {
            ring.retired.push_back({.id = key.id,
                                    .file = key.id + ".pub.pem",
                                    .from = key.from == WallTime{} ? std::string{} : day_of(key.from),
                                    .to = day_of(now),
                                    .keeps = ask.keep_old});
        }
        auto put = commit(folder, std::move(ring), std::move(done));
        if (!put) {
            return put;
        }
        done = std::move(*put);
        done.id = done.ring.keys.front().id;
    }
    if (!ask.keep_old && done.ring.role != KeyUse::encrypt) {
        remove_private(folder, old, done);
    }
    return done;
}

}  // namespace datong::keyring
