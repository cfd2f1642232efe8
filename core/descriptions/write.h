#pragma once

#include <string>
#include <vector>

#include "core/descriptions/interface.h"

namespace datong::descriptions {

struct DraftOptions {
    std::string department;   ///< id, [a-z][a-z0-9-]*
    std::string source;       ///< the same
    std::string description;  ///< file or URL that the draft is from, for its first line
};

struct DraftFile {
    std::string path;  ///< below the draft's folder
    std::string text;
};

/// What was drafted of one operation, and what a person must fill in before it serves.
struct DraftedOperation {
    std::string name;
    std::string response;  ///< paths of the two mappings, below mappings/
    std::string request;
    std::vector<Gap> gaps;
};

struct Draft {
    std::vector<DraftFile> files;
    std::vector<DraftedOperation> operations;
};

/// The draft of a source's settings (sources/DEPARTMENT.SOURCE.yaml), and of each operation a service, both mappings
/// and their schemas, in the layout of a configuration. Each mapping compiles, or the mistakes of `datong map check`
/// stand among the gaps.
[[nodiscard]] Draft write_draft(const Interface& described, const DraftOptions& options);

/// A name of ids: "queryBdcInfo" -> "query-bdc-info"; empty where nothing of it can stand there.
[[nodiscard]] std::string id_of(std::string_view name);

}  // namespace datong::descriptions
