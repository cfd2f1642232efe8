#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace datong::tsa {

struct AuthorityOptions {
    std::filesystem::path folder;  ///< keys, certificates and requests go below it; made when it is not there
    int days = 30;                 ///< of its certificate; negative: it has expired
    std::string policy = "1.2.3.4.1";
};

/// A time-stamping authority (时间戳服务) for demo and tests: `openssl ts` with a certificate of an authority of its
/// own, all made by the openssl program. Used by one thread.
class Authority {
public:
    /// Makes keys and certificates, or takes those that an earlier one made there. Throws std::exception when openssl
    /// fails.
    explicit Authority(AuthorityOptions options);

    /// PEM file of the authority that certified it: what whoever trusts it pins.
    [[nodiscard]] std::filesystem::path anchor() const { return options_.folder / "ca.pem"; }
    /// @param query  DER TimeStampReq. @return DER TimeStampResp; nullopt when openssl made none.
    [[nodiscard]] std::optional<std::string> reply(const std::string& query) const;

private:
    void make_keys() const;
    void write_settings() const;
    [[nodiscard]] std::string path(const char* name) const { return (options_.folder / name).string(); }

    AuthorityOptions options_;
};

/// Runs the openssl program. @return its exit status.
[[nodiscard]] int run_openssl(const std::vector<std::string>& arguments);

}  // namespace datong::tsa
