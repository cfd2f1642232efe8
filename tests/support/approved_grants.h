#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "core/access/folder.h"
#include "core/access/kept.h"
#include "core/catalogue/granting.h"
#include "core/crypto/key.h"
#include "core/store/applications.h"

namespace datong::support {

/// Grants as approvals make them, in a folder, under a roll by a key. One thread.
class ApprovedGrants {
public:
    /// @param folder   with '/' at its end.
    /// @param gateway  its name.
    ApprovedGrants(std::string folder, std::string gateway, std::string keyid, const std::string& key_pem)
        : folder_{std::move(folder)},
          gateway_{std::move(gateway)},
          keyid_{std::move(keyid)},
          key_{crypto::SigningKey::from_pem(key_pem).value()} {}

    /// Throws where it can't be written.
    void publish(const access::GrantFiles& files) {
        const auto find = [this](const std::string&) {
            return std::optional{catalogue::RollKey{.key = key_.verifying_key()}};
        };
        const auto sign = [this](const auto& grants) {
            return catalogue::sign_roll({.gateway = gateway_, .number = ++number_, .at = {}, .grants = grants}, keyid_,
                                        key_);
        };
        (void)access::publish(folder_, files, {.find_key = find, .last = number_, .sign = sign}).value();
    }

private:
    std::string folder_;
    std::string gateway_;
    std::string keyid_;
    crypto::SigningKey key_;
    std::uint64_t number_{};
};

/// A grant of portal's for business licences, as an approval on 2026-03-02 made it.
inline policy::Grant approved_grant() {
    policy::Grant grant{.id = "a-2026-0001",
                        .consumer = "portal",
                        .services = {"business-licence"},
                        .fields = {"/name", "/status"},
                        .purposes = {"enterprise-opening"},
                        .legal_basis = "企业信息公示暂行条例（国务院令第654号）",
                        .territory = {"9999"},
                        .valid_from = {2026, 1, 1},
                        .valid_to = {2027, 12, 31}};
    grant.approval.application = grant.id;
    grant.approval.stage = "sandbox";
    grant.approval.approved_by = {"market-li", "security-qian"};
    grant.approval.at = "2026-03-02T10:00:00.000+08:00";
    return grant;
}

/// The application that this grant was made of.
/// @param valid_to  "2027-12-31" is the grant's.
inline access::Dossier approved_dossier(const std::string& valid_to = "2027-12-31") {
    access::Dossier dossier{.id = "a-2026-0001",
                            .text = R"(datong: application/v1
organisation: portal
reason: 企业开办时核对登记信息
consumer: portal
services: [business-licence]
fields: [/name, /status]
purposes: [enterprise-opening]
legal_basis: {title: 企业信息公示暂行条例, number: 国务院令第654号, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
territory: ["9999"]
contacts: [数据科 0000-0000]
valid_from: 2026-01-01
valid_to: )" + valid_to + '\n',
                            .state = access::State::approved,
                            .applicant = "portal-wang",
                            .organisation = "portal",
                            .stage = "sandbox",
                            .approved_by = {"market-li", "security-qian"},
                            .approved_at = "2026-03-02T10:00:00.000+08:00",
                            .due = {2026, 3, 16}};
    return dossier;
}

/// Puts an application into the store of a gateway, whether it runs or not. Throws where it can't.
/// @param store_file  that gateway.yaml names.
/// @param subject_key  of the gateway.
inline void keep_dossier(const std::string& store_file, const access::Dossier& dossier, const Secret& subject_key) {
    const auto store = store::Applications::open(store_file + ".access");
    if (!store.value()->keep(access::to_kept(dossier, subject_key).value())) {
        throw std::runtime_error{"the application was not kept"};
    }
}

}  // namespace datong::support
