#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::workbench {

struct InferOptions {
    std::string id = "draft.record";
    std::vector<std::string> take;  ///< paths from the sample down to the record, as take_record has them
};

/// Drafts a source/v1 schema from samples of one kind: XML, JSON, or CSV with a header (its lines are the
/// list `row`). What is missing or empty in one sample is nullable, what comes twice is a list; a field that
/// often has one of few short values gets `codes`. Classes are guesses, each said in a note: sensitive what
/// looks like an identity, phone or card number, personal what looks like a name, address or birth date.
/// The draft compiles; a person must check it. Values of the samples stand in it only as `codes`.
/// @return Fault::bad_request with the number of the sample and what is wrong with it.
[[nodiscard]] Result<std::string> draft_schema(const std::vector<std::string>& samples, const InferOptions& options);

/// What a field looks like, by its name and the texts that were seen in it.
struct Guess {
    std::string class_name;  ///< "sensitive", "personal", or empty
    std::string note;        ///< why, in both languages
};
[[nodiscard]] Guess guess_class(std::string_view name, const std::vector<std::string>& texts);

}  // namespace datong::workbench
