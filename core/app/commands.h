#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/mistake.h"
#include "core/evidence/verify.h"
#include "core/ledger/index.h"

namespace datong {
class Command;
}

namespace datong::app {

/// Exit codes of every command: 0 good, 1 found wanting, 2 usage, 3 cut short by a second signal, 78 bad configuration
/// (EX_CONFIG).
inline constexpr int kGood = 0;
inline constexpr int kWanting = 1;
inline constexpr int kUsage = 2;
inline constexpr int kCutShort = 3;
inline constexpr int kConfig = 78;

struct ServeOptions {
    std::string config = "config/gateway.yaml";
    std::string log_file;
    std::string port_file;  ///< where the ports in use are written, as JSON
};
/// Runs the gateway until SIGTERM or SIGINT; SIGHUP reloads. One while it still starts, or a second one while open
/// calls finish, ends the process at once with kCutShort: what was answered is in the evidence, what was not is cut
/// off.
[[nodiscard]] int serve(const ServeOptions& options);

/// Checks the configuration and says everything that is wrong with it.
[[nodiscard]] int check(const std::string& config);

/// Lists submissions whose effect is not known, without personal data. @return kWanting when there are some.
[[nodiscard]] int orphans(const std::string& config);

/// Asks the running gateway on this machine to reload.
[[nodiscard]] int reload(const std::string& config);

struct MapOptions {
    std::string file;      ///< below a folder named mappings, or below --mappings
    std::string mappings;  ///< empty: the nearest folder above `file` that is named mappings
    std::string sample;    ///< "-": standard input
    std::string context;   ///< JSON file that from_ctx reads
    std::string at;        ///< RFC 3339; empty: now
    bool trace{};
    bool test_division{};
    bool coverage{};       ///< say what the tests do not go through
    int least_coverage{};  ///< percent that every mapping must reach
    std::string junit;     ///< where a JUnit report goes; empty: nowhere
};
[[nodiscard]] int map_run(const MapOptions& options);
[[nodiscard]] int map_check(const MapOptions& options);
/// Runs the tests of files and of every mapping in folders. @return kWanting when one fails, or there is none.
[[nodiscard]] int map_test(const std::vector<std::string>& paths, const MapOptions& options);

enum class ReferenceForm { list, json, markdown };
/// Prints every built-in step of mappings; as Markdown it is docs/mapping-steps.md.
[[nodiscard]] int map_functions(ReferenceForm form);

/// Adds `datong matter` with its commands. The command that was chosen leaves its exit code.
void add_matter_tools(Command& app, int& code);

struct CoverageOptions {
    std::string config = "config/gateway.yaml";
    std::string consumer;  ///< whose grants count
    std::string matter;    ///< empty: all
    bool live{};           ///< sources of the running gateway that take no calls now don't count
    std::string evidence;  ///< folder: what became of each material there, too; empty: nothing of it
    int days = 30;         ///< that count
    bool json{};
};
/// How much of each matter the citizen need not bring.
[[nodiscard]] int matter_coverage(const CoverageOptions& options);

/// What is awaited after the answers to matters, from the store of the configuration: who is asked again, who is to be
/// told. No personal data.
[[nodiscard]] int matter_followups(const std::string& config, bool json);
/// Adds `datong access` with its commands. The command that was chosen leaves its exit code.
void add_access_tools(Command& app, int& code);

struct AccessOptions {
    std::string config = "config/gateway.yaml";
    std::string id;        ///< of an application
    std::string file;      ///< with an application
    std::string reason;    ///< why something is done
    std::string of;        ///< SHA-256 of the text that is approved, as `show` says it; empty: whichever it is
    std::string field;     ///< "/idNo", "realestate-certificate/holders/*/idNo"
    std::string consumer;  ///< whose lines are shown; empty: everybody's
    bool overdue{};        ///< only what should have been decided by now
    bool json{};
};

/// Applications, newest last. @return kWanting when --overdue finds some.
[[nodiscard]] int access_list(const AccessOptions& options);
[[nodiscard]] int access_show(const AccessOptions& options);
/// Hands an application in.
[[nodiscard]] int access_request(const AccessOptions& options);
/// @param act  as the admin API's path says it: "approve", "request-changes" ...
[[nodiscard]] int access_act(const AccessOptions& options, const std::string& act);

/// Who may ask what, by the configuration alone: no gateway need run.
[[nodiscard]] int access_matrix(const AccessOptions& options);
/// Who may see a field. @return kWanting when nobody may, kUsage for a field that there is not.
[[nodiscard]] int access_who_can(const AccessOptions& options);

/// Adds `datong consent` with its commands. The command that was chosen leaves its exit code.
void add_consent_tools(Command& app, int& code);

struct ConsentOptions {
    std::string config = "config/gateway.yaml";
    std::string id;        ///< of a consent
    std::string reason;    ///< why it is revoked
    std::string consumer;  ///< whose are listed; empty: everybody's
    std::string file;      ///< with what is signed: YAML or JSON
    std::string key;       ///< PEM file of the issuer's private key
    std::string keyid;
    bool json{};
};
[[nodiscard]] int consent_list(const ConsentOptions& options);
[[nodiscard]] int consent_show(const ConsentOptions& options);
[[nodiscard]] int consent_revoke(const ConsentOptions& options);
/// Prints the compact JWS of a consent or a revocation.
[[nodiscard]] int consent_sign(const ConsentOptions& options);

/// Adds `datong items` with its commands. The command that was chosen leaves its exit code.
void add_items_tools(Command& app, int& code);

struct MatterDraftOptions {
    std::string config = "config/gateway.yaml";
    std::string folder;   ///< of the editions; empty: beside the gateway's store
    std::string links;    ///< as ItemsOptions
    std::string code;     ///< of the item, or its beginning
    std::string id;       ///< of the matter; empty: made of the code
    std::string purpose;  ///< empty: the id
};
/// Prints a matter drafted from an item: what a service brings is asked of it, the rest is no_match.
[[nodiscard]] int items_draft(const MatterDraftOptions& options);

struct ItemsOptions {
    std::string config = "config/gateway.yaml";
    std::string folder;     ///< where editions are kept; empty: `items` beside the gateway's store
    std::string tasks;      ///< file of up_task_general_basic: .csv or .json
    std::string materials;  ///< file of up_task_general_material
    std::string source;     ///< "DEPARTMENT/SOURCE" whose operations `tasks` and `materials` are asked instead
    std::string links;      ///< table of materials and services; empty: items/material-links.csv beside gateway.yaml
    std::string code;       ///< of one item
    int before{};           ///< edition; 0: the last but one
    int after{};            ///< edition; 0: the last
    bool json{};
};
/// Reads both tables and keeps them as a new edition, where anything changed. @return kWanting when rows were left out.
[[nodiscard]] int items_import(const ItemsOptions& options);
[[nodiscard]] int items_list(const ItemsOptions& options);
[[nodiscard]] int items_show(const ItemsOptions& options);
/// What changed between two editions. @return kWanting when something did.
[[nodiscard]] int items_diff(const ItemsOptions& options);
/// Which materials a service can bring, and why not the others.
[[nodiscard]] int items_links(const ItemsOptions& options);

/// Prints the JWKS that verify needs: public keys of the gateway, the departments and the consumers, with owners.
[[nodiscard]] int keys(const std::string& config);

struct VerifyOptions {
    std::string folder;                          ///< or a file that proves something
    std::string keys;                            ///< JWKS file
    std::optional<evidence::KnownHead> known{};  ///< what an earlier verification printed: it must still be there
    std::vector<std::string> authorities{};      ///< PEM files: who is trusted to have stamped seals
    std::string anchor{};                        ///< file with a seal that was published; empty: none
    bool without_seals{};                        ///< of a version before seals
};
/// Proves a folder of evidence with the public keys of a JWKS file.
[[nodiscard]] int verify(const VerifyOptions& options);

/// The same of the container of one exchange. @param octets  of the file; @param jwks  as `keys` above.
[[nodiscard]] int verify_container(const std::string& octets, const record::Record& jwks,
                                   const std::vector<std::string>& stamp_anchors);

struct DemoOptions {
    bool once{};
    std::string folder;  ///< empty: a new one under the system's temporary folder, removed at the end
    std::string config = "config/gateway.yaml";
    std::string
        broker;  ///< amqp://user:password@host:port/vhost, for departments behind a bus; empty: they are left out
};
/// The whole journey on this machine: keys, departments, gateway, calls, verification.
[[nodiscard]] int demo(const DemoOptions& options);

/// Adds `datong evidence`, `datong stats` and `datong backup` with their commands. The command that was chosen leaves
/// its exit code.
void add_evidence_tools(Command& app, int& code);

struct EraseOptions {
    std::string config = "config/gateway.yaml";
    std::string exchange;
    std::string case_number;
    std::string before;     ///< RFC 3339
    int older_than_days{};  ///< 0: see before
    std::string basis;
    std::string what;  ///< "bodies" or "subjects" only; empty: both
};
/// Rules a page of `evidence list`; empty ones do not narrow it.
struct EvidenceListOptions {
    std::string config = "config/gateway.yaml";
    ledger::Wanted wanted;
    std::string subject;  ///< JSON file {"id_type"?, "id_no"}, "-": standard input; empty: whoever it is about
    std::string kind = "exchange";  ///< or "administration": of that only outcome, from, until, after, most and these
    std::string actor;              ///< account
    std::string act;                ///< "account.add", or "account" for all of them
    std::string target;
    bool json{};
};
[[nodiscard]] int evidence_list(const EvidenceListOptions& options);
/// The acts of people who administer, read from the log itself.
[[nodiscard]] int evidence_acts(const EvidenceListOptions& options);

struct EvidenceOptions {
    std::string config = "config/gateway.yaml";
    std::string exchange;
    bool json{};
};
[[nodiscard]] int evidence_show(const EvidenceOptions& options);

struct ContainerOptions {
    std::string config = "config/gateway.yaml";
    std::vector<std::string> exchanges;
    std::string out;  ///< of one exchange a file, of several a folder; empty: EXCHANGE.asice here
};
/// Writes the container of each exchange, signed by the gateway's key of the moment.
[[nodiscard]] int evidence_export(const ContainerOptions& options);
/// Makes the index anew from the log.
[[nodiscard]] int evidence_reindex(const EvidenceOptions& options);

struct SavedOptions {
    std::string folder;         ///< of evidence
    std::string by = "matter";  ///< "matter", "department" or "month"
    bool exchanges{};           ///< name those that prove each number
    bool json{};
};
/// Counts the materials that nobody had to hand in, from the log alone.
[[nodiscard]] int stats_saved(const SavedOptions& options);

struct SupervisionOptions {
    std::string config = "config/gateway.yaml";
    std::string folder;  ///< of evidence
    std::string cases;   ///< file of up_pro_accept: .csv or .json
    std::string taken;   ///< file of the materials taken with them
    std::string links;   ///< table of materials and services; empty: items/material-links.csv beside gateway.yaml
    std::string by = "window";  ///< "window", "item", "department" or "day"
    bool list{};                ///< name each case that was not asked for, or had to bring what was there
    bool json{};
};
/// Compares what windows took on paper with what departments were asked for. kWanting when a row was left out.
[[nodiscard]] int stats_supervision(const SupervisionOptions& options);

struct ArchiveOptions {
    std::string config = "config/gateway.yaml";
    std::string before;     ///< RFC 3339
    int older_than_days{};  ///< 0: see before
    std::string to;         ///< folder
};
/// Moves old segments into another folder; beside a running gateway, too.
[[nodiscard]] int evidence_archive(const ArchiveOptions& options);

struct BackupOptions {
    std::string config = "config/gateway.yaml";
    std::string folder;  ///< of the backup
    std::string keys;    ///< restore: JWKS file of the keys that are trusted
    std::string to;      ///< restore: empty folder
};
[[nodiscard]] int backup_create(const BackupOptions& options);
[[nodiscard]] int backup_restore(const BackupOptions& options);

/// Erases bodies beside the chain, by the gateway that runs on this machine or, where none does, here.
[[nodiscard]] int evidence_erase(const EraseOptions& options);

void print(const Mistakes& mistakes);

}  // namespace datong::app
