#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::profiles {

/// A place in a message, by names with dots between: "head.token", or "datas.0.token" where a number is an item of
/// a list. Of XML it begins below the document element. A name that holds a dot itself can't be said.
class Place {
public:
    /// @return Fault::bad_request for an empty name.
    [[nodiscard]] static Result<Place> parse(std::string_view text);

    /// nullptr where there is nothing.
    [[nodiscard]] const record::Record* find(const record::Record& message) const;
    /// Makes the objects that are missing on the way.
    /// @return Fault::internal where something else stands in the way, or a list has no such item.
    [[nodiscard]] Status put(record::Record& message, record::Record value) const;

private:
    std::vector<std::string> names_;
};

/// A message of either format as a Record: XML where it begins with '<', else JSON.
/// @return Fault::bad_request when it is neither.
[[nodiscard]] Result<record::Record> read_message(std::string_view body);

}  // namespace datong::profiles
