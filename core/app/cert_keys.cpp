#include <chrono>
#include <iostream>
#include <optional>
#include <utility>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/signature_tools.h"
#include "core/base/clock.h"
#include "core/keyring/making.h"

namespace datong::app {
namespace {

using crypto::KeyUse;
using keyring::Done;
using keyring::Folder;
using keyring::Ring;
using keyring::RingKey;

keyring::WallTime now() {
    return std::chrono::system_clock::now();
}

int refuse(const Error& why) {
    std::cerr << why.detail() << '\n';
    return kWanting;
}

crypto::X509Wish names_of(const CertKeyOptions& options) {
    return {.use = KeyUse::sign,
            .common_name = options.common_name,
            .organization = options.organization,
            .dns_names = options.dns_names,
            .addresses = options.addresses};
}

bool has_names(const CertKeyOptions& options) {
    return !options.common_name.empty() || !options.organization.empty() || !options.dns_names.empty() ||
           !options.addresses.empty();
}

std::optional<keyring::KeyKind> kind_of(const CertKeyOptions& options) {
    return keyring::key_kind_by_name(options.kind);
}

std::string second_of(keyring::WallTime at) {
    return to_rfc3339(at).substr(0, 19) + "+08:00";
}

/// "在用 in use", "待证书 waits for its certificate", "2026-12-01T00:00:00+08:00 启用 from then on".
std::string standing(const Ring& ring, const RingKey& key) {
    const RingKey* used = ring.in_use(now());
    if (used == &key) {
        return "在用 in use";
    }
    if (ring.role == KeyUse::tls && key.chain.empty()) {
        return "待导入证书 waits for its certificate";
    }
    return key.from > now() ? second_of(key.from) + " 起启用 in use from then on" : "仍有效 still valid";
}

void show(const Ring& ring) {
    std::cout << "密钥环 ring: " << ring.name << "  用途 role: " << keyring::name_of(ring.role) << '\n';
    for (const RingKey& key : ring.keys) {
        std::cout << "  " << key.id << "  " << standing(ring, key) << '\n';
    }
    for (const keyring::RetiredRingKey& key : ring.retired) {
        std::cout << "  " << key.id << "  已退役 retired " << key.to << '\n';
    }
}

void show(const Done& done) {
    if (!done.changed && done.removed.empty()) {
        std::cout << "未作改动 nothing was changed\n";
    }
    for (const std::string& path : done.written) {
        std::cout << "  写入 wrote " << path << '\n';
    }
    for (const std::string& path : done.removed) {
        std::cout << "  删除 removed " << path << '\n';
    }
    for (const std::string& note : done.notes) {
        std::cout << "  " << note << '\n';
    }
    show(done.ring);
}

/// What to do next with a key that was just made.
void show_next(const Folder& folder, const Done& done) {
    const std::string ring = folder.path_of(keyring::ring_file(done.ring.name));
    const RingKey* key = done.ring.find(done.id);
    std::cout << "下一步 next:\n";
    if (done.ring.role == KeyUse::tls && key != nullptr && key->chain.empty()) {
        std::cout << "  " << folder.path_of(done.id + ".csr.pem")
                  << "  交签发机构 send to the authority\n  datong cert import " << done.ring.name << " FILE\n";
    }
    if (done.ring.keys.size() > 1) {
        std::cout << "  datong reload\n  datong cert rotate " << done.ring.name
                  << " --finish   启用之后 once it is in use\n";
    } else if (done.ring.role != KeyUse::encrypt) {
        std::cout << "  gateway.yaml: " << (done.ring.role == KeyUse::tls ? "tls" : "key") << ": {ring: \"" << ring
                  << "\"}\n  datong reload\n";
    }
}

/// Opens the folder, does the work there and says what came of it.
template <class Work>
int in_folder(const CertKeyOptions& options, Work work) {
    const auto disk = keyring::system_disk();
    auto folder = Folder::open(options.folder, *disk);
    if (!folder) {
        return refuse(folder.error());
    }
    const auto ring = folder->ring(options.name);
    const bool is_there = !ring || *ring;  // what can't be read is no name that is wrong
    const Result<Done> done = work(*folder);
    if (!done) {
        const int code = refuse(done.error());
        return !is_there && done.error().fault() == Fault::bad_request ? kUsage : code;
    }
    return kGood;
}

/// Says why there is nothing to finish yet. @return false where that is not so.
bool waits(const Done& done) {
    const RingKey& last = done.ring.keys.back();
    const bool early = !done.changed && done.removed.empty() && last.from > now();
    if (early) {
        std::cerr << "尚不能收尾 nothing to finish yet: " << last.id << "  " << standing(done.ring, last) << '\n';
    }
    return early;
}

}  // namespace

int cert_init(const CertKeyOptions& options) {
    return in_folder(options, [&options](Folder& folder) -> Result<Done> {
        auto done = keyring::init(folder,
                                  {.role = keyring::role_by_name(options.role).value_or(KeyUse::sign),
                                   .name = options.name,
                                   .id = options.id,
                                   .kind = kind_of(options).value_or(keyring::KeyKind::p256),
                                   .place = {.file = options.key},
                                   .names = names_of(options),
                                   .self_signed_days = options.self_signed_days},
                                  now());
        if (done) {
            show(*done);
            show_next(folder, *done);
        }
        return done;
    });
}

int cert_csr(const CertKeyOptions& options) {
    return in_folder(options, [&options](Folder& folder) -> Result<Done> {
        auto done =
            keyring::request(folder, {.name = options.name,
                                      .id = options.id,
                                      .names = has_names(options) ? std::optional{names_of(options)} : std::nullopt});
        if (done) {  // the request alone, so that it can be piped on
            std::cout << folder.read(done->id + ".csr.pem").value_or("");
        }
        return done;
    });
}

int cert_import(const CertKeyOptions& options) {
    const auto bytes = read_text(options.file);
    std::vector<std::string> trust;
    for (const std::string& file : options.trust) {
        auto text = read_text(file);
        if (!text) {
            std::cerr << "无法读取 can't read " << file << '\n';
            return kUsage;
        }
        trust.push_back(std::move(*text));
    }
    if (!bytes) {
        std::cerr << "无法读取 can't read " << options.file << '\n';
        return kUsage;
    }
    return in_folder(options, [&](Folder& folder) -> Result<Done> {
        auto done = keyring::import_x509(folder, {.name = options.name, .bytes = *bytes, .trust = trust}, now());
        if (done) {
            show(*done);
            std::cout << "下一步 next:\n  datong reload\n";
        }
        return done;
    });
}

int cert_rotate(const CertKeyOptions& options, bool finish) {
    const auto at = moment(options.at == "now" ? std::string{} : options.at);
    if (!at) {
        std::cerr << "时刻有误 --at is no RFC 3339 time: " << options.at << '\n';
        return kUsage;
    }
    bool is_early = false;
    const int code = in_folder(options, [&](Folder& folder) -> Result<Done> {
        auto done = finish ? keyring::finish(folder, {.name = options.name, .keep_old = options.keep_old}, now())
                           : keyring::rotate(folder,
                                             {.name = options.name,
                                              .id = options.id,
                                              .kind = kind_of(options),
                                              .place = {.file = options.key},
                                              .from = options.at.empty() ? std::nullopt : std::optional{*at},
                                              .self_signed_days = options.self_signed_days},
                                             now());
        if (done) {
            show(*done);
        }
        if (done && !finish) {
            show_next(folder, *done);
        }
        is_early = finish && done && waits(*done);
        return done;
    });
    return code == kGood && is_early ? kWanting : code;
}

}  // namespace datong::app
