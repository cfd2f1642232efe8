#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/app/commands.h"
#include "core/base/guarded.h"
#include "core/codec/http_message.h"
#include "core/record/record.h"

namespace datong::app {

/// Asks the running gateway, through its admin listener, with the session that is kept for it. What goes wrong is said
/// on standard error. Where the listener is says gateway.yaml; on a machine that has none DATONG_ADMIN_URL (https) and
/// DATONG_ADMIN_CA (a PEM file).
/// @return the answer, whatever its status; else the exit code: kConfig for a configuration that can't be read,
///         kWanting when nobody answers.
struct AdminAnswer {
    std::optional<codec::HttpMessage> http;
    int code{kGood};
    std::string url;
};
struct AdminRequest {
    std::string target;
    std::string method = "POST";
    std::string body{};
    std::string reason{};  ///< why, for the evidence; empty: what DATONG_REASON says
    std::string x509{};    ///< PEM files of a client certificate and its key; empty: those of the session, if any
    std::string x509_key{};
};
[[nodiscard]] AdminAnswer ask_admin(const std::string& config, const AdminRequest& request);

/// Whether anybody listens where the admin listener of that configuration is. Nobody does only where the connection is
/// refused; a gateway that does not answer this program (another certificate, a full queue) is one all the same.
/// @return Fault::unavailable where that can't be told.
[[nodiscard]] Result<bool> is_listened_at(const std::string& config);

/// The same for a GET of JSON; null when there is none, `code` says why.
[[nodiscard]] record::Record read_admin(const std::string& config, const std::string& target, int& code);

/// Says a problem that the gateway answered, with its code. @return kWanting.
int say_problem(const codec::HttpMessage& http);

/// A session at one gateway, kept in a file of this user alone ($XDG_RUNTIME_DIR/datong, or ~/.cache/datong).
struct Session {
    std::string url;
    std::string account;
    std::string until;  ///< RFC 3339
    Secret token;
    std::string x509{};  ///< PEM files of the client certificate and its key; empty: none
    std::string x509_key{};
};
[[nodiscard]] std::optional<Session> kept_session(const std::string& url);
[[nodiscard]] Status keep_session(const Session& session);
void drop_session(const std::string& url);
/// Where the gateway of that configuration is; empty when it can't be read.
[[nodiscard]] std::string admin_url(const std::string& config);

/// Adds `datong account`, `login`, `logout` and `whoami`. The command that was chosen leaves its exit code.
void add_account_tools(Command& app, int& code);

struct AccountOptions {
    std::string config = "config/gateway.yaml";
    std::string name;  ///< whose account
    std::string display;
    std::string organisation;
    std::vector<std::string> roles;
    std::vector<std::string> territory;
    std::string x509;      ///< PEM file of a client certificate
    std::string x509_key;  ///< login: PEM file of its key
    std::string reason;
    std::string password_file;  ///< empty: asked for
    std::string new_password_file;
    std::string code;    ///< of the second factor; empty: asked for
    bool others_lost{};  ///< recover: no other security administrator can help, either
    bool json{};
};
/// The first account, on this machine, while there is none.
[[nodiscard]] int account_init(const AccountOptions& options);
/// Both factors of a security administrator anew, on this machine, by the configuration's owner, while no gateway runs.
[[nodiscard]] int account_recover(const AccountOptions& options);
[[nodiscard]] int account_add(const AccountOptions& options);
/// Roles, organisation, territory, name or certificate of somebody else.
[[nodiscard]] int account_change(const AccountOptions& options);
[[nodiscard]] int account_disable(const AccountOptions& options);
[[nodiscard]] int account_enable(const AccountOptions& options);
[[nodiscard]] int account_unlock(const AccountOptions& options);
[[nodiscard]] int account_list(const AccountOptions& options);
[[nodiscard]] int account_show(const AccountOptions& options);
/// One's own without a name; else somebody's first one again.
[[nodiscard]] int account_password(const AccountOptions& options);
[[nodiscard]] int account_totp(const AccountOptions& options);
/// Lets somebody else have a new secret. @param what  "password" or "totp".
[[nodiscard]] int account_renew(const AccountOptions& options, const std::string& what);
[[nodiscard]] int account_login(const AccountOptions& options);
[[nodiscard]] int account_logout(const AccountOptions& options);
[[nodiscard]] int account_whoami(const AccountOptions& options);

}  // namespace datong::app
