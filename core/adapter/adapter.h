#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/async/pool.h"
#include "core/async/resolve.h"
#include "core/base/clock.h"
#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/record/record.h"
#include "core/telemetry/sink.h"
#include "core/yaml/node.h"

namespace datong::adapter {

/// What one call asks of a department's system, in that system's own words: what the request mapping
/// made. `body` for formats that are bytes (xml, json, fixed), `fields` for kv (SQL parameters, a
/// query string, a form).
struct Ask {
    std::string operation;  ///< as named under `operations` in the source's settings
    std::string body;
    std::string content_type;
    record::Record fields;  ///< an object of legacy names and scalars
    /// In place of an operation: an address that an earlier reply named, whose file is wanted; empty: none.
    std::string file{};
    std::size_t most{};  ///< octets that such a file may have
};

/// Facts about the running call that an adapter may use but not change.
struct Errand {
    std::string exchange;  ///< the exchange's id, for correlation in the legacy protocol
    Deadline deadline;     ///< past this nobody waits for the answer
    /// The call's place in the source's bulkhead. Work that may go on after the call was given up (a
    /// driver that blocks) keeps a copy until it ends.
    std::shared_ptr<const void> place{};
    /// Never asked a second time, by the guard or by the adapter: a submit, which may have had its effect.
    bool once{};
};

/// A file that came beside a message (MTOM, SwA).
struct Part {
    std::string id;  ///< the message names it "cid:ID"
    std::string octets;
};

/// The department's answer as it came: nothing decoded, nothing judged. Envelope, charset and outcome
/// belong to the mapping's `unwrap`.
struct Reply {
    int status{};              ///< HTTP status; 0 where the protocol has none
    std::string content_type;  ///< as received
    std::string body;
    record::Record rows;  ///< sql: {set: [{COLUMN: bytes or null}]}; null for the others
    std::vector<Part> parts{};
};

/// How far a probe came, and what was proven by it.
struct Contact {
    enum class Step {
        reachable,  ///< something takes connections there; whether it takes our credentials shows with the first call
        authenticated,  ///< it let us in with what the settings say
        anonymous,      ///< it takes connections, and the settings hold no credentials that could be tried
    };
    Step step{};
    std::string_view proof_zh{};  ///< static text; empty: nothing beside the step
    std::string_view proof_en{};

    static const Contact reachable;
    static const Contact authenticated;
    static const Contact anonymous;

    /// The same step, whatever proves it.
    [[nodiscard]] bool operator==(const Contact& other) const noexcept { return step == other.step; }
};
inline constexpr Contact Contact::reachable{.step = Step::reachable};
inline constexpr Contact Contact::authenticated{.step = Step::authenticated};
inline constexpr Contact Contact::anonymous{.step = Step::anonymous};

/// What an administrator should know of a source that works: an old box met where it is, a weak
/// signature that its platform asks for. `datong source check` shows it.
struct Warning {
    std::string text_zh;
    std::string text_en;
};

/// Speaks one protocol to one department's system.
///
/// One object per source serves calls from every loop. It keeps no state of a call, throws nothing,
/// logs nothing personal, and never retries: the guard around it does deadline, bulkhead, breaker and
/// retry alike for all adapters.
class Adapter {
public:
    Adapter() = default;
    Adapter(const Adapter&) = delete;
    Adapter& operator=(const Adapter&) = delete;
    virtual ~Adapter() = default;

    /// @return Fault::department_down or department_timeout when there is no answer; department_invalid
    ///         when what came is no message of the protocol at all. Of a file: not_permitted for an address that the
    ///         settings do not allow, body_too_large, department_refused for a status that is no 200.
    [[nodiscard]] virtual boost::asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) = 0;

    /// Whether the system can be reached at all, without asking about anybody; for `datong source check`.
    /// @return Fault::department_down or department_timeout when it can't.
    [[nodiscard]] virtual boost::asio::awaitable<Result<Contact>> probe(Errand errand) = 0;

    /// Whether ask() takes `Ask::file`.
    [[nodiscard]] virtual bool fetches_files() const { return false; }

    /// Why no call can be answered before the configuration is loaded anew (a plug-in that was refused);
    /// empty: nothing is in the way. Every call then ends as Fault::unavailable.
    [[nodiscard]] virtual std::string disabled() const { return {}; }

    /// What the settings weaken, known without asking anybody; nothing for most sources.
    [[nodiscard]] virtual std::vector<Warning> warnings() const { return {}; }
};

/// A supplier's shared object, as gateway.yaml pins it under `plugins`.
struct PluginPin {
    std::string kind;    ///< what `adapter:` names, and the shared object must call itself
    std::string file;    ///< absolute path
    std::string sha256;  ///< 64 lower-case hexadecimal digits
    std::size_t max_answer{};
};

/// How a source's server is asked about: whether its certificate was revoked (docs/keys.md).
struct ServerRevocation {
    bool is_hard{};                    ///< refused where nothing current is known
    std::vector<std::string> crls;     ///< files and http URLs
    std::string ocsp;                  ///< http URL; empty: none
    std::vector<std::string> anchors;  ///< PEM
    std::chrono::seconds refresh{60};
    std::chrono::milliseconds timeout{3'000};  ///< of one question
};
/// @param chain_pem  the server's certificate and those that came with it.
/// @return Fault::department_down, unsent, for a server that is not to be asked; department_timeout, unsent, where that
///         is not known by the deadline.
using ServerJudge = std::function<boost::asio::awaitable<Status>(
    ServerRevocation rules, std::string sha256, std::shared_ptr<const std::string> chain_pem, Deadline deadline)>;

/// What an adapter may use of the gateway.
struct Tools {
    std::shared_ptr<async::Pool> blocking;  ///< the source's own, for drivers that block, through async::on_pool
    const Clock& clock;
    telemetry::Sink& sink;
    std::string folder;          ///< relative file names in settings begin here
    const PluginPin* pin{};      ///< of a source whose kind is a plug-in's; nullptr: a built-in kind
    std::size_t in_flight{};     ///< most calls at once that the source's owner agreed to; 0: nobody said
    ServerJudge judge_server{};  ///< empty: nobody here can ask about servers
    async::LookUp look_up{};     ///< of hosts' names; empty: the system's
};

/// `group` is a map of its own with the settings of `entry`; `map` has names that the file chooses.
enum class SettingKind { text, whole, milliseconds, flag, file, folder, url, map, list, group };

/// One setting of an adapter: the reader, the JSON Schema and the documentation come from this.
struct Setting {
    std::string name;
    SettingKind kind{SettingKind::text};
    bool required{};
    bool secret{};          ///< never shown, logged or exported
    std::string otherwise;  ///< default as text; empty: none
    std::string help_en;
    std::string help_zh;
    std::vector<std::string> choices{};  ///< of a text: the only values; empty: any
    std::int64_t least{};                ///< of a whole number or milliseconds
    std::int64_t most{0x7FFF'FFFF};      ///< of a whole number or milliseconds
    /// Of a map whose values are maps again: the settings of each. Empty: the values are texts. Of a group: its own.
    std::vector<Setting> entry{};
    /// Of a secret text: taken from an environment variable (${NAME}) only, never written in the file.
    bool sealed{};
};

/// An adapter kind: name, version, settings, and how one is made.
struct Kind {
    std::string name;  ///< "rest": [a-z][a-z0-9_]*
    std::string version;
    std::string status;  ///< "stable" or "alpha"
    std::vector<Setting> settings;
    std::vector<Setting> operation_settings;  ///< of each entry under `operations`

    /// @param settings  the `settings` map of a source; mistakes are gathered with file, line, column.
    /// @return nullptr when there was a mistake.
    using Make =
        std::function<std::unique_ptr<Adapter>(const yaml::Node& settings, const Tools& tools, Mistakes& mistakes)>;
    Make make{};
};

/// The kinds that this program has; filled once by adapters/all.cpp, then only read.
class Registry {
public:
    void add(Kind kind);
    [[nodiscard]] const Kind* find(std::string_view name) const;
    /// The one that makes adapters of plug-ins: no kind of its own, `tools.pin` says which.
    void host_plugins(Kind host);
    [[nodiscard]] const Kind* plugin_host() const noexcept { return plugin_host_ ? &*plugin_host_ : nullptr; }
    [[nodiscard]] const std::vector<Kind>& kinds() const noexcept { return kinds_; }

private:
    std::vector<Kind> kinds_;
    std::optional<Kind> plugin_host_;
};

/// JSON Schema (2020-12) of a kind's settings; secrets carry "x-secret": true.
[[nodiscard]] std::string settings_schema(const Kind& kind);

}  // namespace datong::adapter
