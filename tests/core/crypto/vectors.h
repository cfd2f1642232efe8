#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "core/base/text.h"

namespace datong::tests {

/// The bytes of tests/data/<name>; throws when there is no such file, which fails the test.
inline std::string data(const std::string& name) {
    std::ifstream in{std::string{DATONG_TEST_DATA "/"} + name, std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    if (!in || all.str().empty()) {
        throw std::runtime_error("no test data " + name);
    }
    return all.str();
}

/// The octets of a file of hexadecimal digits with a final line break.
inline std::string hex_data(const std::string& name) {
    const std::string text = data(name);
    return from_hex(text.substr(0, text.find('\n'))).value();
}

}  // namespace datong::tests
