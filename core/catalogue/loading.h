#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalogue/load.h"
#include "core/codec/settings.h"
#include "core/keyring/published.h"
#include "core/keyring/ring.h"
#include "core/yaml/node.h"

namespace datong::catalogue {

/// What the loaders of one load share: the snapshot being built, the mistakes, and every file read so
/// far (for the digest). Lives on the stack of load(); one thread.
struct Loading {
    const LoadWith& with;
    std::string root;      ///< folder of gateway.yaml, with '/' at its end
    std::string mappings;  ///< folder of the mappings, with '/' at its end; empty: there is none, which has been told
    Snapshot& snapshot;
    Mistakes& mistakes;
    std::vector<std::pair<std::string, std::string>> read_files{};  ///< name and content

    /// A path as written in the configuration, from the root's folder on.
    [[nodiscard]] std::string path_of(const std::string& written) const;
    /// Names of the YAML files in a folder, sorted; none where there is no such folder. One that can't be read to its
    /// end is a mistake: whatever is not seen of it would be taken away.
    [[nodiscard]] std::vector<std::string> list(const std::string& folder);
    /// Reads a file; a file that can't be read is a mistake at `at`.
    [[nodiscard]] std::optional<std::string> file(const std::string& written, const yaml::Node& at);
    /// Parses a YAML file, expands ${...}, and checks its first line `datong: KIND/v1`.
    [[nodiscard]] std::optional<yaml::Node> document(const std::string& path, std::string_view kind);
    /// Compiles a mapping named below mappings/; its mistakes join ours.
    [[nodiscard]] std::shared_ptr<const mapping::Mapping> compile_mapping(const std::string& path,
                                                                          const yaml::Node& at);
    /// A private key of {id, file}, or all keys of a ring: those that are used no more join the retired ones.
    /// @param owner  "gateway" or "department:ID".
    [[nodiscard]] std::optional<NamedKey> signing_key(const yaml::Node& node, const std::string& owner);
    /// The same of keys that others seal to as well: their ring is of role encrypt, or of role sign.
    [[nodiscard]] std::optional<NamedKey> opening_key(const yaml::Node& node, const std::string& owner);
    /// A ring's file. @param role  that it must have. @param or_role  that will do as well.
    [[nodiscard]] std::optional<keyring::Ring> ring(const yaml::Node& node, const std::string& written,
                                                    crypto::KeyUse role, std::optional<crypto::KeyUse> or_role = {});
    /// A key whose private half anybody can read is a mistake outside stage sandbox.
    template <class Key>
    void refuse_published(const Key& key, const yaml::Node& at) {
        const std::string_view where = keyring::published_in(key);
        if (!where.empty() && snapshot.gateway.stage != "sandbox") {
            mistake(at, "C218", "公开的测试密钥不得用于生产: " + std::string{where},
                    "a published test key is for stage sandbox only: " + std::string{where},
                    "datong cert init sign NAME");
        }
    }
    /// A file that keeps a secret; one that others may read is a mistake at `at`.
    [[nodiscard]] std::optional<Secret> secret(const std::string& written, const yaml::Node& at);
    /// A public key of `node`'s `file`; a mistake there when it is none.
    [[nodiscard]] std::optional<crypto::VerifyingKey> public_key(const yaml::Node& node, const std::string& file);
    /// A list of public keys that sign no more, into the snapshot. @param list  nullptr: none.
    void retired_keys(const yaml::Node* list, const std::string& owner);
    void mistake(const yaml::Node& at, std::string code, std::string text_zh, std::string text_en,
                 std::string hint = {});
    /// "unknown KIND 'x'", with the nearest id that there is.
    void unknown(const yaml::Node& at, std::string_view kind, const std::string& id,
                 const std::vector<std::string>& known);

    /// An operation of `node` that the source does not list: "source X has no operation 'y'", C201 at its own place.
    void check_operation(const yaml::Node& node, const adapter::Guard& source, const std::string& operation);

    ById<std::shared_ptr<const mapping::Mapping>> compiled{};  ///< by path: a mapping used twice compiles once
    /// By source, as its settings name them. None of a plug-in that has no `operations`: it alone knows its own.
    ById<std::vector<std::string>> operations{};
};

template <class T>
[[nodiscard]] std::vector<std::string> ids_of(const ById<T>& map) {
    std::vector<std::string> ids;
    for (const auto& entry : map) {
        ids.push_back(entry.first);
    }
    return ids;
}

/// Where a key's value stands, or the `i`-th item of its list; the node itself where it has none.
[[nodiscard]] const yaml::Node& place_of(const yaml::Node& node, std::string_view key);
[[nodiscard]] const yaml::Node& place_of(const yaml::Node& node, std::string_view key, std::size_t i);

[[nodiscard]] bool is_id(std::string_view id);  ///< [a-z][a-z0-9-]*
/// The `version` of a service or matter: MAJOR.MINOR.PATCH, for MAJOR stands in the namespace that callers name.
[[nodiscard]] std::string read_version(Loading& loading, codec::SettingsReader& reader);

/// A key of a ring, ready to sign.
[[nodiscard]] std::optional<NamedKey> open_ring_key(Loading& loading, const yaml::Node& at,
                                                    const std::string& ring_file, const keyring::RingKey& key);
/// `name` as a ring at `ring_file` writes it: from the ring's folder on.
[[nodiscard]] std::string beside(const std::string& ring_file, const std::string& name);

/// The `tls` of a listener: chain and key, or a ring.
void read_tls(Loading& loading, const yaml::Node& node, Listener& listener);

/// The `evidence` of gateway.yaml.
void read_evidence(Loading& loading, const yaml::Node& node);

/// The `door` of a consumer, whose certificates and networks are read. @param consumer  lives as long as the snapshot.
/// @return nullptr for a mistake.
[[nodiscard]] std::shared_ptr<const CallerDoor> read_door(Loading& loading, const yaml::Node& node,
                                                          const Consumer& consumer);

/// Where somebody is told what came later: only at hosts that the administrator lists, for what is told is personal,
/// and the gateway stands where it reaches much. @param node  nullptr: nowhere.
[[nodiscard]] std::optional<Callback> read_callback(Loading& loading, const yaml::Node* node);

/// `title` and `titles` of a thing with a title. @param otherwise  when it has none; empty: it must have one.
[[nodiscard]] Title read_title(Loading& loading, codec::SettingsReader& reader, std::string otherwise = {});

/// The `submit` of a service of that kind. @param node  nullptr: it is missing, a mistake.
[[nodiscard]] Submission read_submission(Loading& loading, const yaml::Node& service, const yaml::Node* node);
/// The `files` of a service, whose source and response mapping are known. @param node  nullptr: it has none.
void read_files(Loading& loading, const yaml::Node* node, Service& service);
/// Whether kind, offers and submit of a service go together.
void check_kind(Loading& loading, const yaml::Node& node, const Service& service,
                const std::vector<std::string>& offers);

/// What a service that is read otherwise says of least data: sensitive, most, persons, subsets.
void read_least(Loading& loading, const yaml::Node& node, Service& service);
/// And a material, with its fields. @param subset  that it names; empty: none.
void read_least(Loading& loading, const yaml::Node& node, Material& material, const std::string& subset);
/// What each matter, and each purpose, needs of every service.
void note_needs(Loading& loading);
/// The predicates of a material; a value is a text, or a path into the call.
[[nodiscard]] std::vector<policy::Predicate> read_verify(Loading& loading, const yaml::Node& node);

// in the order in which they refer to each other
void load_gateway(Loading& loading, const yaml::Node& node);
void load_departments(Loading& loading);
void load_services(Loading& loading);
void load_case_register(Loading& loading, const yaml::Node& node);
void load_licences(Loading& loading);
void load_consumers(Loading& loading);
/// Where a consent is required and nobody may sign one, every call is refused: a warning C212.
void warn_without_issuers(Loading& loading, const yaml::Node& at);
/// @param list  nullptr: nobody signs consents.
void load_consent_issuers(Loading& loading, const yaml::Node* list);
void load_grants(Loading& loading);
void load_matters(Loading& loading);
void load_languages(Loading& loading);
/// @param node  the path of the calendar's file.
void load_calendar(Loading& loading, const yaml::Node& node);

/// Replaces ${NAME} and ${NAME:-text} in every scalar; a variable that is not set and has no default
/// is a mistake C208. "$${" becomes "${", which names no variable.
void expand(yaml::Node& node, const Files& files, Mistakes& mistakes);

}  // namespace datong::catalogue
