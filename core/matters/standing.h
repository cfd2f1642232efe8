#pragma once

#include "core/catalogue/model.h"
#include "core/record/record.h"

namespace datong::matters {

/// How a requirement stands before any department is asked.
struct Standing {
    enum class Kind {
        asked,           ///< departments are asked
        no_match,        ///< nothing can be shared yet
        not_applicable,  ///< it is no requirement of this case
        question         ///< the call lacks a fact
    } kind{Kind::asked};
    const catalogue::Question* question{};  ///< that is open
};

/// The first open question that a material's query depends on; nullptr: it waits for none.
/// @param facts  as of standing_of().
[[nodiscard]] const catalogue::Question* open_question(const catalogue::Matter& matter,
                                                       const catalogue::Material& material,
                                                       const record::Record& facts);

/// Every fact that a requirement depends on, by `when` or by its materials' queries, and that the matter has a question
/// for must be in the call with a value among the choices; else the question is open.
/// @param facts  `context.facts`: an object.
[[nodiscard]] Standing standing_of(const catalogue::Matter& matter, const catalogue::Requirement& requirement,
                                   const record::Record& facts);

}  // namespace datong::matters
