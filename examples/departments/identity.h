#pragma once

#include <string>

namespace datong::departments {

/// A server's certificate and its key, both PEM.
struct Identity {
    std::string certificate;
    std::string key;
};

/// A certificate of its own making for 127.0.0.1, as departments' servers have them: signed by nobody else,
/// valid for ten years. Another one each time.
[[nodiscard]] Identity self_signed(const std::string& name);

}  // namespace datong::departments
