#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/record.h"

namespace datong::policy {

// Fields as grants, matters and subsets name them: "*" for all, or JSON pointers (RFC 6901, with ~0 and ~1) in which
// '*' is every member of an object and every item of a list. One that names an object or a list means all below it.

/// Only what these fields name; lists keep their items, empty objects go.
[[nodiscard]] record::Record minimise(const record::Record& content, std::span<const std::string> fields);

/// Whether they cover a place: "/holders" covers "/holders/*/name", "/status" only itself. A '*' of the place is only
/// covered by a '*'; an index of a list by '*', too.
[[nodiscard]] bool covers(std::span<const std::string> fields, std::string_view pointer);

/// What both name: minimise() by it keeps what is kept by both. None of the result is covered by another of it.
[[nodiscard]] std::vector<std::string> intersect(std::span<const std::string> one, std::span<const std::string> other);

}  // namespace datong::policy
