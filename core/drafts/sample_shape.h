#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::drafts {

/// How a record is wrapped in a sample reply, as a mapping's `source` says it.
struct SampleShape {
    std::string format;               ///< "json" or "xml"
    std::vector<std::string> unwrap;  ///< items of `unwrap` in YAML, from the outside in
    std::string none;       ///< path that may be empty when there is no such record: for the department to say
    record::Record record;  ///< what is left: one object
};

/// Takes a sample reply apart: SOAP envelope, XML or JSON inside a text, the department's own code of success, and the
/// one object below that has most fields.
/// @param take  paths down to the record, as take_record has them; empty: they are guessed.
/// @return Fault::bad_request when it is neither XML nor JSON, or holds no object.
[[nodiscard]] Result<SampleShape> shape_of(std::string_view sample, const std::vector<std::string>& take);

}  // namespace datong::drafts
