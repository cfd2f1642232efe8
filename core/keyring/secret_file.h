#pragma once

#include <string>

#include <tl/expected.hpp>

#include "core/base/guarded.h"

namespace datong::keyring {

/// Why a file is not taken as one that keeps a secret, and what to do about it. Never its content.
struct Unkept {
    std::string text_zh;
    std::string text_en;
    std::string hint;  ///< "chmod 600 keys/gateway.key.pem"; may be empty
};

/// Reads a file that holds a secret: a plain file of this process's user or of root, with which others may do nothing
/// and a group no more than read it; at most 1 MiB. What is checked is the file that is read, not one of its name.
[[nodiscard]] tl::expected<Secret, Unkept> read_secret(const std::string& path);

/// The same of a line of text, such as a password: without the line's end.
[[nodiscard]] tl::expected<Secret, Unkept> read_secret_line(const std::string& path);

}  // namespace datong::keyring
