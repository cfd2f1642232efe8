#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/path/query.h"
#include "core/record/record.h"

namespace datong::workbench {

/// Reads a department's sample: XML when it begins with '<' (then the content of the document element, as
/// mappings see it), else JSON.
/// @param is_text  the charset is settled: what an XML declaration says of it is ignored.
/// @return Fault::bad_request with the place and the reason.
[[nodiscard]] Result<record::Record> read_sample(std::string_view bytes, bool is_text = false);

/// Goes down from a sample by one path after the other, each of which meets one node. A text there that is
/// XML or JSON itself (CDATA, JSON in a string) is read before the next one.
[[nodiscard]] Result<record::Record> take_record(record::Record record, const std::vector<std::string>& take);

/// The nodes that a path meets in a sample, each as "normalised path<tab>JSON value" on a line of its own.
/// @param path  RFC 9535, or relative as mappings write it; a relative one begins at the sample's root.
/// @return Fault::bad_request with the column of the path's first mistake.
[[nodiscard]] Result<std::vector<path::Found>> find_nodes(const record::Record& sample, std::string_view path);
[[nodiscard]] std::string shown_nodes(const std::vector<path::Found>& nodes);

}  // namespace datong::workbench
