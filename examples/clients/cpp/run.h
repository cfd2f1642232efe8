#pragma once

#include <iostream>

#include "examples/clients/cpp/command_line.h"

namespace datong::client {

/// Where a run reads and writes, so that a test can hold all three.
struct Streams {
    std::istream& in = std::cin;
    std::ostream& out = std::cout;
    std::ostream& err = std::cerr;
};

/// Does what the options say.
/// @return an ExitCode.
[[nodiscard]] int run(const Options& options, const Streams& streams);

}  // namespace datong::client
