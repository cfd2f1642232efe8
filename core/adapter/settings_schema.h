#pragma once

#include <string_view>

#include "core/base/mistake.h"
#include "core/base/result.h"
#include "core/record/record.h"
#include "core/yaml/node.h"

namespace datong::adapter {

/// A plug-in's own JSON Schema (2020-12) of its settings.
///
/// Understood: type, properties, required, additionalProperties, items, enum, const, minimum, maximum,
/// minLength, maxLength, minItems, maxItems, minProperties, and what only describes (title, description,
/// default, examples, deprecated, $schema, $id, $comment, x-...). A schema with another word is refused,
/// for a rule that nobody checks is worse than none.
class SettingsSchema {
public:
    /// @return Fault::bad_request, naming the word or the place in the JSON.
    [[nodiscard]] static Result<SettingsSchema> parse(std::string_view json);

    /// Checks a source's settings and gives YAML's scalars, which have no type, the schema's.
    /// @param mistakes  gathers all, with their places: C101 unknown, C102 missing, C103 wrong kind, C104 out
    ///                  of range, C105 not one of. No value is quoted: it may be secret.
    /// @return of use only when there was no mistake.
    [[nodiscard]] record::Record check(const yaml::Node& settings, Mistakes& mistakes) const;

private:
    explicit SettingsSchema(record::Record root) : root_{std::move(root)} {}

    record::Record root_;
};

}  // namespace datong::adapter
