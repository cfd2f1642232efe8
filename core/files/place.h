#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/record.h"

namespace datong::files {

/// A leaf of a record, and where it stands.
struct Place {
    std::string pointer;     ///< RFC 6901, every index written out: "/plans/0/file"
    record::Record* leaf{};  ///< lives as long as the record is not rebuilt
};

/// Every value that is there at a pattern. @param pattern  a pointer, '*' for every item of a list.
[[nodiscard]] std::vector<Place> find_places(record::Record& content, std::string_view pattern);

/// The value at a pointer without '*'; nullptr: none.
[[nodiscard]] const record::Record* find_place(const record::Record& content, std::string_view pointer);

/// The record without the values at those pointers.
[[nodiscard]] record::Record without(record::Record content, std::span<const std::string> pointers);

}  // namespace datong::files
