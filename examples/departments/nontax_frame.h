#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "examples/departments/tiny_frame.h"

namespace datong::departments {

// The frame CNNONTAX of the finance bureau: 8 digits of length, CNNONTAX, 1.0, a message number, GBK XML, a check
// value.

[[nodiscard]] FrameHead nontax_head();

/// @return the message of a request in UTF-8; nullopt when its check value is wrong.
[[nodiscard]] std::optional<std::string> open_nontax(std::string_view request);

/// A frame 5001.
/// @param inside  XML behind the result, UTF-8
/// @param to_gbk  false: sent in UTF-8, against what the message declares
[[nodiscard]] std::string nontax_answer(std::string_view result, std::string_view text, const std::string& inside,
                                        bool to_gbk = true);

}  // namespace datong::departments
