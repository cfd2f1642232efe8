#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"

namespace datong {
class Command;
}

namespace datong::app {

/// Whether one of them is that a division is not known.
[[nodiscard]] bool is_about_division(const std::vector<mapping::Finding>& findings);
/// What to say then where --test-division was not.
inline constexpr const char* kLacksTestDivision =
    "  有记录因行政区划不存在未通过：9999xx 的虚构人员须加 --test-division\n"
    "  records were refused for their division: invented people of 9999xx need --test-division\n";

/// Adds the clerk's tools around mappings to `datong map`. The command that was chosen leaves its exit code.
void add_map_tools(Command& map, int& code);

struct PathOptions {
    std::string path;
    std::vector<std::string> take;  ///< paths down to where `path` begins
    std::string sample = "-";       ///< "-": standard input
};
/// Prints the nodes that a path meets; 1 when there are none.
[[nodiscard]] int map_path(const PathOptions& options);

struct ExportOptions {
    std::string file;
    std::string out;  ///< empty: standard output
};
/// Prints the rows of a mapping as a CSV table.
[[nodiscard]] int map_export(const ExportOptions& options);

struct ImportOptions {
    std::string csv;
    std::string into;
    std::string mappings;
    bool test_division{};
};
/// Puts a CSV table back into its mapping. The file stays as it is when the table is refused, or when the
/// new mapping does not compile though the old one did.
[[nodiscard]] int map_import(const ImportOptions& options);

struct DiffOptions {
    std::string before;
    std::string after;
    std::string samples;  ///< folder of the department's replies; empty: the mappings' own tests only
    std::string context;  ///< JSON file that from_ctx reads
    std::string at;       ///< RFC 3339; empty: now
    std::string mappings;
    bool test_division{};
};
/// Says what was changed between two versions and which outputs differ because of it; 1 when anything does.
[[nodiscard]] int map_diff(const DiffOptions& options);

struct LineageOptions {
    std::vector<std::string> paths;  ///< files or folders
    std::string mappings;
    std::string configuration;  ///< folder of gateway.yaml, whose grants name legal bases; empty: none
    bool csv{};
    bool test_division{};
};
/// Prints where every target field is from.
[[nodiscard]] int map_lineage(const LineageOptions& options);

struct DraftOptions {
    std::vector<std::string> samples;
    std::vector<std::string> take;
    std::string id = "draft.record";
    std::string out;  ///< empty: standard output
};
/// Drafts a source schema from samples.
[[nodiscard]] int map_schema_infer(const DraftOptions& options);

struct ShadowOptions {
    std::vector<std::string> files;  ///< counts of one candidate, as the gateway keeps them
    std::vector<std::string> explained;
    std::uint64_t records = 10'000;
};
/// Puts the counts together and says whether the candidate may be put in force; 1 when it may not yet.
[[nodiscard]] int map_shadow_report(const ShadowOptions& options);

}  // namespace datong::app
