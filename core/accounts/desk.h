#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/accounts/act.h"
#include "core/accounts/limits.h"
#include "core/accounts/shelf.h"
#include "core/base/clock.h"
#include "core/crypto/cipher.h"

namespace datong::accounts {

/// What somebody shows who signs in.
struct Shown {
    std::string account;
    Secret password{};
    std::string code{};     ///< of the second factor
    std::string x509{};     ///< "SERIAL ISSUER" of the connection's client certificate; empty: it has none
    std::string address{};  ///< that it comes from
};

/// A session that was opened. The token is told once and not kept.
struct Opened {
    Secret token;
    Account account;
    std::int64_t until{};  ///< unix seconds: its last, however much it is used
};

/// What is told once of a new or renewed account; empty what it did not get.
struct Enrolled {
    Account account;
    Secret password{};
    Secret totp_uri{};
};

/// What a security administrator changes of an account; nullopt: stays.
struct Changes {
    std::optional<std::vector<std::string>> roles{};
    std::optional<std::string> organisation{};
    std::optional<std::vector<std::string>> territory{};
    std::optional<Personal> display{};
    std::optional<bool> disabled{};
    std::optional<std::string> x509{};  ///< of an account that signs in by its certificate: the next one
};

/// Where people sign in and accounts are kept. What changes is in the evidence before it is in force. Calls block (on
/// the disk, and a quarter of a second on a password): never on a loop. Any thread.
class Desk {
public:
    /// @param key     at least 32 octets: second factors are sealed by keys derived from it.
    /// @param issuer  as authenticator apps show it.
    Desk(std::unique_ptr<Shelf> shelf, const Secret& key, std::string issuer, const Clock& clock, Limits limits);

    /// Opens a session for who shows password and second factor, or the account's client certificate, whom no lock
    /// keeps out. Unknown names are locked like known ones and take as long.
    [[nodiscard]] Outcome<Opened> sign_in(const Shown& shown, Act& act);
    /// Whose session that is; its idle time begins anew.
    /// @return not_signed_in, or session_over.
    [[nodiscard]] Outcome<Actor> find_actor(const std::string& token, const std::string& x509);
    [[nodiscard]] Outcome<void> sign_out(const std::string& token, Act& act);

    /// @param account  name, display, organisation, territory, x509; @param roles  names of them.
    [[nodiscard]] Outcome<Enrolled> add(Account account, const std::vector<std::string>& roles, Act& act);
    /// Of somebody else. @return account_changed when somebody changed it meanwhile. Its sessions end where its roles,
    /// its organisation, its territory or its state change.
    [[nodiscard]] Outcome<Account> change(const std::string& name, const Changes& changes, const Actor& actor,
                                          Act& act);
    [[nodiscard]] Outcome<void> unlock(const std::string& name, const Actor& actor, Act& act);
    /// A first password for somebody who forgot theirs.
    /// @return second_person_needed where the actor gave the second factor that stands.
    [[nodiscard]] Outcome<Enrolled> renew_password(const std::string& name, const Actor& actor, Act& act);
    /// One's own. All sessions end, this one too.
    [[nodiscard]] Outcome<void> change_password(const Actor& actor, const Secret& before, const Secret& after,
                                                Act& act);
    /// A new second factor: of somebody else, or, with one's password, one's own. All sessions end.
    /// @param password  of the actor's own account; not asked for another's.
    /// @return second_person_needed where the actor gave the password that stands.
    [[nodiscard]] Outcome<Enrolled> renew_totp(const std::string& name, const Actor& actor, const Secret& password,
                                               Act& act);

    struct Listed {
        Account account;
        std::int64_t locked_until{};  ///< unix seconds; 0: it is not
    };
    [[nodiscard]] Outcome<std::vector<Listed>> list();
    [[nodiscard]] Outcome<Listed> find(const std::string& name);
    /// Puts into the evidence what was done beside the gateway. @param append  of one entry. @return how many.
    [[nodiscard]] Result<std::size_t> settle_owed(const std::function<Status(const std::string& entry)>& append);
    [[nodiscard]] const Limits& limits() const { return limits_; }
    /// Erases sessions and failures whose time is over.
    [[nodiscard]] Status forget();

    /// The very first account, a security administrator, beside any gateway, which records it later.
    /// @param sign  the act as an entry of the evidence.
    /// @return account_exists where there is any account.
    [[nodiscard]] Outcome<Enrolled> add_first(
        Account account, const std::function<Result<std::string>(evidence::Administration told)>& sign);
    /// Both factors anew for a security administrator whom nobody else can help, beside any gateway, whose evidence is
    /// told first. Sessions and locks end; who signed in by a certificate has a password from then on.
    /// @param others_lost  the other ones have lost theirs, too, as says whoever does it.
    /// @return others_can_help; account_unfit for one without that role, or that was disabled while others were not.
    [[nodiscard]] Outcome<Enrolled> recover(const std::string& name, bool others_lost, Act& act);

private:
    struct Judged;
    [[nodiscard]] Outcome<Judged> judge(const Shown& shown, Act& act);
    [[nodiscard]] Outcome<void> judge_factors(const KeptAccount& kept, const Shown& shown);
    [[nodiscard]] tl::unexpected<Problem> note_failure(const std::string& account, Problem why, Act& act);
    [[nodiscard]] Outcome<void> check_lock(const std::string& account);
    /// Whoever has a session only must not guess on: a wrong one counts like one of signing in.
    [[nodiscard]] Outcome<void> check_own_password(const KeptAccount& kept, const Secret& password, Act& act);
    [[nodiscard]] Outcome<void> count_attempt(const std::string& address);
    [[nodiscard]] Outcome<void> check_x509(const Account& account);
    [[nodiscard]] Outcome<KeptAccount> others_account(const std::string& name, const Actor& actor);
    [[nodiscard]] Outcome<KeptAccount> kept(const std::string& name);
    [[nodiscard]] Outcome<Enrolled> enrol(KeptAccount& kept) const;
    [[nodiscard]] Outcome<Secret> give_totp(KeptAccount& kept) const;
    [[nodiscard]] std::string mac_of(const std::string& name) const;
    [[nodiscard]] std::int64_t now() const;

    static constexpr std::string_view kSealUse = "datong accounts";  ///< of keys derived from the desk's
    struct Attempts {
        std::int64_t minute{};
        int count{};
    };
    std::unique_ptr<Shelf> shelf_;
    Secret key_;
    std::string issuer_;
    const Clock& clock_;
    Limits limits_;
    std::mutex mutex_;  ///< of attempts_
    std::mutex owed_;   ///< held while what is owed is put into the evidence: once each
    std::map<std::string, Attempts> attempts_;
};

}  // namespace datong::accounts
