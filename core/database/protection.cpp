#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "core/database/key_values.h"
#include "core/database/postgresql_line.h"
#include "core/database/source.h"

namespace datong::database {
namespace {

using adapter::Warning;
using Options = std::map<std::string, std::string, std::less<>>;

std::string value_of(const Options& options, std::string_view key) {
    const auto found = options.find(key);
    return found == options.end() ? std::string{} : found->second;
}

/// Whether nothing leaves this machine: no host at all, a socket's path, or a loopback address.
bool is_here(const std::string& host) {
    return host.empty() || host.starts_with('/') || host.starts_with('@') || host.starts_with("127.") ||
           host == "localhost" || host == "::1";
}

std::vector<Warning> in_the_clear(const std::string& what) {
    return {{.text_zh = "connection：未要求 TLS，口令与数据可能以明文传输；" + what,
             .text_en = "connection: TLS is not asked for, and password and data may go in the clear; " + what}};
}

std::vector<Warning> not_verified(const std::string& what) {
    return {{.text_zh = "connection：不验证服务器证书，任何人都可冒充该数据库；" + what,
             .text_en = "connection: the server's certificate is not verified, and anybody can pose as the database; " +
                        what}};
}

/// Source: PostgreSQL 15, 34.19.1 Client Verification of Server Certificates.
std::vector<Warning> of_postgresql(const std::string& connection) {
    const std::unique_ptr<PQconninfoOption, PostgresqlFinish> parsed{PQconninfoParse(connection.c_str(), nullptr)};
    Options options;
    for (const PQconninfoOption* one = parsed.get(); one != nullptr && one->keyword != nullptr; ++one) {
        options[one->keyword] = one->val == nullptr ? "" : one->val;
    }
    const std::string mode = value_of(options, "sslmode");
    const bool has_root = !value_of(options, "sslrootcert").empty();
    const bool is_verified = mode == "verify-full" || mode == "verify-ca" || (mode == "require" && has_root);
    const std::string address = value_of(options, "hostaddr");
    if (is_verified || is_here(address.empty() ? value_of(options, "host") : address)) {
        return {};
    }
    const std::string wanted = "sslmode=verify-full sslrootcert=...";
    return mode == "require" ? not_verified(wanted) : in_the_clear(wanted);
}

std::vector<Warning> of_mariadb(const std::string& connection) {
    Options options;
    for (auto& [key, value] : read_key_values(connection).value_or(KeyValues{})) {
        options[key] = value;
    }
    const bool is_safe = !value_of(options, "ssl_ca").empty() || is_here(value_of(options, "host"));
    return is_safe ? std::vector<Warning>{} : in_the_clear("ssl_ca=...");
}

/// What of a driver's own words says that the server is verified is known of psqlodbc, Microsoft's and MariaDB's.
std::vector<Warning> of_odbc(const std::string& connection) {
    const std::string lower = ascii_lower(connection);
    constexpr std::array<std::string_view, 6> kVerify{"sslmode=verify-", "encrypt=yes", "encrypt=mandatory",
                                                      "encrypt=strict",  "sslverify=1", "forcetls=1"};
    const bool trusts_all = lower.find("trustservercertificate=yes") != std::string::npos;
    const bool verifies =
        std::ranges::any_of(kVerify, [&](std::string_view key) { return lower.find(key) != std::string::npos; });
    Options options;
    std::size_t at = 0;
    while (at < lower.size()) {
        const std::string part = lower.substr(at, lower.find(';', at) - at);
        const auto equals = std::min(part.find('='), part.size());
        options[part.substr(0, equals)] = equals < part.size() ? part.substr(equals + 1) : "";
        at += part.size() + 1;
    }
    for (const std::string_view key : {"server", "servername", "host", "dbq"}) {
        std::string host = value_of(options, key);
        if (host.starts_with("//")) {
            host.erase(0, 2);
        }
        if (!is_here(host) && (!verifies || trusts_all)) {
            return {{.text_zh = "connection：其中未见该 ODBC 驱动验证服务器证书的设置；见 docs/databases.md",
                     .text_en = "connection: nothing in it has this ODBC driver verify the server's certificate; "
                                "docs/databases.md"}};
        }
    }
    return {};
}

}  // namespace

std::vector<Warning> protection_warnings(const Opening& opening) {
    const std::string& connection = opening.connection.reveal();
    switch (opening.dialect) {
        case Dialect::sqlite:
            return {};
        case Dialect::postgresql:
            return of_postgresql(connection);
        case Dialect::mariadb:
            return of_mariadb(connection);
        case Dialect::odbc:
            break;
    }
    return of_odbc(connection);
}

}  // namespace datong::database
