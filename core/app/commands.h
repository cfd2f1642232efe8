#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/mistake.h"
#include "core/evidence/verify.h"

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
/// Runs the gateway until SIGTERM or SIGINT; SIGHUP reloads. A second SIGTERM or SIGINT while open calls finish ends
/// the process at once with kCutShort: what was answered is in the evidence, what was not is cut off.
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
/// Runs the tests of files and of every mapping in folders.
[[nodiscard]] int map_test(const std::vector<std::string>& paths, const MapOptions& options);

enum class ReferenceForm { list, json, markdown };
/// Prints every built-in step of mappings; as Markdown it is docs/mapping-steps.md.
[[nodiscard]] int map_functions(ReferenceForm form);

/// Prints the JWKS that verify needs: public keys of the gateway, the departments and the consumers, with owners.
[[nodiscard]] int keys(const std::string& config);

/// Proves a folder of evidence with the public keys of a JWKS file.
/// @param known  what an earlier verification printed: that record must still be there.
[[nodiscard]] int verify(const std::string& folder, const std::string& keys,
                         const std::optional<evidence::KnownHead>& known = {});

struct DemoOptions {
    bool once{};
    std::string folder;  ///< empty: a new one under the system's temporary folder, removed at the end
    std::string config = "config/gateway.yaml";
};
/// The whole journey on this machine: keys, departments, gateway, calls, verification.
[[nodiscard]] int demo(const DemoOptions& options);

void print(const Mistakes& mistakes);

}  // namespace datong::app
